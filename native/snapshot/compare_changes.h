/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changed pages, told in page order: runs of them to show, and the first of them to be diagnosed. */
#ifndef PMPOOL_COMPARE_CHANGES_H
#define PMPOOL_COMPARE_CHANGES_H

#include "container.h"
#include <json-c/json.h>
#include <stdbool.h>

/* As ChangeKind of main/api/diagnosis.ts. */
enum pm_change_kind {
	PM_CHANGE_CHANGED,
	PM_CHANGE_ZEROED,
	PM_CHANGE_ONES,
	PM_CHANGE_UNREADABLE,
	PM_CHANGE_ADDED,
	PM_CHANGE_REMOVED,
	PM_CHANGE_COUNT,
};

#define PM_RUNS_MAX 4096u
#define PM_SUSPECTS_MAX 65536u

struct pm_changed_run {
	uint64_t page, pages, address;
	enum pm_change_kind kind;
};

struct pm_changed_page {
	uint64_t page;
	enum pm_change_kind kind;
	bool pattern; /* a free page that held a pattern */
	uint8_t digest[PM_DIGEST_BYTES]; /* as it is now; 0 when unreadable */
	uint8_t expected[PM_DIGEST_BYTES]; /* 0 of a pattern */
};

struct pm_changes {
	struct pm_changed_run *runs;
	size_t run_count;
	struct pm_changed_page *suspects;
	size_t suspect_count;
	uint64_t counts[PM_CHANGE_COUNT]; /* pages of each kind */
	uint64_t beyond[PM_CHANGE_COUNT]; /* of them those that are no suspects: there were too many */
};

bool pm_changes_open(struct pm_changes *changes); /* false without memory */
void pm_changes_close(struct pm_changes *changes);

/* What a page of this digest is. */
enum pm_change_kind pm_change_kind_of(const uint8_t digest[PM_DIGEST_BYTES]);

/* A run ends where pages or physical addresses do not follow each other. */
void pm_changes_add(struct pm_changes *changes, uint64_t page, uint64_t address, enum pm_change_kind kind);
/* It is to be diagnosed, too. */
void pm_changes_suspect(struct pm_changes *changes, const struct pm_changed_page *page);

/* Runs by page, when free pages came behind the others. */
void pm_changes_sort(struct pm_changes *changes);
const char *pm_change_kind_name(enum pm_change_kind kind);
struct json_object *pm_changes_runs_json(const struct pm_changes *changes); /* ChangedRun[] */
/* "; the first 65536 were diagnosed, of the others 3 are zeroed ..." or "" */
void pm_changes_beyond_text(const struct pm_changes *changes, char *text, size_t capacity);

#endif

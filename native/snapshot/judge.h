/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of a verdict share. Each part answers its questions with checks, and with the classes of damage it
 * found; the gravest class becomes the verdict's.
 *
 *   judge_place.c    did this kernel come by the kexec, and does it still leave the region alone
 *   judge_books.c    superblock, metadata, page states, records
 *   judge_pages.c    the bytes
 *   verdict.c        the order of it all, and the JSON
 */
#ifndef PMPOOL_JUDGE_H
#define PMPOOL_JUDGE_H

#include "file.h"
#include "host/check.h"
#include "host/uuid.h"
#include "meter.h"
#include "pmpool/region.h"

/* Gravest first. */
enum pm_class {
	PM_CLASS_REGION_GONE,
	PM_CLASS_REGION_MOVED,
	PM_CLASS_BECAME_RAM,
	PM_CLASS_SUPERBLOCK_LOST,
	PM_CLASS_METADATA_TORN,
	PM_CLASS_CONTENT_CHANGED,
	PM_CLASS_RECORDS_CHANGED,
	PM_CLASS_WRONG_BOOT,
	PM_CLASS_INTACT,
};

enum pm_page_kind { PM_KIND_ZEROED, PM_KIND_ONES, PM_KIND_CHANGED, PM_KIND_UNREADABLE };

struct pm_page_run {
	uint64_t page, pages;
	enum pm_page_kind kind;
};
#define PM_RUNS_MAX 4096u

/* An expected record and what became of it. */
struct pm_fate {
	struct pm_record record; /* sane by itself */
	bool missing, differs, unreadable;
	uint64_t changed_pages;
};

struct pm_judge {
	const struct pm_host *host;
	struct pm_file file; /* the expectation; its superblock says where and how large the pool is */
	struct json_object *facts; /* inside file.meta */
	struct json_object *checks;
	struct pm_meter meter;
	enum pm_class class;
	/* the host now */
	char *cmdline;
	char boot_after[PM_UUID_TEXT];
	char kernel_after[128];
	bool nonce_seen;
	/* the pool's mapping, file.sb.region_bytes long; NULL when the host does not let us read it */
	struct pm_region region;
	bool open;
	bool locked; /* while the books are compared */
	/* books */
	bool freed_since; /* the pool's own log tells of a free after the expectation */
	uint8_t *now; /* buffer of PM_SLICE_BYTES */
	uint64_t states_differ; /* expected allocated pages whose state is another */
	uint64_t states_first; /* the first of them */
	uint8_t *record_bytes; /* the expected records section, as it comes in */
	struct pm_fate *fates; /* sorted by page */
	size_t fate_count;
	/* pages */
	struct pm_page_run runs[PM_RUNS_MAX];
	size_t run_count;
	uint64_t compared, changed;
};

static inline void pm_judge_found(struct pm_judge *judge, enum pm_class class)
{
	if (class < judge->class)
		judge->class = class;
}

/* Errors only when no verdict can be reached. */
enum pm_code pm_judge_boot(struct pm_judge *judge, struct pm_error *err);
enum pm_code pm_judge_place(struct pm_judge *judge, struct pm_error *err);
/* The mapping is open; look for the pool in the other regions when it is not there, and move over to it. */
enum pm_code pm_judge_search(struct pm_judge *judge, bool *found, struct pm_error *err);

/* Leaves the region locked. */
enum pm_code pm_judge_superblock(struct pm_judge *judge, struct pm_error *err);
/* A slice of a section of the expectation, held against the region. */
enum pm_code pm_judge_section(struct pm_judge *judge, struct pm_error *err);
/* All sections have come in. */
enum pm_code pm_judge_records(struct pm_judge *judge, struct pm_error *err);

enum pm_code pm_judge_group(struct pm_judge *judge, struct pm_error *err);
void pm_judge_content(struct pm_judge *judge);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of a verdict share. Each part answers its questions with checks, and with the classes of damage it
 * found; the gravest class becomes the verdict's. What is asked of each region has its number behind the id from the
 * second on: reservation, reservation-1 ...
 *
 *   judge_place.c    did this kernel come by the kexec, and does it still leave the regions alone
 *   judge_search.c   a region that is not in its place: is it somewhere else
 *   judge_books.c    superblocks, and the metadata as attaching sees it
 *   judge_states.c   page states
 *   judge_records.c  records
 *   judge_pages.c    the bytes, by a team of threads
 *   judge_free.c     the pattern on free pages
 *   judge_diagnose.c what happened to changed pages
 *   judge_taken.c    who has the regions' memory now
 *   verdict.c        the order of it all
 *   verdict_json.c   Verdict of main/api/model.ts
 */
#ifndef PMPOOL_JUDGE_H
#define PMPOOL_JUDGE_H

#include "compare_changes.h"
#include "compare_windows.h"
#include "file.h"
#include "host/check.h"
#include "host/uuid.h"
#include "pmpool/pattern.h"
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

/* How this kernel came. */
enum pm_boot { PM_BOOT_KEXEC, PM_BOOT_SAME, PM_BOOT_OTHER };

/* A region that the expectation holds, and what is there of it now. */
struct pm_judged {
	const struct pm_superblock *sb; /* the expected one, in judge->file: where and how large the region has to be */
	size_t number; /* in judge->regions */
	struct pm_region region; /* the mapping, sb->region_bytes long or longer */
	bool open; /* false: the host does not let us read it */
	bool known; /* its superblock is there and the expected one, */
	struct pm_superblock now; /* as this copy says */
	uint64_t directory_bytes; /* of its expected directory extents */
};

/* An expected record of an allocation and what became of it. */
struct pm_fate {
	struct pm_record record; /* sane by itself */
	const struct pm_judged *judged; /* its region */
	uint64_t page; /* pool page */
	bool missing, differs, unreadable;
	uint64_t changed_pages;
};

/* An expected part of a directory: it holds record slots. */
struct pm_extent {
	const struct pm_judged *judged;
	uint64_t offset, bytes; /* in its region */
};

/* What one window of pages came to. */
struct pm_window_seat {
	struct pm_window *window;
	const struct pm_judged *judged; /* its region; NULL: no page of it can be read */
	unsigned held; /* pages that are expected */
	unsigned compared;
	unsigned changed_count;
	struct pm_changed_page changed[PM_WINDOW_PAGES];
};

/* The pattern that free pages hold. */
struct pm_free_pages {
	bool expected;
	struct pm_pattern pattern;
	uint8_t *data; /* of the pattern */
	uint64_t *map; /* a bit for each pool page that was free and is */
	uint64_t *given; /* a bit for each that was used meanwhile, by the log; while the books are compared */
	struct pm_windows windows; /* with such a page */
	uint64_t pages; /* in map */
	uint64_t skipped; /* were free, but are not any more */
	uint64_t checked, changed;
};

struct pm_judge {
	const struct pm_host *host;
	struct pm_task *task; /* may be NULL */
	struct pm_file file; /* the expectation, read in order: its metadata */
	struct pm_snapshot *snapshot; /* the same, at random: its pages */
	struct json_object *facts; /* inside file.meta */
	struct json_object *checks;
	enum pm_class class;
	enum pm_boot boot;
	/* the host now */
	char *cmdline;
	char boot_after[PM_UUID_TEXT];
	char kernel_after[128];
	bool nonce_seen;
	struct pm_judged *regions; /* file.pool.present of them */
	size_t region_count;
	const struct pm_judged *culprit; /* the region that the class was found by; NULL: no region by itself */
	struct pm_region **locked; /* while the books are compared */
	size_t locked_count;
	/* books */
	bool freed_since; /* the pool's own log tells of a free after the expectation */
	uint8_t *now; /* buffer of PM_SLICE_BYTES */
	uint64_t states_differ; /* expected allocated pages whose state is another */
	uint64_t states_first; /* the first of them */
	struct pm_fate *fates; /* sorted by page once all have come in */
	size_t fate_count, fate_capacity;
	struct pm_extent *extents;
	size_t extent_count;
	/* pages */
	struct pm_windows windows; /* of the expectation */
	uint16_t *held; /* pages in each window; free ones behind those of the expectation */
	struct pm_window_seat *seats; /* one for each slot of the team */
	struct pm_changes changes;
	struct pm_free_pages free;
	uint64_t compared, changed, unreadable; /* of the expected pages */
	struct json_object *diagnoses;
	struct json_object *taken;
	struct json_object *host_changes;
};

static inline void pm_judge_found(struct pm_judge *judge, enum pm_class class)
{
	if (class < judge->class)
		judge->class = class;
}

/* The region of a page of the expectation; NULL: it has none. */
struct pm_judged *pm_judge_region(struct pm_judge *judge, uint64_t page);
bool pm_judge_any_open(const struct pm_judge *judge);

/* A check that is asked of each region: with its number where there are several. */
void pm_judge_add(struct pm_judge *judge, const struct pm_judged *judged, const char *id, enum pm_level level,
		  const char *title, const char *remedy, const char *detail, ...) __attribute__((format(printf, 7, 8)));

/* Errors only when no verdict can be reached. */
enum pm_code pm_judge_boot(struct pm_judge *judge, struct pm_error *err);
enum pm_code pm_judge_place(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err);
enum pm_code pm_judge_enter(struct pm_judge *judge, struct pm_judged *judged, const struct pm_region_info *info,
			    uint64_t offset, struct pm_error *err);
/* Look for the region in all others of the host when it is not in its place, and move over to where it is. */
enum pm_code pm_judge_search(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err);

enum pm_code pm_judge_superblock(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err);
/* Locks the regions that are there, and leaves them locked. */
enum pm_code pm_judge_metadata(struct pm_judge *judge, struct pm_error *err);
void pm_judge_unlock(struct pm_judge *judge);
/* The current slice of page states, or records, of the expectation. */
enum pm_code pm_judge_states(struct pm_judge *judge, struct pm_error *err);
enum pm_code pm_judge_records(struct pm_judge *judge, struct pm_error *err);
/* All of them have come in. */
enum pm_code pm_judge_books(struct pm_judge *judge, struct pm_error *err);

/* All pages, expected and free ones. */
enum pm_code pm_judge_pages(struct pm_judge *judge, struct pm_error *err);
void pm_judge_content(struct pm_judge *judge);
/* Where a page is now, or where it is expected when its region is not there; UINT64_MAX: not a page of it. */
uint64_t pm_judge_address(struct pm_judge *judge, uint64_t page);
/* Call look(argument) inside pm_region_guarded; PM_OK also when the mapping was revoked, then *lost. */
enum pm_code pm_judge_look(void (*look)(void *argument), void *argument, bool *lost, struct pm_error *err);

/* What the facts say of a pattern; INVALID when they say it wrong. */
enum pm_code pm_judge_free_open(struct pm_judge *judge, struct pm_error *err);
void pm_judge_free_close(struct pm_judge *judge);
/* Page states of 32 pages, as they were expected and as they are. */
void pm_judge_free_word(struct pm_judge *judge, const struct pm_superblock *sb, uint64_t page, uint64_t was,
			uint64_t is);
enum pm_code pm_judge_free_windows(struct pm_judge *judge, struct pm_error *err);
/* Look at window n of the free ones. */
enum pm_code pm_judge_free_window(struct pm_judge *judge, struct pm_window_seat *seat, uint64_t n,
				  struct pm_error *err);
bool pm_judge_free_bytes(struct pm_judge *judge, uint64_t page, uint8_t *bytes); /* that it should hold */
void pm_judge_free_check(struct pm_judge *judge);

enum pm_code pm_judge_diagnose(struct pm_judge *judge, struct pm_error *err);
enum pm_code pm_judge_taken(struct pm_judge *judge, struct pm_error *err);

struct json_object *pm_verdict_json(struct pm_judge *judge, uint64_t started_ns);

#endif

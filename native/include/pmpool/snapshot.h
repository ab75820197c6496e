/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshot files (.pmsnap) and expectations: one container of typed, checksummed chunks, written in one pass to a file
 * descriptor (so that it works on a pipe), readable at random, and as far as it is whole. docs/snapshot.md describes it.
 */
#ifndef PMPOOL_SNAPSHOT_H
#define PMPOOL_SNAPSHOT_H

#include "core.h"
#include "diagnose.h"
#include "host.h"
#include "task.h"

struct json_object;
struct pm_snapshot; /* an opened file; snapshot/image.c */

/* Window n holds pool pages n * 256 to n * 256 + 255. Regions begin at multiples of 512, so none straddles two. */
#define PM_WINDOW_PAGES 256u

struct pm_snapshot_result {
	uint64_t pages; /* that the file tells of, those of the parent included */
	uint64_t zero_pages; /* of them: all zero; cost nothing */
	uint64_t repeated_pages; /* hold what an earlier page of the file holds; cost nothing */
	uint64_t parent_pages; /* hold what the parent holds */
	uint64_t file_bytes;
	uint64_t moved_pages; /* were freed or allocated while the pages were copied; chunk MOVE tells which */
	uint8_t digest[16]; /* XXH3-128 over the page digests and places; equal content has an equal digest */
};
/* Its members of Snapshot of main/api. */
void pm_snapshot_result_set(struct json_object *object, const struct pm_snapshot_result *result);

struct pm_snapshot_request {
	struct json_object *host; /* facts that go into META as they are */
	bool all; /* every page that the pool could allocate; else the allocated ones */
	struct pm_snapshot *parent; /* write only what differs from it; NULL: everything. Of the same pool, else
				     * SNAPSHOT_FOREIGN */
	const char *parent_name; /* to be looked for by; it is told by its digest */
};

/* Write pages and metadata of an attached pool to fd. Copies the metadata first, under the region's lock that the
 * caller holds until task->metadata_copied; pages are read after that. Reads the region inside pm_region_guarded, so
 * never call it from there; REGION_LOST when the mapping was revoked. */
enum pm_code pm_snapshot_write(const struct pm_pool *pool, const struct pm_snapshot_request *request, int fd,
			       struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err);

/* Read a whole file in order, from a pipe too, and check each chunk and page digest. FILE_TRUNCATED and FILE_CORRUPT
 * still fill result with what is intact. *description (json, may be NULL) gets the metadata: pool, host facts, times.
 * Pages that the parent holds are checked where `parent` is given. */
enum pm_code pm_snapshot_verify(int fd, struct pm_snapshot *parent, struct pm_task *task,
				struct pm_snapshot_result *result, struct json_object **description,
				struct pm_error *err);

/* What a snapshot file says of itself in its first and last chunks, for a list: reads no pages, needs a file that can
 * be sought in. The same errors as pm_snapshot_verify; *description may be NULL. */
enum pm_code pm_snapshot_summary(int fd, struct pm_snapshot_result *result, struct json_object **description,
				 struct pm_error *err);

/* --- reading at random --- */

/* fd stays the caller's and stays open until pm_snapshot_close. A file that is cut off or damaged opens as far as it is
 * whole: pm_snapshot_damage says so. FILE_FOREIGN, or FILE_CORRUPT where not even its metadata can be read. */
enum pm_code pm_snapshot_open(int fd, struct pm_snapshot **snapshot, struct pm_error *err);
void pm_snapshot_close(struct pm_snapshot *snapshot);
/* PM_OK, or FILE_TRUNCATED, FILE_CORRUPT with what is wrong: only a part of its pages can be read. */
enum pm_code pm_snapshot_damage(const struct pm_snapshot *snapshot, struct pm_error *err);
/* The parent's digest and name; false when the file stands by itself. */
bool pm_snapshot_parent(const struct pm_snapshot *snapshot, uint8_t digest[16], char name[128]);
/* SNAPSHOT_PARENT when it is another file than the one that was the parent. Stays the caller's. */
enum pm_code pm_snapshot_set_parent(struct pm_snapshot *snapshot, struct pm_snapshot *parent, struct pm_error *err);

struct json_object *pm_snapshot_meta(const struct pm_snapshot *snapshot); /* borrowed */
const struct pm_snapshot_result *pm_snapshot_totals(const struct pm_snapshot *snapshot);
/* Superblocks of the regions that were there, by index. */
const struct pm_superblock *pm_snapshot_regions(const struct pm_snapshot *snapshot, size_t *count);
bool pm_snapshot_is_expectation(const struct pm_snapshot *snapshot);
bool pm_snapshot_has_bytes(const struct pm_snapshot *snapshot); /* false: an expectation of digests alone */

/* The pool as it was, attached read-only over a private copy of its metadata: every reading call of core.h works on
 * it but those that read pages (pm_page_bytes points at zeros). Snapshots only. Valid until pm_snapshot_close, which
 * detaches it. */
enum pm_code pm_snapshot_pool(struct pm_snapshot *snapshot, const struct pm_pool **pool, struct pm_error *err);

enum pm_held { PM_HELD_NOT, PM_HELD_ZERO, PM_HELD_DIGEST, PM_HELD_BYTES };

/* A window's worth of pages. Allocate with pm_window_new; one for each thread. */
struct pm_window {
	uint64_t first; /* pool page */
	uint8_t held[PM_WINDOW_PAGES]; /* enum pm_held */
	uint8_t digests[PM_WINDOW_PAGES][16]; /* unless PM_HELD_NOT */
	struct pm_syndrome syndromes[PM_WINDOW_PAGES]; /* of expectations without bytes */
	const uint8_t *bytes[PM_WINDOW_PAGES]; /* 4096 each; NULL unless HELD_BYTES or HELD_ZERO and asked for */
	void *buffers;
};
struct pm_window *pm_window_new(void); /* NULL without memory */
void pm_window_free(struct pm_window *window);

/* Next window at or after *window that holds a page; false at the end. */
bool pm_snapshot_next_window(const struct pm_snapshot *snapshot, uint64_t *window);
/* One window, with the bytes when they are wanted and there. Safe for several threads at once, each with a window of
 * its own. FILE_CORRUPT and SNAPSHOT_PARENT leave it empty. */
enum pm_code pm_snapshot_window(struct pm_snapshot *snapshot, uint64_t window, bool bytes, struct pm_window *to,
				struct pm_error *err);

/* Bytes of the pool, offset / 4096 being a pool page: zeros where the file does not hold a page, because it was free, is
 * damaged, stands in no region of the file, or has a digest alone. Metadata is held by snapshots whose books can be read.
 * `held` says so of each page that the bytes touch, in order. `window` is room to read in, of any content. SNAPSHOT_PARENT
 * and errors of the operating system. */
enum pm_code pm_snapshot_bytes(struct pm_snapshot *snapshot, uint64_t offset, size_t bytes, struct pm_window *window,
			       uint8_t *to, bool *held, struct pm_error *err);

/* --- comparing --- */

struct pm_side { /* exactly one of them */
	struct pm_snapshot *snapshot;
	const struct pm_pool *pool; /* attached; read inside pm_region_guarded */
	const char *name; /* of the file; NULL: the pool now */
};

/* *comparison is the JSON object of main/api (Comparison). SNAPSHOT_FOREIGN when they are of two pools. */
enum pm_code pm_compare(const struct pm_side *before, const struct pm_side *after, struct pm_task *task,
			struct json_object **comparison, struct pm_error *err);

/* --- other forms --- */

/* All regions, by physical address, each at its offset from the lowest base; holes stay holes. Metadata included. Of a
 * damaged file both forms get what can be read, and the answer is its damage. */
enum pm_code pm_export_raw(struct pm_snapshot *snapshot, int fd, struct pm_task *task, struct pm_error *err);
/* ET_CORE: a PT_LOAD for each run of pages with its physical address (also as virtual one), a note PMPOOL with META. */
enum pm_code pm_export_elf(struct pm_snapshot *snapshot, int fd, struct pm_task *task, struct pm_error *err);
/* A raw image of regions, or an ELF core with physical addresses, that holds a pool: written as a snapshot.
 * FILE_FOREIGN when it holds none, FILE_TRUNCATED when a part of it is missing. `base` is the physical address of a raw image; UINT64_MAX: as its pool says. `all`:
 * free pages too (of a core that was exported from such a snapshot they always are). Without `host` that of the core's
 * note is taken. */
enum pm_code pm_import(int from, uint64_t base, bool all, struct json_object *host, int to, struct pm_task *task,
		       struct pm_snapshot_result *result, struct pm_error *err);

/* Content of one allocation, or of each that the pool still has as the snapshot has it, back into an attached pool.
 * Each page is read back and held against its digest: RESTORE_FAILED. The caller holds the locks. */
struct pm_restored {
	uint64_t pages, bytes; /* written */
	uint64_t unchanged; /* pages that held the content already */
	uint64_t allocations; /* whole */
	uint64_t skipped; /* of the snapshot: allocations that are not there any more, or of another length */
};
enum pm_code pm_restore_allocation(struct pm_snapshot *snapshot, uint64_t page, const struct pm_pool *pool,
				   uint64_t to_page, struct pm_task *task, struct pm_restored *restored,
				   struct pm_error *err);
enum pm_code pm_restore_content(struct pm_snapshot *snapshot, const struct pm_pool *pool, struct pm_task *task,
				struct pm_restored *restored, struct pm_error *err);
/* The whole pool as it was, metadata and pages, into regions mapped at `mappings` (of the sizes and addresses that the
 * snapshot says). Superblocks go first and come back last, so that a crash leaves no pool. Where this pool stood already
 * its superblocks get a higher sequence, which tells who has it attached. pm_restore_check reads all that would be
 * written and changes nothing: ask it first, for a damaged file ends a restore half-way. */
enum pm_code pm_restore_check(struct pm_snapshot *snapshot, const struct pm_mapping *mappings, size_t count,
			      struct pm_task *task, struct pm_error *err);
enum pm_code pm_restore_pool(struct pm_snapshot *snapshot, const struct pm_mapping *mappings, size_t count,
			     struct pm_task *task, struct pm_restored *restored, struct pm_error *err);

/* --- expectations and verdicts --- */

/* The expectation: superblock, states, records, and of each allocated page a digest and a syndrome, or with `content`
 * its bytes; plus what the next boot must show in `facts`. Same container. */
enum pm_code pm_expectation_write(const struct pm_pool *pool, struct json_object *facts, bool content, int fd,
				  struct pm_task *task, struct pm_snapshot_result *result, struct pm_error *err);
enum pm_code pm_expectation_facts(int fd, struct json_object **facts, struct pm_error *err);

/* Hold a host against an expectation: finds the region by the facts, opens it read-only through the guard, and says
 * what is true. *verdict is the JSON object of main/api (Verdict). PM_OK also when the verdict is bad; an error only
 * when no verdict could be reached. */
enum pm_code pm_verdict_reach(const struct pm_host *host, int expectation_fd, struct pm_task *task,
			      struct json_object **verdict, struct pm_error *err);

#endif

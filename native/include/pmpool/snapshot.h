/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshot files (.pmsnap), expectations and verdicts: one container of typed, checksummed chunks, written in one
 * pass to a file descriptor (so that it works on a pipe), readable as far as it is whole. docs/snapshot.md describes it.
 */
#ifndef PMPOOL_SNAPSHOT_H
#define PMPOOL_SNAPSHOT_H

#include "core.h"
#include "host.h"
#include "task.h"

struct json_object;

struct pm_snapshot_result {
	uint64_t pages; /* held */
	uint64_t zero_pages; /* of them: all zero, cost nothing */
	uint64_t file_bytes;
	uint8_t digest[16]; /* XXH3-128 over the page digests, of the whole */
};

/* Write allocated pages and metadata of an attached pool to fd. Copies the metadata first, under the region's lock
 * that the caller holds until task->metadata_copied; a page whose bytes moved during the copy is possible and is not
 * an error. `host_facts` goes into the file as it is. Reads the region inside pm_region_guarded, so never call it
 * from there; REGION_LOST when the mapping was revoked. */
enum pm_code pm_snapshot_write(const struct pm_pool *pool, struct json_object *host_facts, int fd, struct pm_task *task,
			       struct pm_snapshot_result *result, struct pm_error *err);

/* Read a whole file and check each chunk and page digest. FILE_TRUNCATED and FILE_CORRUPT still fill result with
 * what is intact. *description (json, may be NULL) gets the metadata: pool, host facts, times. */
enum pm_code pm_snapshot_verify(int fd, struct pm_task *task, struct pm_snapshot_result *result,
				struct json_object **description, struct pm_error *err);

/* What a snapshot file says of itself in its first and last chunks, for a list: reads no pages, needs a file that can
 * be sought in. The same errors as pm_snapshot_verify; *description may be NULL. */
enum pm_code pm_snapshot_summary(int fd, struct pm_snapshot_result *result, struct json_object **description,
				 struct pm_error *err);

/* The expectation: superblock, states, records and a digest per allocated page, plus what the next boot must show
 * (boot id now, nonce, region id and offset, base, bytes) in `facts`. Same container, no page bytes. */
enum pm_code pm_expectation_write(const struct pm_pool *pool, struct json_object *facts, int fd, struct pm_task *task,
				  struct pm_snapshot_result *result, struct pm_error *err);
enum pm_code pm_expectation_facts(int fd, struct json_object **facts, struct pm_error *err);

/* Hold a host against an expectation: finds the region by the facts, opens it read-only through the guard, and says
 * what is true. *verdict is the JSON object of main/api (Verdict). PM_OK also when the verdict is bad; an error only
 * when no verdict could be reached. */
enum pm_code pm_verdict_reach(const struct pm_host *host, int expectation_fd, struct pm_task *task,
			      struct json_object **verdict, struct pm_error *err);

#endif

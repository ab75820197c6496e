/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of writing a snapshot or an expectation share.
 *
 *   copy.c, books.c  the metadata, under the locks
 *   write.c          the order of it all
 *   write_metadata.c META to BOOK
 *   write_pages.c    the pages, by a team
 *   moved.c          what others did meanwhile
 *   write_end.c      MOVE, INDX, DONE
 */
#ifndef PMPOOL_JOB_H
#define PMPOOL_JOB_H

#include "books.h"
#include "copy.h"
#include "digest.h"
#include "pmpool/snapshot.h"
#include "repeat.h"
#include "writer.h"

struct pm_job {
	const struct pm_pool *pool;
	bool expectation;
	bool bytes; /* pages are kept, not only their digests */
	bool all;
	struct pm_snapshot *parent; /* or NULL */
	const char *parent_name;
	struct json_object *facts;
	struct pm_task *task;
	struct pm_copy copy;
	struct pm_books books;
	struct pm_writer writer;
	/* as pages go by, in order */
	uint64_t next_window;
	struct pm_repeats *repeats; /* when bytes are kept */
	struct pm_total *total, *own;
	struct pm_group run; /* that has not been written yet; count 0: none */
	uint32_t run_region;
	struct pm_index_entry *index;
	size_t groups, index_capacity;
	struct pm_snapshot_result result;
};

enum pm_code pm_job_metadata(struct pm_job *job, struct pm_error *err);
enum pm_code pm_job_pages(struct pm_job *job, struct pm_error *err);
/* What others did since the metadata was copied: a JSON object, and result.moved_pages. Spoils copy.states. */
enum pm_code pm_job_moved(struct pm_job *job, struct json_object **move, struct pm_error *err);
enum pm_code pm_job_end(struct pm_job *job, struct pm_error *err);

#endif

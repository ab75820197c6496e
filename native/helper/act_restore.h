/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot/restore and snapshot/compare, with the snapshots opened by whoever asks: by name in the state directory for
 * the protocol, from files for the command line.
 */
#ifndef PMPOOL_HELPER_ACT_RESTORE_H
#define PMPOOL_HELPER_ACT_RESTORE_H

#include "long_act.h"

enum restore_what { RESTORE_ALLOCATION, RESTORE_CONTENT, RESTORE_POOL };

struct restore_job {
	struct chain chain;
	const char *name; /* of the snapshot, for the log */
	enum restore_what what;
	struct pm_host host;
	struct pool_source source; /* allocation, content */
	struct place *places; /* pool: where its regions go */
	size_t place_count;
	bool begun; /* pool: what stood there is gone, and until the end no pool stands there */
	struct pm_restored restored;
};

/* With job->chain open. The parameters of the call are those of snapshot/restore, less the name. restore_end is due
 * after PM_OK, restore_free after an error. */
enum pm_code restore_begin(struct call *call, struct restore_job *job);
enum pm_code restore_work(struct call *call, struct restore_job *job);
enum pm_code restore_end(struct call *call, struct restore_job *job, enum pm_code worked); /* frees what job holds */
void restore_free(struct restore_job *job);

/* The pool of a snapshot back into its regions. */
enum pm_code restore_pool_begin(struct call *call, struct restore_job *job);
enum pm_code restore_pool_work(struct call *call, struct restore_job *job);

struct compare_job {
	struct chain before, after; /* `after` empty: the pool as it is */
	const char *before_name, *after_name;
	struct pool_source source;
	struct json_object *comparison;
};
/* With the chains open. compare_free is due after any result of any of them. */
enum pm_code compare_begin(struct call *call, struct compare_job *job);
enum pm_code compare_work(struct call *call, struct compare_job *job);
void compare_free(struct compare_job *job);

/* The UUID of the pool that a snapshot is of. */
void chain_pool(const struct chain *chain, char uuid[PM_UUID_TEXT]);

#endif

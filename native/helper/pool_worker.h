/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session of a worker thread's own, with one pool, or with a part of a region that no pool has: mappings and locks
 * are not shared between threads. The locks are taken by the work itself, piece by piece, so that other clients go on
 * meanwhile.
 */
#ifndef PMPOOL_HELPER_POOL_WORKER_H
#define PMPOOL_HELPER_POOL_WORKER_H

#include "call.h"
#include <pmpool/memory.h>

struct pool_worker {
	struct session session;
	char uuid[PM_UUID_TEXT];
	struct attached *attached; /* NULL: the region */
	struct pm_region region;
	bool plain; /* it is a region that was asked for */
	int memory_fd; /* -1, or the lock on free pages, held for the whole act */
};

/* On the main thread: which memory the parameters name, and what the worker needs to know of the session.
 * INVALID_PARAMS when they name none or two; POOL_NOT_FOUND and the like; with `change` what session_writable says. */
enum pm_code pool_worker_begin(struct pool_worker *worker, struct call *call, bool change);
/* On the worker: maps and attaches the pool. With `change` a region has to be blank, or the parameter `overwrite` has
 * to be the word for what it holds, as in pool/create. Acts that write free pages exclude each other and those that
 * read them, over the pool or the part of the region: REGION_BUSY at once. pool_worker_close is due after any result. */
enum pm_code pool_worker_attach(struct pool_worker *worker, struct call *call, bool change);
void pool_worker_close(struct pool_worker *worker);
/* Both for an act on an allocation: the parameter `pool` alone, and no lock on free pages. */
enum pm_code pool_worker_begin_pool(struct pool_worker *worker, struct call *call, bool change);
enum pm_code pool_worker_attach_pool(struct pool_worker *worker, struct call *call, bool change);

/* The free pages of [from, to) as the parameters say, or the part of the region, with progress and cancellation of the
 * call. Written under all that a change is made under; only looked at, under the locks alone. `worker` is the context
 * of the lock. */
void pool_worker_range(struct pool_worker *worker, struct call *call, bool change, struct pm_free_range *range);
/* Of the parameters from and to: INVALID_PARAMS when nothing lies between them. */
enum pm_code pool_range_check(struct call *call);

/* Appends to the event log, under the locks; a region has none. */
enum pm_code pool_worker_note(struct pool_worker *worker, enum pm_verb verb, uint64_t page, uint64_t pages,
			      const char *detail, struct pm_error *err);

#endif

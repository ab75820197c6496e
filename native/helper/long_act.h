/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What snapshot/create and expectation/create share: a pool written to a file by a worker thread. */
#ifndef PMPOOL_HELPER_LONG_ACT_H
#define PMPOOL_HELPER_LONG_ACT_H

#include "call.h"
#include "store.h"
#include "store_chain.h"
#include <pmpool/snapshot.h>

/* Where a pool stands, so that a thread can map it for itself: mappings and locks are not shared between threads. */
struct pool_source {
	struct pm_host host;
	struct place *places; /* its regions that are there; they have to be there still */
	size_t place_count;
	bool writable;
	struct pm_act act;
};

/* `how` is the writer's own: what it is to write beside the pool. */
typedef enum pm_code (*pool_writer)(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
				    struct pm_snapshot_result *result, struct pm_error *err);

/* pool_source_free is due after any result. */
enum pm_code pool_source_of(const struct session *session, const struct attached *attached, struct pool_source *source,
			    struct pm_error *err);
void pool_source_free(struct pool_source *source);
/* Maps the pool, writes it with its regions locked as long as metadata is copied, unmaps it. */
enum pm_code pool_source_write(struct call *call, const struct pool_source *source, pool_writer writer, const void *how,
			       int fd, struct pm_snapshot_result *result);

/* how: struct pm_snapshot_request. */
enum pm_code write_snapshot(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
			    struct pm_snapshot_result *result, struct pm_error *err);
/* how: struct expectation_request. */
struct expectation_request {
	struct json_object *facts;
	bool content; /* the bytes of the pages too */
};
enum pm_code write_expectation(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
			       struct pm_snapshot_result *result, struct pm_error *err);

/* A pool on its way into a file of the state directory: the call's state from begin to end. */
struct pool_file {
	struct pool_source source;
	struct store_file file;
	struct json_object *facts;
	struct chain chain; /* what the file builds on; empty: nothing */
	struct pm_snapshot_result result;
};
/* Takes over facts, whatever it answers. */
enum pm_code pool_file_begin(struct call *call, const struct attached *attached, const struct store_kind *kind,
			     const char *name, struct json_object *facts);
enum pm_code pool_file_work(struct call *call, pool_writer writer, const void *how);
/* Removes the file where it was not committed. */
void pool_file_free(struct pool_file *pool_file);

/* Snapshot of main/api, from what a file says of itself. `bytes` is the size of the file; `damage` what is wrong with it
 * (NULL or code PM_OK: nothing), and then the description may be missing; `present`: its parent is there. FILE_CORRUPT
 * when the description of an undamaged file is not what a pmpool writes. */
struct snapshot_facts {
	const char *name;
	uint64_t bytes;
	uint64_t created_ms; /* where the description does not say */
	const struct pm_snapshot_result *result;
	struct json_object *description;
	const struct pm_error *damage;
	bool present;
};
enum pm_code json_snapshot(const struct snapshot_facts *facts, struct json_object **snapshot, struct pm_error *err);

/* Cancelled when the task was, even if the work came to its end all the same. */
enum pm_code settled(struct call *call, enum pm_code worked);

#endif

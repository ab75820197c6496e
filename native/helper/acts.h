/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the methods do, one family a file; methods.c holds the table. */
#ifndef PMPOOL_HELPER_ACTS_H
#define PMPOOL_HELPER_ACTS_H

#include "call.h"
#include "guarded.h"
#include "loaded.h"

#define CHUNK_BYTES (UINT64_C(1) << 20) /* chunkBytes of main/api/methods.ts */
#define MAP_PAGES (UINT64_C(1) << 24) /* mapPages of main/api/methods.ts */
#define EDIT_BYTES (UINT64_C(1) << 16) /* editBytes of main/api/inspectMethods.ts */
#define NEEDLE_BYTES UINT64_C(4096) /* needleBytes of it */

enum pm_code act_initialize(struct call *call);
enum pm_code act_host_info(struct call *call);
enum pm_code act_host_memory(struct call *call);
enum pm_code act_host_readiness(struct call *call);
enum pm_code act_region_list(struct call *call);
enum pm_code act_region_recognise(struct call *call);
enum pm_code act_pool_list(struct call *call);
enum pm_code act_pool_create(struct call *call);
enum pm_code act_pool_info(struct call *call);
enum pm_code act_pool_rename(struct call *call);
enum pm_code act_pool_extend(struct call *call);
enum pm_code act_pool_delete(struct call *call);
enum pm_code act_pool_audit(struct call *call);
enum pm_code act_pool_map(struct call *call);
enum pm_code act_log_list(struct call *call);
enum pm_code act_pool_check(struct call *call);
enum pm_code act_pool_repair(struct call *call);
enum pm_code act_allocation_list(struct call *call);
enum pm_code act_allocation_create(struct call *call);
enum pm_code act_allocation_free(struct call *call);
enum pm_code act_allocation_rename(struct call *call);
enum pm_code act_allocation_relabel(struct call *call);
enum pm_code act_allocation_resize(struct call *call);
enum pm_code act_allocation_write(struct call *call);
enum pm_code act_allocation_read(struct call *call);
enum pm_code act_allocation_fill_begin(struct call *call);
enum pm_code act_allocation_fill_work(struct call *call);
enum pm_code act_allocation_fill_end(struct call *call, enum pm_code worked);
enum pm_code act_bad_list(struct call *call);
enum pm_code act_bad_add(struct call *call);
enum pm_code act_bad_remove(struct call *call);
enum pm_code act_snapshot_create_begin(struct call *call);
enum pm_code act_snapshot_create_work(struct call *call);
enum pm_code act_snapshot_create_end(struct call *call, enum pm_code worked);
enum pm_code act_snapshot_list(struct call *call);
enum pm_code act_snapshot_verify_begin(struct call *call);
enum pm_code act_snapshot_verify_work(struct call *call);
enum pm_code act_snapshot_verify_end(struct call *call, enum pm_code worked);
enum pm_code act_snapshot_read(struct call *call);
enum pm_code act_snapshot_delete(struct call *call);
enum pm_code act_snapshot_bytes(struct call *call);
enum pm_code act_snapshot_compare_begin(struct call *call);
enum pm_code act_snapshot_compare_work(struct call *call);
enum pm_code act_snapshot_compare_end(struct call *call, enum pm_code worked);
enum pm_code act_snapshot_restore_begin(struct call *call);
enum pm_code act_snapshot_restore_work(struct call *call);
enum pm_code act_snapshot_restore_end(struct call *call, enum pm_code worked);
enum pm_code act_kexec_plan(struct call *call);
enum pm_code act_kexec_load(struct call *call);
enum pm_code act_kexec_unload(struct call *call);
enum pm_code act_kexec_jump(struct call *call);
enum pm_code act_pattern_fill_begin(struct call *call);
enum pm_code act_pattern_check_begin(struct call *call);
enum pm_code act_pattern_fill_work(struct call *call);
enum pm_code act_pattern_fill_end(struct call *call, enum pm_code worked);
enum pm_code act_pattern_check_work(struct call *call);
enum pm_code act_pattern_check_end(struct call *call, enum pm_code worked);
enum pm_code act_memory_test_begin(struct call *call);
enum pm_code act_memory_test_work(struct call *call);
enum pm_code act_memory_test_end(struct call *call, enum pm_code worked);
enum pm_code act_memory_results(struct call *call);
enum pm_code act_memory_read(struct call *call);
enum pm_code act_memory_write(struct call *call);
enum pm_code act_memory_search_begin(struct call *call);
enum pm_code act_memory_search_work(struct call *call);
enum pm_code act_memory_search_end(struct call *call, enum pm_code worked);
enum pm_code act_fault_inject(struct call *call);
enum pm_code act_expectation_create_begin(struct call *call);
enum pm_code act_expectation_create_work(struct call *call);
enum pm_code act_expectation_create_end(struct call *call, enum pm_code worked);
enum pm_code act_expectation_bytes(struct call *call);
enum pm_code act_verdict_begin(struct call *call);
enum pm_code act_verdict_work(struct call *call);
enum pm_code act_verdict_end(struct call *call, enum pm_code worked);
enum pm_code act_verdict_list(struct call *call);

/* Tables of parameters that methods.c has no room for. */
extern const struct param memory_read_params[];
extern const struct param memory_write_params[];
extern const struct param memory_search_params[];
extern const struct param snapshot_bytes_params[];
extern const struct param expectation_bytes_params[];

/* What stands in a part of a region, with the word that confirms overwriting it ("" when blank). */
struct recognised {
	struct pm_found found;
	char confirm[CONFIRM_BYTES];
};
enum pm_code recognise(const struct pm_host *host, const struct pm_region *region, struct recognised *recognised,
		       struct pm_error *err);

/* Before a pool takes the range: what is there is named by the error, with its word, unless the parameter `overwrite`
 * is that word; then pools that the range tears are erased. With the region's lock held. */
enum pm_code clear_range(struct call *call, const struct pm_region *region);

/* What to allocate, from the parameters of allocation/create. Texts stay those of the parameters. */
enum pm_code alloc_request_read(struct call *call, const struct pm_pool *pool, struct pm_alloc_request *request);
/* NO_SPACE, with what would have to be another one when no free page would help. */
enum pm_code alloc_request_no_space(const struct pm_pool *pool, const struct pm_alloc_request *request,
				    struct pm_error *err);

/* The pool that `params.pool` names, attached, writable and locked: session_unlock is due after PM_OK. */
enum pm_code call_pool_locked(struct call *call, struct attached **pool);
/* Under the lock: the run is what the user saw, as the parameter `expect` says; else POOL_CHANGED. */
enum pm_code run_as_expected(struct call *call, const struct run_copy *run);

/* Bytes of an allocation; both check that [offset, offset+bytes) lies inside it. The write holds the region's lock.
 * note: log it here; who writes part by part logs the whole once. */
enum pm_code content_write(struct session *session, struct attached *attached, uint64_t page, uint64_t offset,
			   const void *data, size_t bytes, bool note, struct pm_error *err);
enum pm_code content_read(struct attached *attached, uint64_t page, uint64_t offset, void *data, size_t bytes,
			  struct pm_error *err);

/* Take the region's lock, append to the event log, release it. */
enum pm_code note_act(struct session *session, struct attached *attached, enum pm_verb verb, uint64_t page,
		      uint64_t pages, const char *detail, struct pm_error *err);

/* Nonce of the plan of this pool that was loaded last in this boot; false when there is none. */
bool loaded_nonce(struct session *session, struct attached *attached, char nonce[NONCE_BYTES]);

/* For a new name: NAME_INVALID says why. */
enum pm_code pool_name_fit(const char *name, struct pm_error *err);

/* Ids of the stored expectations, newest first, as a JSON array of file names. */
enum pm_code expectations(struct session *session, struct json_object **ids, struct pm_error *err);

#endif

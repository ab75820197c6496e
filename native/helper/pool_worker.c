/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool_worker.h"
#include "acts.h"
#include "host/files.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POOLS_MAX 64u /* of a region that are looked at; one is enough */

static enum pm_code one_of_both(struct call *call)
{
	static const char *const of_a_pool[] = {"from", "to", "quarantine"};
	static const char *const of_a_region[] = {"offset", "size", "overwrite"};
	bool plain = param_given(call, "region");
	const char *const *wrong = plain ? of_a_pool : of_a_region;

	if (plain == param_given(call, "pool"))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter pool: give either it or region");
	for (size_t i = 0; i < 3; i++)
		if (param_given(call, wrong[i]) && (i != 2 || !plain || param_bool(call, wrong[i], false)))
			return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: belongs to a %s", wrong[i],
				       plain ? "pool" : "region");
	return pool_range_check(call);
}

static void begin_empty(struct pool_worker *worker, struct call *call)
{
	memset(worker, 0, sizeof(*worker));
	worker->memory_fd = -1;
	worker->session.host = call->session->host;
	worker->session.uid = call->session->uid;
	memcpy(worker->session.user, call->session->user, sizeof(worker->session.user));
	snprintf(worker->uuid, sizeof(worker->uuid), "%s", param_text(call, "pool", ""));
}

enum pm_code pool_worker_begin_pool(struct pool_worker *worker, struct call *call, bool change)
{
	struct attached *attached;
	enum pm_code code;

	begin_empty(worker, call);
	code = call_pool(call, &attached);
	return code == PM_OK && change ? session_writable(attached, &call->err) : code;
}

enum pm_code pool_worker_begin(struct pool_worker *worker, struct call *call, bool change)
{
	enum pm_code code = one_of_both(call);

	if (code == PM_OK && !param_given(call, "region"))
		return pool_worker_begin_pool(worker, call, change);
	begin_empty(worker, call);
	worker->plain = true;
	return code;
}

static enum pm_code open_memory_lock(struct pool_worker *worker, struct pm_error *err)
{
	const char *state = worker->session.host.state_dir;
	char path[PM_PATH_MAX], name[PM_PATH_MAX / 4];
	enum pm_code code;

	snprintf(name, sizeof(name), "%s", worker->plain ? worker->region.info.lock : worker->uuid);
	for (char *c = name; *c; c++)
		if (*c == ':' || *c == '/')
			*c = '-';
	snprintf(path, sizeof(path), "%s/lock", state);
	code = pm_make_folders(path, 0755, err);
	if (code != PM_OK)
		return code;
	snprintf(path, sizeof(path), "%s/lock/memory-%s", state, name);
	worker->memory_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return worker->memory_fd < 0 ? pm_fail_errno(err, "open", path) : PM_OK;
}

/* The region's lock is let go of between pieces; two acts on the same free pages would take each other's words for
 * faults. Of a region the part is locked, by physical address; the kernel drops the lock when its holder dies. */
static enum pm_code lock_memory(struct pool_worker *worker, bool change, struct pm_error *err)
{
	struct flock lock = {.l_type = change ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
	enum pm_code code = open_memory_lock(worker, err);

	if (code != PM_OK)
		return code;
	if (worker->plain) {
		lock.l_start = (off_t)(worker->region.info.base + worker->region.offset);
		lock.l_len = (off_t)worker->region.bytes;
	}
	if (fcntl(worker->memory_fd, F_OFD_SETLK, &lock) == 0)
		return PM_OK;
	if (errno != EAGAIN && errno != EACCES)
		return pm_fail_errno(err, "lock the free pages of",
				     worker->plain ? worker->region.info.id : worker->uuid);
	return pm_fail(err, PM_E_REGION_BUSY,
		       "another memory test, fill or check works on the free pages of %s; nothing was %s",
		       worker->plain ? worker->region.info.id : worker->uuid, change ? "written" : "read");
}

static enum pm_code open_region(struct pool_worker *worker, struct call *call, bool change)
{
	enum pm_code code =
		pm_region_open(&worker->session.host, param_text(call, "region", ""), param_count(call, "offset", 0),
			       param_count(call, "size", 0), change, &worker->region, &call->err);

	if (code != PM_OK) {
		worker->plain = false; /* nothing to close */
		return code;
	}
	code = lock_memory(worker, change, &call->err);
	if (code != PM_OK || !change)
		return code;
	code = pm_region_lock(&worker->region, &call->err);
	if (code != PM_OK)
		return code;
	code = clear_range(call, &worker->region);
	pm_region_unlock(&worker->region);
	return code;
}

enum pm_code pool_worker_attach_pool(struct pool_worker *worker, struct call *call, bool change)
{
	enum pm_code code = session_pool(&worker->session, worker->uuid, &worker->attached, &call->err);

	return code == PM_OK && change ? session_writable(worker->attached, &call->err) : code;
}

enum pm_code pool_worker_attach(struct pool_worker *worker, struct call *call, bool change)
{
	enum pm_code code;

	if (worker->plain)
		return open_region(worker, call, change);
	code = pool_worker_attach_pool(worker, call, change);
	return code == PM_OK ? lock_memory(worker, change, &call->err) : code;
}

void pool_worker_close(struct pool_worker *worker)
{
	session_close(&worker->session);
	if (worker->plain)
		pm_region_close(&worker->region);
	if (worker->memory_fd >= 0)
		close(worker->memory_fd);
	worker->memory_fd = -1;
	worker->plain = false;
	worker->attached = NULL;
}

static enum pm_code lock_to_change(void *context, struct pm_error *err)
{
	struct pool_worker *worker = context;

	return session_lock(&worker->session, worker->attached, err);
}

static void unlock_changed(void *context)
{
	struct pool_worker *worker = context;

	session_unlock(worker->attached);
}

static enum pm_code lock_to_look(void *context, struct pm_error *err)
{
	struct pool_worker *worker = context;
	struct mapped *mapped = &worker->attached->mapped;
	enum pm_code code = mapped_lock(mapped, err);

	if (code != PM_OK || mapped_same(mapped))
		return code;
	mapped_unlock(mapped);
	return pm_fail(err, PM_E_POOL_CHANGED, "pool %s was overwritten", worker->uuid);
}

static void unlock_looked_at(void *context)
{
	struct pool_worker *worker = context;

	mapped_unlock(&worker->attached->mapped);
}

/* Between two pieces somebody may have made a pool here. */
static enum pm_code no_pool(struct pool_worker *worker, struct pm_error *err)
{
	const struct pm_region *region = &worker->region;
	struct pm_pool_at *pools = calloc(POOLS_MAX, sizeof(*pools));
	size_t count = 0;
	enum pm_code code;

	if (!pools)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
	code = pm_region_pools(&worker->session.host, &region->info, pools, POOLS_MAX, &count, err);
	for (size_t i = 0; code == PM_OK && i < count && i < POOLS_MAX; i++)
		if (pools[i].offset < region->offset + region->bytes &&
		    region->offset < pools[i].offset + pools[i].bytes)
			code = pm_fail(err, PM_E_REGION_OCCUPIED,
				       "a pool was made at offset 0x%" PRIx64 " of %s meanwhile", pools[i].offset,
				       region->info.id);
	free(pools);
	return code;
}

static enum pm_code lock_region(void *context, struct pm_error *err)
{
	struct pool_worker *worker = context;
	enum pm_code code = pm_region_lock(&worker->region, err);

	if (code != PM_OK)
		return code;
	code = no_pool(worker, err);
	if (code != PM_OK)
		pm_region_unlock(&worker->region);
	return code;
}

static void unlock_region(void *context)
{
	struct pool_worker *worker = context;

	pm_region_unlock(&worker->region);
}

static void plain_range(struct pool_worker *worker, bool change, struct pm_free_range *range)
{
	const struct pm_region *region = &worker->region;

	range->plain = (struct pm_plain){region->map, region->info.base + region->offset, region->offset / PM_PAGE_SIZE,
					 region->bytes / PM_PAGE_SIZE};
	range->first = range->plain.first;
	range->end = range->plain.first + range->plain.pages;
	range->lock = change ? lock_region : NULL;
	range->unlock = change ? unlock_region : NULL;
}

void pool_worker_range(struct pool_worker *worker, struct call *call, bool change, struct pm_free_range *range)
{
	memset(range, 0, sizeof(*range));
	range->context = worker;
	range->task = &call->task;
	if (worker->plain) {
		plain_range(worker, change, range);
		return;
	}
	range->pool = &worker->attached->pool;
	range->first = param_count(call, "from", 0);
	range->end = param_count(call, "to", 0);
	range->lock = change ? lock_to_change : lock_to_look;
	range->unlock = change ? unlock_changed : unlock_looked_at;
}

enum pm_code pool_range_check(struct call *call)
{
	if (param_given(call, "to") && param_count(call, "to", 0) <= param_count(call, "from", 0))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter to: must be above from");
	return PM_OK;
}

enum pm_code pool_worker_note(struct pool_worker *worker, enum pm_verb verb, uint64_t page, uint64_t pages,
			      const char *detail, struct pm_error *err)
{
	struct pm_act act;
	enum pm_code code;

	if (worker->plain)
		return PM_OK;
	code = session_lock(&worker->session, worker->attached, err);

	if (code != PM_OK)
		return code;
	session_act(&worker->session, &act);
	code = guarded_log_append(&worker->attached->pool, verb, page, pages, detail, &act, err);
	session_unlock(worker->attached);
	return code;
}

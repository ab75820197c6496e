/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checked.h"
#include "guarded.h"
#include "region/together.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- core's memory, in a list of what it holds --- */

struct block {
	struct block *next, **back;
	max_align_t bytes[];
};

static struct block **holder; /* of the check that runs; one at a time on this thread */

static void *take(size_t bytes)
{
	struct block *block = bytes < SIZE_MAX - sizeof(*block) ? calloc(1, sizeof(*block) + bytes) : NULL;

	if (!block)
		return NULL;
	block->next = *holder;
	block->back = holder;
	if (block->next)
		block->next->back = &block->next;
	*holder = block;
	return block->bytes;
}

static void drop(struct block *block)
{
	*block->back = block->next;
	if (block->next)
		block->next->back = block->back;
	free(block);
}

static void give(void *memory, size_t bytes)
{
	(void)bytes;
	drop((struct block *)(void *)((uint8_t *)memory - offsetof(struct block, bytes)));
}

static const struct pm_memory listed = {.take = take, .give = give};

/* --- which regions --- */

static enum pm_code add(struct checked *checked, const struct call *call, const struct place *found, bool writable,
			struct pm_error *err)
{
	struct place place = *found;
	uint64_t left = place.region.bytes - place.offset;

	/* What is cut off is the finding, not a reason to look at nothing. */
	if (place.sb.region_bytes > left)
		place.sb.region_bytes = left;
	return mapped_add(&checked->mapped, &call->session->host, &place, writable, err);
}

static enum pm_code add_pool(struct checked *checked, struct call *call, bool writable)
{
	const char *uuid = param_text(call, "pool", "");
	struct place *places = NULL;
	size_t count = 0;
	enum pm_code code = session_places(call->session, &places, &count, &call->err);

	for (size_t i = 0; code == PM_OK && i < count; i++) {
		char found[PM_UUID_TEXT];

		pm_uuid_format(places[i].sb.pool_uuid, found);
		if (strcmp(found, uuid) == 0)
			code = add(checked, call, &places[i], writable, &call->err);
	}
	free(places);
	if (code == PM_OK && checked->mapped.count == 0)
		return pm_fail(&call->err, PM_E_POOL_NOT_FOUND,
			       "no superblock of pool %s can be read; name its region and offset", uuid);
	return code;
}

struct ask_bytes {
	const struct pm_region *region;
	uint64_t bytes;
};

static void bytes_body(void *argument)
{
	struct ask_bytes *ask = argument;

	ask->bytes = pm_check_region_bytes(ask->region->map, ask->region->bytes);
}

static enum pm_code region_info(const struct call *call, const char *id, struct pm_region_info *info,
				struct pm_error *err)
{
	struct pm_region_info *list = NULL;
	size_t count = 0;
	enum pm_code code = pm_region_list(&call->session->host, &list, &count, err);

	if (code != PM_OK)
		return code;
	code = pm_fail(err, PM_E_REGION_NOT_FOUND, "no region %s on this host", id);
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, id) == 0) {
			*info = list[i];
			code = PM_OK;
		}
	free(list);
	return code;
}

/* A superblock behind the start may still say what begins there. */
static uint64_t bytes_by_b(const struct call *call, const struct place *place)
{
	struct pm_pool_at *pools = calloc(PM_REGIONS_MAX, sizeof(*pools));
	uint64_t bytes = 0;
	size_t count = 0;

	if (pools &&
	    pm_region_pools(&call->session->host, &place->region, pools, PM_REGIONS_MAX, &count, NULL) == PM_OK)
		for (size_t i = 0; i < count; i++)
			if (pools[i].offset == place->offset && pools[i].code == PM_OK)
				bytes = pools[i].sb.region_bytes;
	free(pools);
	return bytes;
}

static enum pm_code add_region(struct checked *checked, struct call *call, bool writable)
{
	struct place place = {.offset = param_count(call, "offset", 0)};
	struct pm_region region;
	struct ask_bytes ask = {.region = &region};
	enum pm_code code = region_info(call, param_text(call, "region", ""), &place.region, &call->err);

	if (code == PM_OK)
		code = pm_region_open(&call->session->host, place.region.id, place.offset, 0, false, &region,
				      &call->err);
	if (code != PM_OK)
		return code;
	code = pm_region_guarded(bytes_body, &ask, &call->err);
	pm_region_close(&region);
	if (code != PM_OK)
		return code;
	place.sb.region_bytes = ask.bytes ? ask.bytes : bytes_by_b(call, &place);
	if (place.sb.region_bytes == 0) /* none can be read: whatever is there is looked at */
		place.sb.region_bytes = place.region.bytes - place.offset;
	return add(checked, call, &place, writable, &call->err);
}

/* --- the check --- */

struct run {
	struct checked *checked;
	const struct pm_act *act;
	enum pm_code code;
};

static void check_body(void *argument)
{
	struct run *run = argument;
	struct checked *checked = run->checked;

	run->code = pm_check(checked->mappings, checked->mapped.count, &checked->options, &listed, &checked->check);
}

enum pm_code checked_again(struct checked *checked, struct pm_error *err)
{
	struct run run = {.checked = checked};
	enum pm_code code;

	if (checked->done)
		pm_check_free(&checked->check);
	checked->done = false;
	holder = (struct block **)&checked->taken;
	code = guarded_run(check_body, &run, &run.code, NULL, "cannot check", err);
	checked->done = code == PM_OK;
	return code;
}

static void apply_body(void *argument)
{
	struct run *run = argument;

	run->code = pm_repair_apply(&run->checked->check, run->checked->mappings, run->act);
}

enum pm_code checked_apply(struct checked *checked, const struct pm_act *act, struct pm_error *err)
{
	struct run run = {.checked = checked, .act = act};

	return guarded_run(apply_body, &run, &run.code, NULL, "cannot repair", err);
}

enum pm_code checked_open(struct call *call, bool writable, struct checked *checked)
{
	bool pool = param_given(call, "pool");
	struct pm_act act;
	enum pm_code code;

	memset(checked, 0, sizeof(*checked));
	if (pool == param_given(call, "region"))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "give either pool or region");
	if (pool && param_given(call, "offset"))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter offset: it goes with region");
	code = pool ? add_pool(checked, call, writable) : add_region(checked, call, writable);
	if (code != PM_OK)
		return code;
	checked->mappings = calloc(checked->mapped.count, sizeof(*checked->mappings));
	if (!checked->mappings)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to check %zu regions", checked->mapped.count);
	for (size_t i = 0; i < checked->mapped.count; i++)
		checked->mappings[i] =
			mapping_of(&checked->mapped.parts[i].region, checked->mapped.parts[i].sb.region_bytes);
	session_act(call->session, &act);
	memcpy(checked->options.boot_id, act.boot_id, sizeof(act.boot_id));
	checked->options.alone = !pool;
	code = mapped_lock(&checked->mapped, &call->err);
	if (code == PM_OK)
		code = checked_again(checked, &call->err);
	if (code == PM_E_POOL_NOT_FOUND && !pool)
		return pm_fail(&call->err, code, "no superblock of a pool stands at offset 0x%" PRIx64 " of %s",
			       param_count(call, "offset", 0), param_text(call, "region", ""));
	return code;
}

void checked_close(struct checked *checked)
{
	if (checked->done)
		pm_check_free(&checked->check);
	while (checked->taken)
		drop(checked->taken);
	/* A mark of a dead holder is for who attaches next: looking takes nothing back. */
	if (checked->mapped.locked)
		pm_regions_unlock(checked->mapped.by_lock, checked->mapped.lock_count, true);
	checked->mapped.locked = false;
	mapped_close(&checked->mapped);
	free(checked->mappings);
	memset(checked, 0, sizeof(*checked));
}

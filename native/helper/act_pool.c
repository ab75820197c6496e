/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "host/base64.h"
#include "json_build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pm_code note_act(struct session *session, struct attached *attached, enum pm_verb verb, uint64_t page,
		      uint64_t pages, const char *detail, struct pm_error *err)
{
	struct pm_act act;
	enum pm_code code;

	if (attached->pool.read_only)
		return PM_OK; /* nothing can be written down in it */
	code = session_lock(session, attached, err);
	if (code != PM_OK)
		return code;
	session_act(session, &act);
	code = guarded_log_append(&attached->pool, verb, page, pages, detail, &act, err);
	session_unlock(attached);
	return code;
}

enum pm_code act_pool_list(struct call *call)
{
	struct place *places = NULL;
	struct json_object *pools;
	size_t count = 0, together;
	enum pm_code code = session_places(call->session, &places, &count, &call->err);

	if (code != PM_OK)
		return code;
	pools = json_object_new_array();
	for (size_t i = 0; i < count; i += together) {
		struct attached *attached;
		struct json_object *pool = NULL;

		together = places_together(&places[i], count - i);
		/* "that can be opened": a damaged one is seen by region/recognise */
		if (session_attach(call->session, &places[i], together, &attached, NULL) == PM_OK &&
		    json_pool(attached, &pool, NULL) == PM_OK)
			json_object_array_add(pools, pool);
	}
	free(places);
	call->result = json_object_new_object();
	json_set(call->result, "pools", pools);
	return PM_OK;
}

static enum pm_code create_locked(struct call *call, struct pm_region *region, struct place *place)
{
	struct pm_pool_request request = {
		.physical_base = region->info.base + region->offset,
		.log_slots = param_count(call, "logSlots", 0),
		.medium = pm_region_medium(region->info.kind),
		.numa_node = region->info.numa_node,
		.flush = pm_region_flush(region->info.kind),
	};
	struct pm_act act;
	enum pm_code code = clear_range(call, region);

	if (code != PM_OK)
		return code;
	pm_uuid_random(request.pool_uuid);
	pm_uuid_random(request.region_uuid);
	snprintf(request.name, sizeof(request.name), "%s", param_text(call, "name", ""));
	session_act(call->session, &act);
	code = guarded_format(region, &request, &act, &call->err);
	if (code != PM_OK)
		return code;
	place->region = region->info;
	place->offset = region->offset;
	return guarded_probe(region, &place->sb, &call->err);
}

enum pm_code act_pool_create(struct call *call)
{
	struct attached *attached;
	struct pm_region region;
	struct place place;
	enum pm_code code;

	code = pool_name_fit(param_text(call, "name", ""), &call->err);
	if (code != PM_OK)
		return code;
	code = pm_region_open(&call->session->host, param_text(call, "region", ""), param_count(call, "offset", 0),
			      param_count(call, "size", 0), true, &region, &call->err);
	if (code != PM_OK)
		return code;
	code = pm_region_lock(&region, &call->err);
	if (code == PM_OK) {
		code = create_locked(call, &region, &place);
		pm_region_unlock(&region);
	}
	pm_region_close(&region);
	if (code == PM_OK)
		code = session_attach(call->session, &place, 1, &attached, &call->err);
	if (code != PM_OK)
		return code;
	return json_pool(attached, &call->result, &call->err);
}

enum pm_code act_pool_info(struct call *call)
{
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	return code == PM_OK ? json_pool(attached, &call->result, &call->err) : code;
}

enum pm_code act_pool_map(struct call *call)
{
	uint64_t first = param_count(call, "first", 0), count = param_count(call, "count", MAP_PAGES);
	struct attached *attached;
	uint64_t sequence;
	uint64_t *copy;
	size_t words;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	if (first > attached->pool.page_end)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter first: the pool has %llu pages",
			       (unsigned long long)attached->pool.page_end);
	if (count > attached->pool.page_end - first)
		count = attached->pool.page_end - first;
	words = (size_t)((count + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD);
	copy = calloc(words + 1, sizeof(*copy));
	if (!copy)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for the states of %llu pages",
			       (unsigned long long)count);
	/* before the states: a reader that acts on the sequence then misses nothing */
	sequence = guarded_log_sequence(&attached->pool);
	code = guarded_states(&attached->pool, first, words, copy, &call->err);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "first", first);
		json_set_count(call->result, "count", count);
		json_set_count(call->result, "sequence", sequence);
		json_set(call->result, "states", base64_json((const uint8_t *)copy, words * sizeof(*copy)));
	}
	free(copy);
	return code;
}

enum pm_code act_log_list(struct call *call)
{
	uint64_t limit = param_count(call, "limit", 100), before = param_count(call, "before", UINT64_MAX);
	uint64_t after = param_count(call, "after", 0);
	struct json_object *entries;
	struct attached *attached;
	uint64_t newest, sequence, slots;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	newest = guarded_log_sequence(&attached->pool);
	slots = pm_log_slots(&attached->pool);
	sequence = before > newest ? newest : before == 0 ? 0 : before - 1;
	entries = json_object_new_array();
	/* a ring: below newest - slots everything is overwritten */
	while (sequence > after && newest - sequence < slots && json_object_array_length(entries) < limit) {
		struct json_object *object;
		struct pm_log_entry entry;
		bool found;

		code = guarded_log_read(&attached->pool, sequence, &entry, &found, &call->err);
		if (code != PM_OK)
			break;
		object = found ? json_log_entry(&entry) : NULL;
		if (object)
			json_object_array_add(entries, object);
		sequence--;
	}
	call->result = json_object_new_object();
	json_set(call->result, "entries", entries);
	json_set(call->result, "next",
		 sequence > after && newest - sequence < slots ? json_object_new_uint64(sequence + 1) : NULL);
	return code;
}

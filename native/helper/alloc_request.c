/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of allocation/create as core wants them. */
#include "acts.h"
#include <inttypes.h>
#include <string.h>

static enum pm_code invalid(struct call *call, const char *what)
{
	return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s", what);
}

static enum pm_code read_label(struct call *call, struct pm_alloc_request *request)
{
	request->name = param_text(call, "name", "");
	request->owner = param_text(call, "owner", "");
	request->purpose = param_text(call, "purpose", "");
	if (request->name[0] && !pm_name_fit(request->name))
		return pm_fail(&call->err, PM_E_NAME_INVALID, "\"%s\" is no name for an allocation", request->name);
	if (!request->name[0] && (request->owner[0] || request->purpose[0]))
		return invalid(call, "name: an owner or a purpose needs a name to stand with");
	return PM_OK;
}

/* Of the region that has most: no run goes over the end of one. */
static uint64_t pages_of_largest(const struct pm_pool *pool)
{
	uint64_t largest = 0;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		uint64_t pages = pool->infos[i].data_end - pool->infos[i].data_first;

		largest = pages > largest ? pages : largest;
	}
	return largest;
}

/* Order and page count exclude each other; an order is at most 40, so the shift is safe. */
static enum pm_code read_length(struct call *call, const struct pm_pool *pool, struct pm_alloc_request *request)
{
	uint64_t order = param_count(call, "order", 0), align = param_count(call, "alignOrder", 0);
	uint64_t within = param_count(call, "withinOrder", 0), largest = pages_of_largest(pool);

	if (param_given(call, "order") == param_given(call, "pages"))
		return invalid(call, "order: give either order or pages");
	request->pages = param_count(call, "pages", UINT64_C(1) << order);
	request->align_order = (uint32_t)(align > order ? align : order);
	request->within_order = (uint32_t)within;
	if (param_given(call, "order") && request->pages > largest)
		return pm_fail(&call->err, PM_E_ORDER_TOO_LARGE,
			       "order %" PRIu64 " is %" PRIu64 " pages, the pool has %" PRIu64 "%s", order,
			       request->pages, largest, pool->region_count > 1 ? " in its largest region" : "");
	if (param_given(call, "withinOrder") && request->pages > UINT64_C(1) << within)
		return invalid(call, "withinOrder: the allocation is longer");
	return PM_OK;
}

static enum pm_code read_range(struct call *call, struct pm_alloc_request *request)
{
	request->address_from = param_count(call, "addressFrom", 0);
	request->address_to = param_count(call, "addressTo", 0);
	if (request->address_to && request->address_to <= request->address_from)
		return invalid(call, "addressTo: must be above where the range begins");
	return PM_OK;
}

static bool on_node(const struct pm_pool *pool, int32_t node)
{
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->infos[i].numa_node == node)
			return true;
	return false;
}

static enum pm_code read_placement(struct call *call, const struct pm_pool *pool, struct pm_alloc_request *request)
{
	static const char *const names[] = {
		[PM_PLACE_FIRST] = "first",
		[PM_PLACE_MOST_FREE] = "most-free",
		[PM_PLACE_NODE] = "node",
		[PM_PLACE_REGION] = "region",
	};
	const char *name = param_text(call, "placement", names[PM_PLACE_FIRST]);
	unsigned placement = 0, count = sizeof(names) / sizeof(names[0]);

	while (placement < count && strcmp(names[placement], name) != 0)
		placement++;
	if (placement == count)
		return invalid(call, "placement: must be first, most-free, node or region");
	request->placement = (enum pm_placement)placement;
	request->node = (int32_t)param_count(call, "node", 0); /* at most INT32_MAX by the method's table */
	if ((placement == PM_PLACE_NODE || placement == PM_PLACE_REGION) != param_given(call, "node"))
		return invalid(call, "node: goes with the placements node and region, and they need it");
	if (placement == PM_PLACE_REGION && (uint32_t)request->node >= pool->region_count)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter node: the pool has %" PRIu32 " region%s",
			       pool->region_count, pool->region_count == 1 ? "" : "s");
	if (placement == PM_PLACE_NODE && !on_node(pool, request->node))
		return pm_fail(&call->err, PM_E_NO_SPACE,
			       "no region of the pool is on NUMA node %" PRId32
			       "; `pmpool pool info` shows their nodes",
			       request->node);
	return PM_OK;
}

enum pm_code alloc_request_read(struct call *call, const struct pm_pool *pool, struct pm_alloc_request *request)
{
	enum pm_code code = read_label(call, request);

	if (code == PM_OK)
		code = read_length(call, pool, request);
	if (code == PM_OK)
		code = read_range(call, request);
	if (code == PM_OK)
		code = read_placement(call, pool, request);
	return code;
}

static bool placed(const struct pm_alloc_request *request, const struct pm_member_info *info)
{
	if (request->placement == PM_PLACE_NODE)
		return info->numa_node == request->node;
	return request->placement != PM_PLACE_REGION || (int32_t)info->index == request->node;
}

struct room { /* what an empty pool would have in the place that was asked for */
	uint64_t longest; /* pages in a row */
	bool aligned; /* the allocation fits at its alignment */
};

static void add_room(const struct pm_member_info *info, const struct pm_alloc_request *request, struct room *room)
{
	uint64_t first = (info->physical_base >> PM_PAGE_SHIFT) + info->data_first;
	uint64_t end = (info->physical_base >> PM_PAGE_SHIFT) + info->data_end;
	uint64_t from = request->address_from / PM_PAGE_SIZE + (request->address_from % PM_PAGE_SIZE != 0);
	uint64_t to = request->address_to ? request->address_to / PM_PAGE_SIZE : UINT64_MAX, start;

	first = first > from ? first : from;
	end = end < to ? end : to;
	if (first >= end)
		return;
	room->longest = end - first > room->longest ? end - first : room->longest;
	start = first + (-first & ((UINT64_C(1) << request->align_order) - 1));
	room->aligned |= start < end && request->pages <= end - start;
}

enum pm_code alloc_request_no_space(const struct pm_pool *pool, const struct pm_alloc_request *request,
				    struct pm_error *err)
{
	struct room room = {0};

	for (uint32_t i = 0; i < pool->region_count; i++)
		if (placed(request, &pool->infos[i]))
			add_room(&pool->infos[i], request, &room);
	if (!room.longest)
		return pm_fail(err, PM_E_NO_SPACE,
			       "no page of the pool lies in the place that was asked for; `pmpool pool info` shows its "
			       "addresses");
	if (room.longest < request->pages)
		return pm_fail(err, PM_E_NO_SPACE,
			       "the place that was asked for has %" PRIu64 " page%s in a row, were all of them free",
			       room.longest, room.longest == 1 ? "" : "s");
	if (!room.aligned)
		return pm_fail(err, PM_E_NO_SPACE,
			       "at a multiple of %" PRIu64
			       " pages it would not fit, were all pages free: ask for a lower "
			       "alignment",
			       UINT64_C(1) << request->align_order);
	if (request->address_from || request->address_to || request->within_order ||
	    request->placement == PM_PLACE_NODE || request->placement == PM_PLACE_REGION)
		return pm_fail(err, PM_E_NO_SPACE, "no free run is long enough in the place that was asked for");
	return PM_E_NO_SPACE; /* as core says it */
}

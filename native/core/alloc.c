/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocate and free: which region, and whether a record is involved. */
#include "directory.h"
#include "quick.h"
#include "room.h"
#include "text.h"

/* Does any region have so many pages in a row, and so large an alignment? */
static enum pm_code size_check(const struct pm_pool *pool, const struct pm_alloc_request *request)
{
	bool fits = false, aligned = false;

	if (request->pages > PM_POOL_PAGES_MAX)
		return PM_E_COUNT_INVALID;
	for (uint32_t i = 0; i < pool->region_count && !(fits && aligned); i++) {
		const struct pm_member *member = pool->members[i];

		if (!member)
			continue;
		fits |= request->pages <= member->sb.data_end - member->sb.data_first;
		aligned |= request->align_order < 64 && UINT64_C(1) << request->align_order <= member->sb.page_count;
	}
	if (!aligned)
		return PM_E_ORDER_TOO_LARGE;
	return fits ? PM_OK : PM_E_COUNT_INVALID;
}

static inline enum pm_code need_make(const struct pm_pool *pool, const struct pm_alloc_request *request,
				     enum pm_page_state head, struct pm_need *need)
{
	uint32_t order;

	if (!request->pages)
		return PM_E_COUNT_INVALID;
	if (request->pages > 64 || request->align_order > 6) { /* the smallest region has more */
		enum pm_code code = size_check(pool, request);

		if (code)
			return code;
	}
	order = request->pages > 1 ? 64 - (uint32_t)__builtin_clzll(request->pages - 1) : 0;
	*need = (struct pm_need){
		.pages = request->pages,
		.align = request->align_order,
		.within = request->within_order && request->within_order < 64 ? request->within_order : 64,
		.order = order > request->align_order ? order : request->align_order,
		.lane = request->lane,
		.head = head,
		.address_from = request->address_from,
		.address_to = request->address_to ? request->address_to : UINT64_MAX,
	};
	if (need->within < 64 && request->pages > UINT64_C(1) << need->within)
		return PM_E_COUNT_INVALID;
	return PM_OK;
}

/* --- which region --- */

static bool may_hold(const struct pm_member *member, const struct pm_alloc_request *request)
{
	if (!member)
		return false;
	if (request->placement == PM_PLACE_NODE)
		return member->sb.numa_node == request->node;
	if (request->placement == PM_PLACE_REGION)
		return (int64_t)member->sb.region_index == request->node;
	return true;
}

/* BUSY when a region may have had room but others were faster each time. */
static enum pm_code worse(enum pm_code a, enum pm_code b)
{
	return a == PM_E_REGION_BUSY ? a : b;
}

static enum pm_code take_first(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_need *need,
			       struct pm_claim *claim)
{
	enum pm_code code = PM_E_NO_SPACE, now;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		claim->member = pool->members[i];
		if (!may_hold(claim->member, request))
			continue;
		now = pm_room_take(claim->member, need, &claim->page);
		if (!now)
			return PM_OK;
		code = worse(code, now);
	}
	return code;
}

/* From the region with the most free pages to that with the fewest; of equals the lower index first. */
static enum pm_code take_most_free(struct pm_pool *pool, const struct pm_need *need, struct pm_claim *claim)
{
	uint64_t last_free = UINT64_MAX, last = 0;
	enum pm_code code = PM_E_NO_SPACE, now;

	for (;;) {
		uint64_t best_free = 0, best = UINT64_MAX;

		for (uint32_t i = 0; i < pool->region_count; i++) {
			uint64_t pages = pool->members[i] ? pm_index_free_pages(pool->members[i]) : 0;
			bool tried = pages > last_free || (pages == last_free && i <= last);

			if (pages >= need->pages && pages > best_free && !tried) {
				best_free = pages;
				best = i;
			}
		}
		if (best == UINT64_MAX)
			return code;
		claim->member = pool->members[best];
		now = pm_room_take(claim->member, need, &claim->page);
		if (!now)
			return PM_OK;
		code = worse(code, now);
		last_free = best_free;
		last = best;
	}
}

static enum pm_code take(struct pm_pool *pool, const struct pm_alloc_request *request, enum pm_page_state head,
			 struct pm_claim *claim)
{
	struct pm_need need;
	enum pm_code code = need_make(pool, request, head, &need);

	if (code)
		return code;
	claim->pages = request->pages;
	claim->lane = request->lane;
	if (request->placement == PM_PLACE_MOST_FREE && pool->region_count > 1) {
		code = take_most_free(pool, &need, claim);
		if (code != PM_E_NO_SPACE)
			return code;
		/* What other processes freed is not counted: try all. */
	}
	return take_first(pool, request, &need, claim);
}

enum pm_code pm_claim_begin(struct pm_pool *pool, const struct pm_alloc_request *request, struct pm_claim *claim)
{
	return take(pool, request, PM_PAGE_BAD, claim);
}

enum pm_code pm_claim_member(struct pm_member *member, uint64_t pages, uint32_t lane, struct pm_claim *claim)
{
	const struct pm_need need = {
		.pages = pages,
		.within = 64,
		.order = pages > 1 ? 64 - (uint32_t)__builtin_clzll(pages - 1) : 0,
		.lane = lane,
		.head = PM_PAGE_BAD,
		.address_to = UINT64_MAX,
	};

	*claim = (struct pm_claim){.member = member, .pages = pages, .lane = lane};
	if (!pages || pages > member->sb.data_end - member->sb.data_first)
		return PM_E_COUNT_INVALID;
	return pm_room_take(member, &need, &claim->page);
}

/* --- the calls of core.h --- */

static enum pm_code texts_check(const struct pm_alloc_request *request)
{
	if (request->name && *request->name && !pm_name_fit(request->name))
		return PM_E_NAME_INVALID;
	if (request->owner && !pm_text_valid(request->owner, PM_OWNER_BYTES))
		return PM_E_NAME_INVALID;
	if (request->purpose && !pm_text_valid(request->purpose, PM_PURPOSE_BYTES))
		return PM_E_NAME_INVALID;
	return PM_OK;
}

/* Sizes are looked at before names. */
static enum pm_code alloc_described(struct pm_pool *pool, const struct pm_alloc_request *request,
				    const struct pm_act *act, struct pm_run *run)
{
	struct pm_need need;
	enum pm_code code = need_make(pool, request, PM_PAGE_HEAD, &need);

	if (!code)
		code = texts_check(request);
	return code ? code : pm_alloc_named(pool, request, act, run);
}

static __attribute__((noinline)) enum pm_code alloc_slow(struct pm_pool *pool, const struct pm_alloc_request *request,
							 const struct pm_act *act, struct pm_run *run)
{
	struct pm_claim claim;
	enum pm_code code;

	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (request->name && *request->name)
		return alloc_described(pool, request, act, run);
	code = request->owner || request->purpose ? texts_check(request) : PM_OK;
	if (!code)
		code = take(pool, request, PM_PAGE_HEAD, &claim);
	if (!code)
		run->page = pm_member_pool_page(claim.member, claim.page);
	return code;
}

/* Nothing asked for but pages and their alignment. */
static inline bool plain(const struct pm_alloc_request *request)
{
	uintptr_t texts = (uintptr_t)request->name | (uintptr_t)request->owner | (uintptr_t)request->purpose;

	return !(texts | request->within_order | request->address_from | request->address_to | request->placement) &&
	       request->pages;
}

enum pm_code pm_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
		      struct pm_run *run)
{
	struct pm_member *first = pool->members[0];

	*run = (struct pm_run){.pages = request->pages};
	if (PM_LIKELY(plain(request) && first && !pool->read_only)) {
		uint64_t page = pm_quick_take(first, request->pages, request->align_order, request->lane);

		if (PM_LIKELY(page != PM_NO_PAGE)) {
			run->page = pm_member_pool_page(first, page);
			return PM_OK;
		}
	}
	return alloc_slow(pool, request, act, run);
}

static inline enum pm_code free_unnamed(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint32_t lane,
					struct pm_run *freed)
{
	enum pm_code code = pm_run_free(member, page, lane, &freed->pages);

	if (!PM_LIKELY(code || !pm_directory_started(member, page)))
		pm_free_orphan(pool, member, page);
	return code;
}

/* Its block has records: perhaps about this run. */
static enum pm_code free_recorded(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint32_t lane,
				  struct pm_run *freed)
{
	const struct pm_record *record = pm_directory_at(pool, member, page);
	enum pm_code code;

	if (record && record->kind != PM_RECORD_ALLOCATION)
		return PM_E_NOT_ALLOCATED;
	if (record) {
		code = pm_free_named(pool, member, page, lane, freed);
		if (code != PM_E_NOT_ALLOCATED)
			return code;
	}
	return free_unnamed(pool, member, page, lane, freed);
}

enum pm_code pm_free(struct pm_pool *pool, uint64_t page, uint32_t lane, struct pm_run *freed)
{
	struct pm_member *member = pool->members[0];

	*freed = (struct pm_run){.page = page};
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (!PM_LIKELY(member && page < member->sb.page_count)) {
		member = pm_member_at(pool, page, NULL);
		if (!member)
			return PM_E_NOT_ALLOCATED;
		page -= member->sb.first_pool_page;
	}
	__builtin_prefetch((const void *)&member->states[page >> PM_WORD_SHIFT], 1);
	__builtin_prefetch((const void *)&member->blocks[page >> PM_BLOCK_SHIFT], 1);
	if (!PM_LIKELY(!pm_directory_may_start(member, page)))
		return free_recorded(pool, member, page, lane, freed);
	return free_unnamed(pool, member, page, lane, freed);
}

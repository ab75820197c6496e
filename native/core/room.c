/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "room.h"

/* Can an aligned place of need->order do: are page indexes aligned where page frame numbers are, is nothing else asked. */
static bool plain(const struct pm_member *member, const struct pm_need *need)
{
	uint64_t end = member->sb.physical_base + member->sb.region_bytes;

	if (need->align > member->index->base_order)
		return false;
	if (need->address_from > member->sb.physical_base || need->address_to < end)
		return false;
	if (need->within >= 64)
		return true;
	return need->within >= need->order && need->order <= member->index->base_order;
}

static bool hinted(struct pm_member *member, const struct pm_need *need, uint64_t *page)
{
	return need->order < PM_BLOCK_SHIFT ? pm_small_take(member, need, page) : pm_groups_take(member, need, page);
}

static __attribute__((noinline)) enum pm_code take_slow(struct pm_member *member, const struct pm_need *need,
							bool is_plain, uint64_t *page)
{
	bool joined = pm_index_join_all(member), stale = pm_index_stale(member);

	if (stale)
		pm_index_rebuild(member);
	if (is_plain && (joined || stale) && hinted(member, need, page))
		return PM_OK;
	/* The hints know all places of this kind. */
	if (is_plain && need->align >= need->order && need->pages == UINT64_C(1) << need->order)
		return PM_E_NO_SPACE;
	return pm_fit_take(member, need, page);
}

enum pm_code pm_room_take(struct pm_member *member, const struct pm_need *need, uint64_t *page)
{
	bool is_plain = plain(member, need);

	if (__builtin_expect(is_plain && hinted(member, need, page), true))
		return PM_OK;
	return take_slow(member, need, is_plain, page);
}

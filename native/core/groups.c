/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room by the hints, for places of a block and more: aligned groups of free blocks. */
#include "room.h"

static unsigned full(unsigned level)
{
	return 7 + 6 * level;
}

/* The group at this block is not all free, whatever the hints said: mend those. */
static void mend(struct pm_member *member, uint64_t block, uint64_t count)
{
	uint64_t pad = member->index->pad;

	for (uint64_t i = block; i < block + count; i++)
		if (pm_block_state(pm_block_load(member, i)) != PM_BLOCK_FREE)
			pm_index_took_checked(member, i);
	for (uint64_t group = (pad + block) / 64; group <= (pad + block + count - 1) / 64; group++)
		pm_index_lower_group(member, group);
}

static bool claim(struct pm_member *member, const struct pm_need *need, uint64_t bit, uint64_t *page)
{
	uint64_t block = bit - member->index->pad;

	*page = block << PM_BLOCK_SHIFT;
	if (pm_claim_place(member, *page, need->pages, need->head, need->lane))
		return true;
	mend(member, block, UINT64_C(1) << (need->order - PM_BLOCK_SHIFT));
	return false;
}

/* Up to 64 blocks: in one word of the bits. */
static bool in_leaf(struct pm_member *member, const struct pm_need *need, uint64_t group, uint64_t *page)
{
	unsigned order = need->order - PM_BLOCK_SHIFT;

	for (unsigned tries = 0; tries < 64; tries++) {
		uint64_t bits = atomic_load_explicit(&member->index->free_blocks[group], memory_order_relaxed);
		uint64_t slots = pm_bits_groups(bits, order);

		if (!slots)
			break;
		if (claim(member, need, group * 64 + (uint64_t)__builtin_ctzll(slots), page))
			return true;
	}
	pm_index_lower_group(member, group);
	return false;
}

/* Are the leaves under this child as full as they say; those that are not are lowered. */
static bool leaves_full(struct pm_member *member, uint64_t first, uint64_t count)
{
	bool all = true;

	for (uint64_t group = first; group < first + count; group++)
		if (atomic_load_explicit(&member->index->free_blocks[group], memory_order_relaxed) != UINT64_MAX) {
			pm_index_lower_group(member, group);
			all = false;
		}
	return all;
}

/* The nodes between changed leaves and this level. */
static void lower_between(struct pm_member *member, unsigned level, uint64_t first, uint64_t count)
{
	for (unsigned at = 1; at <= level; at++)
		for (uint64_t i = first >> (6 * at); i <= (first + count - 1) >> (6 * at); i++)
			pm_tree_lower(&member->index->whole, at, i);
}

/* More than 64 blocks: aligned full children of one node. */
static bool in_node(struct pm_member *member, const struct pm_need *need, unsigned level, uint64_t node, uint64_t *page)
{
	struct pm_tree *tree = &member->index->whole;
	unsigned order = need->order - PM_BLOCK_SHIFT + 1 - full(level - 1);
	uint64_t leaves = UINT64_C(1) << (6 * (level - 1) + order);

	for (unsigned tries = 0; tries < 64; tries++) {
		uint64_t slots = pm_bits_groups(pm_tree_children(tree, level, node, full(level - 1)), order), first;

		if (!slots)
			break;
		first = (node * 64 + (uint64_t)__builtin_ctzll(slots)) << (6 * (level - 1));
		if (leaves_full(member, first, leaves) && claim(member, need, first * 64, page))
			return true;
		lower_between(member, level - 1, first, leaves);
	}
	pm_tree_lower(tree, level, node);
	return false;
}

static bool in_range(struct pm_member *member, const struct pm_need *need, unsigned level, uint64_t from, uint64_t to,
		     uint64_t *page)
{
	unsigned value = need->order - PM_BLOCK_SHIFT + 1;

	for (uint64_t node = from; node < to; node++) {
		node = pm_tree_next(&member->index->whole, level, node, value, true);
		if (node == PM_TREE_NONE || node >= to)
			return false;
		if (level ? in_node(member, need, level, node, page) : in_leaf(member, need, node, page)) {
			if (!level)
				atomic_store_explicit(&pm_lane(member, need->lane)->group, node, memory_order_relaxed);
			return true;
		}
	}
	return false;
}

bool pm_groups_take(struct pm_member *member, const struct pm_need *need, uint64_t *page)
{
	struct pm_tree *tree = &member->index->whole;
	unsigned level = 0;
	uint64_t start;

	while (full(level) < need->order - PM_BLOCK_SHIFT + 1)
		if (++level >= tree->levels)
			return false;
	if (level)
		return in_range(member, need, level, 0, tree->count[level], page);
	start = atomic_load_explicit(&pm_lane(member, need->lane)->group, memory_order_relaxed);
	return in_leaf(member, need, start, page) || in_range(member, need, 0, start + 1, tree->count[0], page) ||
	       in_range(member, need, 0, 0, start, page);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#define FAN 64u
#define ONES UINT64_C(0x0101010101010101)
#define HIGHS (ONES << 7)

static uint64_t groups_of(uint64_t nodes)
{
	return (nodes + FAN - 1) / FAN;
}

size_t pm_tree_bytes(uint64_t leaves)
{
	size_t bytes = 0;

	for (;; leaves = groups_of(leaves)) {
		bytes += groups_of(leaves) * FAN;
		if (leaves <= 1)
			return bytes;
	}
}

void pm_tree_place(struct pm_tree *tree, void *at, uint64_t leaves, bool groups)
{
	uint8_t *next = at;

	tree->groups = groups;
	for (tree->levels = 0;; leaves = groups_of(leaves)) {
		tree->level[tree->levels] = (uint64_t *)(void *)next;
		tree->count[tree->levels++] = leaves;
		next += groups_of(leaves) * FAN;
		if (leaves <= 1)
			return;
	}
}

static inline uint64_t *group_at(const struct pm_tree *tree, unsigned level, uint64_t group)
{
	return tree->level[level] + group * (FAN / 8);
}

/* The high bit of each of eight bytes whose value is at least min. */
static inline uint64_t at_least(uint64_t eight, unsigned min, bool owned)
{
	uint64_t found = ((eight & ~HIGHS) + (0x80 - min) * ONES) & HIGHS;

	return owned ? found : found & ~eight;
}

static inline uint64_t load8(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

uint64_t pm_tree_children(const struct pm_tree *tree, unsigned level, uint64_t i, unsigned min)
{
	const uint64_t *group = group_at(tree, level - 1, i);
	uint64_t bits = 0;

	for (unsigned j = 0; j < FAN / 8; j++)
		bits |= ((at_least(load8(group + j), min, true) >> 7) * UINT64_C(0x0102040810204080) >> 56) << (8 * j);
	return bits;
}

static bool any_child(const struct pm_tree *tree, unsigned level, uint64_t i, unsigned min)
{
	const uint64_t *group = group_at(tree, level - 1, i);

	for (unsigned j = 0; j < FAN / 8; j++)
		if (at_least(load8(group + j), min, true))
			return true;
	return false;
}

static unsigned full(unsigned level)
{
	return 7 + 6 * level;
}

/* What the children of a node say, at most `most`. */
static unsigned combine(const struct pm_tree *tree, unsigned level, uint64_t i, unsigned most)
{
	if (tree->groups && most >= full(level - 1)) {
		uint64_t whole = pm_tree_children(tree, level, i, full(level - 1));

		if (whole)
			return full(level - 1) + pm_bits_value(whole) - 1;
		most = full(level - 1) - 1;
	}
	if (!any_child(tree, level, i, 1))
		return 0;
	while (most && !any_child(tree, level, i, most))
		most--;
	return most;
}

/* False when it was that much already. */
static bool node_raise(uint8_t *node, unsigned value)
{
	uint8_t now = __atomic_load_n(node, __ATOMIC_SEQ_CST);

	do
		if ((now & PM_TREE_VALUE) >= value)
			return false;
	while (!__atomic_compare_exchange_n(node, &now, (uint8_t)((now & PM_TREE_OWNED) | value), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}

static void raise_from(struct pm_tree *tree, unsigned level, uint64_t i, unsigned value)
{
	while (node_raise(pm_tree_node(tree, level, i), value) && level + 1 < tree->levels) {
		i /= FAN;
		level++;
		if (tree->groups && value >= full(level - 1))
			value = combine(tree, level, i, full(level));
	}
}

void pm_tree_raise(struct pm_tree *tree, uint64_t leaf, unsigned value)
{
	raise_from(tree, 0, leaf, value);
}

bool pm_tree_change(struct pm_tree *tree, uint64_t leaf, uint8_t was, uint8_t value)
{
	return __atomic_compare_exchange_n(pm_tree_node(tree, 0, leaf), &was, value, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_RELAXED);
}

void pm_tree_lower(struct pm_tree *tree, unsigned level, uint64_t i)
{
	uint8_t *node = pm_tree_node(tree, level, i), was = __atomic_load_n(node, __ATOMIC_SEQ_CST);
	unsigned most = was, value = combine(tree, level, i, most), again;

	if (value >= was ||
	    !__atomic_compare_exchange_n(node, &was, (uint8_t)value, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return;
	again = combine(tree, level, i, most); /* who raised a child above that raises us too */
	if (again > value)
		raise_from(tree, level, i, again);
}

void pm_tree_fill(struct pm_tree *tree)
{
	for (unsigned level = 1; level < tree->levels; level++)
		for (uint64_t i = 0; i < tree->count[level]; i++)
			*pm_tree_node(tree, level, i) =
				(uint8_t)combine(tree, level, i, tree->groups ? full(level) : 16);
}

/* First node from `from` to the end of its group of 64, or PM_TREE_NONE. */
static uint64_t next_in_group(const struct pm_tree *tree, unsigned level, uint64_t from, unsigned min, bool owned)
{
	const uint64_t *nodes = tree->level[level];
	uint64_t i = from / 8, end = (from / FAN + 1) * (FAN / 8);
	uint64_t found = at_least(load8(nodes + i), min, owned) & UINT64_MAX << (from % 8 * 8);

	while (!found && ++i < end)
		found = at_least(load8(nodes + i), min, owned);
	return found ? i * 8 + (uint64_t)__builtin_ctzll(found) / 8 : PM_TREE_NONE;
}

uint64_t pm_tree_next(struct pm_tree *tree, unsigned level, uint64_t from, unsigned min, bool owned)
{
	unsigned at = level;

	if (from >= tree->count[level])
		return PM_TREE_NONE;
	while (at < tree->levels) {
		uint64_t found = next_in_group(tree, at, from, min, at > 0 || owned);

		if (found != PM_TREE_NONE) {
			if (at == level)
				return found;
			at--;
			from = found * FAN;
			continue;
		}
		/* Nothing in the rest of this group: on with what is behind it, seen from above. */
		if ((from % FAN == 0 || at > level) && at + 1 < tree->levels)
			pm_tree_lower(tree, at + 1, from / FAN);
		from = from / FAN + 1;
		for (at++; from % FAN == 0 && at + 1 < tree->levels; at++) {
			from /= FAN;
			pm_tree_lower(tree, at + 1, from - 1);
		}
	}
	return PM_TREE_NONE;
}

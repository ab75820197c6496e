/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree of bytes with fan-out 64, volatile: where a value of at least so much can be. A parent is at least what its
 * children say, often more: it is raised with them, and lowered only by a search that finds nothing under it.
 *
 * Whoever raises stores the child before he looks at the parent; whoever lowers stores the parent and looks at the
 * children once more. Both stores are sequentially consistent, so one of them sees the other.
 */
#ifndef PMPOOL_TREE_H
#define PMPOOL_TREE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PM_TREE_LEVELS = 5 };
#define PM_TREE_NONE UINT64_MAX
#define PM_TREE_OWNED 0x80u /* of a leaf: somebody's current one, others look elsewhere */
#define PM_TREE_VALUE 0x7fu

struct pm_tree {
	uint64_t *level[PM_TREE_LEVELS]; /* eight bytes to a word, whole groups of 64 bytes; the first are the leaves */
	uint64_t count[PM_TREE_LEVELS]; /* nodes */
	unsigned levels; /* the last has one node */
	/* Leaves of 7 are full, a parent of aligned groups of full children says 1 more for each doubling. Else a
	 * parent is the largest child. */
	bool groups;
};

/* Bytes that the nodes of a tree of so many leaves take; at them (zeroed, aligned to 64) it is placed. */
size_t pm_tree_bytes(uint64_t leaves);
void pm_tree_place(struct pm_tree *tree, void *at, uint64_t leaves, bool groups);
/* Parents from the leaves; nobody else is at work. */
void pm_tree_fill(struct pm_tree *tree);

static inline uint8_t *pm_tree_node(const struct pm_tree *tree, unsigned level, uint64_t i)
{
	return (uint8_t *)tree->level[level] + i;
}

static inline uint8_t pm_tree_get(const struct pm_tree *tree, unsigned level, uint64_t i)
{
	return __atomic_load_n(pm_tree_node(tree, level, i), __ATOMIC_RELAXED);
}

/* The largest value that may be anywhere. */
static inline unsigned pm_tree_top(const struct pm_tree *tree)
{
	return pm_tree_get(tree, tree->levels - 1, 0) & PM_TREE_VALUE;
}

/* A leaf and what is above it to at least `value`; 0 is no change. */
void pm_tree_raise(struct pm_tree *tree, uint64_t leaf, unsigned value);
/* A leaf from what it was to less; what is above stays. False when it was something else. */
bool pm_tree_change(struct pm_tree *tree, uint64_t leaf, uint8_t was, uint8_t value);
/* First node from `from` on at this level with at least `min` (at least 1), or PM_TREE_NONE. Owned leaves only when
 * asked for. Lowers what says too much. */
uint64_t pm_tree_next(struct pm_tree *tree, unsigned level, uint64_t from, unsigned min, bool owned);
/* A parent found to say too much: what its children say. `level` at least 1. */
void pm_tree_lower(struct pm_tree *tree, unsigned level, uint64_t i);
/* One bit for each child of a parent (level at least 1) that is at least `min`. */
uint64_t pm_tree_children(const struct pm_tree *tree, unsigned level, uint64_t i, unsigned min);

/* Of 64 bits: 1 + the order of the largest aligned group of ones, 0 when there are none. */
static inline unsigned pm_bits_value(uint64_t bits)
{
	if (!bits)
		return 0;
	if (!(bits &= bits >> 1 & UINT64_C(0x5555555555555555)))
		return 1;
	if (!(bits &= bits >> 2 & UINT64_C(0x1111111111111111)))
		return 2;
	if (!(bits &= bits >> 4 & UINT64_C(0x0101010101010101)))
		return 3;
	if (!(bits &= bits >> 8 & UINT64_C(0x0001000100010001)))
		return 4;
	if (!(bits &= bits >> 16 & UINT64_C(0x0000000100000001)))
		return 5;
	return bits & bits >> 32 & 1 ? 7 : 6;
}

/* Of 64 bits: where 2^order aligned ones start. */
static inline uint64_t pm_bits_groups(uint64_t bits, unsigned order)
{
	static const uint64_t starts[7] = {
		UINT64_MAX,
		UINT64_C(0x5555555555555555),
		UINT64_C(0x1111111111111111),
		UINT64_C(0x0101010101010101),
		UINT64_C(0x0001000100010001),
		UINT64_C(0x0000000100000001),
		1,
	};

	for (unsigned i = 0; i < order; i++)
		bits &= bits >> (1u << i);
	return bits & starts[order];
}

#endif

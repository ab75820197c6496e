/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "index.h"
#include "pages.h"

#define LINE 128u /* processors fetch cache lines in pairs */

/* --- a block by its words --- */

static unsigned value_of_zeros(unsigned zeros)
{
	if (zeros == 0xffff)
		return PM_BLOCK_EMPTY_VALUE;
	zeros &= zeros >> 1 & 0x5555;
	if (!zeros)
		return 6;
	zeros &= zeros >> 2 & 0x1111;
	if (!zeros)
		return 7;
	return zeros & zeros >> 4 & 0x0101 ? 9 : 8;
}

unsigned pm_block_value(const struct pm_member *member, uint64_t block)
{
	unsigned zeros = 0, best = 0;

	if (pm_block_state(atomic_load(&member->blocks[block])) != PM_BLOCK_SPLIT)
		return 0;
	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++) {
		uint64_t w = atomic_load(&member->states[block * PM_WORDS_PER_BLOCK + i]);

		zeros |= (unsigned)!w << i;
		while (best < 5 && pm_word_slots(w, best))
			best++;
	}
	return zeros ? value_of_zeros(zeros) : best;
}

static uint64_t generation(const struct pm_member *member)
{
	return __atomic_load_n(&member->shared->pages_generation, __ATOMIC_RELAXED);
}

bool pm_index_stale(const struct pm_member *member)
{
	return generation(member) != __atomic_load_n(&member->pages_generation, __ATOMIC_RELAXED);
}

/* --- make --- */

static size_t rounded(size_t bytes)
{
	return (bytes + LINE - 1) & ~(size_t)(LINE - 1);
}

/* Blocks before the first, so that block numbers plus this are page frame numbers as far as groups can be aligned. */
static uint64_t padding(const struct pm_member *member)
{
	uint64_t first = member->sb.physical_base >> (PM_PAGE_SHIFT + PM_BLOCK_SHIFT), groups = 64;

	while (groups < member->block_count)
		groups *= 2;
	return first & (groups - 1);
}

static void place(struct pm_index *index, uint64_t blocks, uint64_t bits)
{
	uint8_t *at = (uint8_t *)index + rounded(sizeof(*index));

	pm_tree_place(&index->split, at, blocks, false);
	at += rounded(pm_tree_bytes(blocks));
	pm_tree_place(&index->whole, at, bits, true);
	at += rounded(pm_tree_bytes(bits));
	index->free_blocks = (_Atomic uint64_t *)(void *)at;
	for (unsigned i = 0; i < PM_LANES; i++) {
		for (unsigned class = 0; class < PM_CLASSES; class ++)
			atomic_init(&index->lanes[i].word[class], PM_NO_WORD);
		atomic_init(&index->lanes[i].group, (index->pad + blocks * i / PM_LANES) / 64);
	}
}

/* Free pages of a split block. Nobody else changes it yet. */
static uint64_t free_in_block(const struct pm_member *member, uint64_t block)
{
	const uint64_t *words = (const uint64_t *)(uintptr_t)&member->states[block * PM_WORDS_PER_BLOCK];
	uint64_t sum = 0;

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++) {
		uint64_t used = pm_word_used(words[i]);

		used = (used & UINT64_C(0x3333333333333333)) + (used >> 2 & UINT64_C(0x3333333333333333));
		sum += (used + (used >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f); /* bytes of at most 4 in each word */
	}
	sum = (sum & UINT64_C(0x00ff00ff00ff00ff)) + (sum >> 8 & UINT64_C(0x00ff00ff00ff00ff));
	return PM_BLOCK_PAGES - (sum * UINT64_C(0x0001000100010001) >> 48);
}

/* So many free pages have no larger order among them: no less than pm_block_value would say, and soon said. */
static uint8_t value_of_count(uint64_t pages)
{
	return pages ? (uint8_t)(64 - __builtin_clzll(pages)) : 0;
}

/* The blocks whose bits are in this word of them. */
static void index_group(struct pm_member *member, uint64_t group)
{
	struct pm_index *index = member->index;
	uint64_t first = group * 64 > index->pad ? group * 64 - index->pad : 0, end = (group + 1) * 64 - index->pad;
	uint64_t bits = 0, pages = 0;

	end = end < member->block_count ? end : member->block_count;
	for (uint64_t block = first; block < end; block++) {
		unsigned state = pm_block_state(pm_block_load(member, block));

		if (state == PM_BLOCK_FREE) {
			bits |= UINT64_C(1) << ((index->pad + block) % 64);
		} else if (state == PM_BLOCK_SPLIT) {
			uint64_t count = free_in_block(member, block);

			*pm_tree_node(&index->split, 0, block) = value_of_count(count);
			pages += count;
		}
	}
	atomic_init(&index->free_blocks[group], bits);
	*pm_tree_node(&index->whole, 0, group) = (uint8_t)pm_bits_value(bits);
	index->free_pages += (int64_t)(pages + (uint64_t)__builtin_popcountll(bits) * PM_BLOCK_PAGES);
}

enum pm_code pm_index_make(struct pm_member *member, const struct pm_memory *memory)
{
	uint64_t pad = padding(member), blocks = member->block_count, bits = (pad + blocks + 63) / 64;
	size_t bytes = LINE + rounded(sizeof(struct pm_index)) + rounded(pm_tree_bytes(blocks)) +
		       rounded(pm_tree_bytes(bits)) + bits * 8;
	void *taken = memory->take(bytes);
	struct pm_index *index = (struct pm_index *)(((uintptr_t)taken + LINE - 1) & ~(uintptr_t)(LINE - 1));

	if (!taken)
		return PM_E_OUT_OF_MEMORY;
	index->taken = taken;
	index->taken_bytes = bytes;
	index->pad = pad;
	index->base_order =
		member->sb.physical_base ? (uint32_t)__builtin_ctzll(member->sb.physical_base) - PM_PAGE_SHIFT : 63;
	place(index, blocks, bits);
	member->index = index;
	for (uint64_t group = pad / 64; group < bits; group++)
		index_group(member, group);
	pm_tree_fill(&index->split);
	pm_tree_fill(&index->whole);
	member->pages_generation = generation(member);
	return PM_OK;
}

void pm_index_free(struct pm_member *member, const struct pm_memory *memory)
{
	if (member->index)
		memory->give(member->index->taken, member->index->taken_bytes);
	member->index = NULL;
}

uint64_t pm_index_free_pages(const struct pm_member *member)
{
	int64_t pages = member->index->free_pages;

	for (unsigned i = 0; i < PM_LANES; i++)
		pages += atomic_load_explicit(&member->index->lanes[i].freed, memory_order_relaxed);
	return pages > 0 ? (uint64_t)pages : 0;
}

/* --- keep --- */

void pm_index_lower(struct pm_member *member, uint64_t block, bool disown)
{
	struct pm_tree *tree = &member->index->split;
	uint8_t was, now;

	do {
		unsigned value, known;

		was = pm_tree_get(tree, 0, block);
		value = pm_block_value(member, block);
		known = was & PM_TREE_VALUE;
		now = (uint8_t)((value < known ? value : known) | (disown ? 0 : was & PM_TREE_OWNED));
		if (now == was || pm_tree_change(tree, block, was, now))
			break;
		if (!disown) /* somebody knows better; but a flag that stayed would keep all others out */
			return;
	} while (true);
	pm_tree_raise(tree, block, pm_block_value(member, block)); /* freed meanwhile */
}

/* The part of word i of the bits that [from, to) covers. */
static uint64_t bits_of(uint64_t i, uint64_t from, uint64_t to)
{
	uint64_t mask = UINT64_MAX;

	if (i == from / 64)
		mask &= UINT64_MAX << (from % 64);
	if (i == (to - 1) / 64)
		mask &= UINT64_MAX >> (63 - (to - 1) % 64);
	return mask;
}

void pm_index_took(struct pm_member *member, uint64_t first, uint64_t count)
{
	struct pm_index *index = member->index;
	uint64_t from = index->pad + first, to = from + count;

	for (uint64_t i = from / 64; i <= (to - 1) / 64; i++)
		atomic_fetch_and(&index->free_blocks[i], ~bits_of(i, from, to));
}

void pm_index_gave(struct pm_member *member, uint64_t first, uint64_t count)
{
	struct pm_index *index = member->index;
	uint64_t from = index->pad + first, to = from + count;

	for (uint64_t i = from / 64; i <= (to - 1) / 64; i++) {
		uint64_t mask = bits_of(i, from, to), bits = atomic_fetch_or(&index->free_blocks[i], mask) | mask;
		unsigned known = pm_tree_get(&index->whole, 0, i);

		if (known < 7 && pm_bits_groups(bits, known))
			pm_tree_raise(&index->whole, i, pm_bits_value(bits));
	}
}

void pm_index_lower_group(struct pm_member *member, uint64_t group)
{
	struct pm_tree *tree = &member->index->whole;
	uint8_t was = pm_tree_get(tree, 0, group), now;

	now = (uint8_t)pm_bits_value(atomic_load(&member->index->free_blocks[group]));
	if (now < was && pm_tree_change(tree, group, was, now))
		pm_tree_raise(tree, group, pm_bits_value(atomic_load(&member->index->free_blocks[group])));
}

uint64_t pm_index_next_free(struct pm_member *member, uint64_t block)
{
	struct pm_index *index = member->index;
	uint64_t bit = index->pad + block, group = bit / 64, bits = UINT64_MAX << (bit % 64);

	for (;; bits = UINT64_MAX) {
		bits &= atomic_load_explicit(&index->free_blocks[group], memory_order_relaxed);
		if (bits)
			return group * 64 + (uint64_t)__builtin_ctzll(bits) - index->pad;
		pm_index_lower_group(member, group);
		group = pm_tree_next(&index->whole, 0, group + 1, 1, true);
		if (group == PM_TREE_NONE)
			return PM_TREE_NONE;
	}
}

void pm_index_took_checked(struct pm_member *member, uint64_t block)
{
	pm_index_took(member, block, 1);
	if (pm_block_state(atomic_load(&member->blocks[block])) == PM_BLOCK_FREE)
		pm_index_gave(member, block, 1);
}

void pm_index_emptied(struct pm_member *member, uint64_t block)
{
	struct pm_tree *tree = &member->index->split;
	uint8_t was = pm_tree_get(tree, 0, block);

	if (was & PM_TREE_OWNED) {
		pm_tree_raise(tree, block, PM_BLOCK_EMPTY_VALUE);
		return;
	}
	if (!pm_block_join(member, block)) {
		pm_tree_raise(tree, block, pm_block_value(member, block));
		return;
	}
	pm_index_lower(member, block, false);
	pm_index_gave(member, block, 1);
}

void pm_index_room(struct pm_member *member, uint64_t block)
{
	unsigned value = pm_block_value(member, block);

	if (value == PM_BLOCK_EMPTY_VALUE)
		pm_index_emptied(member, block);
	else
		pm_tree_raise(&member->index->split, block, value);
}

bool pm_index_join_all(struct pm_member *member)
{
	struct pm_tree *tree = &member->index->split;
	uint64_t block = 0;
	bool any = false;

	while ((block = pm_tree_next(tree, 0, block, PM_BLOCK_EMPTY_VALUE, true)) != PM_TREE_NONE) {
		if (pm_block_join(member, block)) {
			pm_index_gave(member, block, 1);
			any = true;
		}
		pm_index_lower(member, block++, true);
	}
	return any;
}

void pm_index_rebuild(struct pm_member *member)
{
	struct pm_index *index = member->index;

	__atomic_store_n(&member->pages_generation, generation(member), __ATOMIC_RELAXED);
	for (uint64_t block = 0; block < member->block_count; block++) {
		unsigned state = pm_block_state(pm_block_load(member, block));
		uint64_t bit = index->pad + block;

		if (state == PM_BLOCK_SPLIT)
			pm_tree_raise(&index->split, block, pm_block_value(member, block));
		else if (state == PM_BLOCK_FREE &&
			 !(atomic_load_explicit(&index->free_blocks[bit / 64], memory_order_relaxed) >> (bit % 64) & 1))
			pm_index_gave(member, block, 1);
	}
}

/* --- tell other processes --- */

void pm_index_begin(struct pm_member *member)
{
	atomic_store_explicit(&member->index->told, false, memory_order_relaxed);
}

void pm_index_tell(struct pm_member *member)
{
	uint64_t was;

	if (atomic_load_explicit(&member->index->told, memory_order_relaxed) ||
	    atomic_exchange(&member->index->told, true))
		return;
	was = generation(member);
	/* What another process freed before that we have not looked at: our own step must not hide it. */
	if (__atomic_load_n(&member->pages_generation, __ATOMIC_RELAXED) == was)
		__atomic_store_n(&member->pages_generation, was + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&member->shared->pages_generation, was + 1, __ATOMIC_RELAXED);
}

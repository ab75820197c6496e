/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#define SPINS 100
#define OPEN_SPINS 10000000u /* far more than anybody needs */

uint64_t pm_check_of_block(const struct pm_member *member, uint64_t block)
{
	const _Atomic uint64_t *words = &member->states[block * PM_WORDS_PER_BLOCK];
	uint64_t sum = 0;

#pragma GCC unroll 16
	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++)
		sum ^= pm_word_turned(i, atomic_load_explicit(words + i, memory_order_relaxed));
	return (uint64_t)pm_word_crc(sum) << 32; /* linear: of the sum as well as the sum of all */
}

bool pm_block_empty(const struct pm_member *member, uint64_t block)
{
	uint64_t any = 0;

	for (uint64_t i = 0; i < PM_WORDS_PER_BLOCK; i++)
		any |= atomic_load(&member->states[block * PM_WORDS_PER_BLOCK + i]);
	return !any;
}

bool pm_block_known(uint64_t word)
{
	unsigned state = (unsigned)word & 0xffu;

	if ((word & PM_BLOCK_CODE_MASK) != PM_BLOCK_CODE(state))
		return false;
	return (state & ~(unsigned)PM_BLOCK_ZEROED) <= PM_BLOCK_HEAD || state == (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED);
}

/* The state of a block that nobody else may change now, its check stays whatever it is. */
static void settle(struct pm_member *member, uint64_t block, unsigned state)
{
	uint64_t now = pm_block_load(member, block);

	while (!pm_cas64(&member->blocks[block], &now, pm_block_check(now) | PM_BLOCK_WORD(state)))
		;
	pm_flush_if(member->flush, (const void *)&member->blocks[block], 8);
}

/* A thread that splits or joins a block is at it for a moment. What else is fenced stays so for longer. */
static uint64_t load_settled(const struct pm_member *member, uint64_t block)
{
	uint64_t now = pm_block_load(member, block);

	for (int i = 0; i < SPINS && pm_block_state(now) == PM_BLOCK_FENCED; i++) {
		pm_cpu_relax();
		now = pm_block_load(member, block);
	}
	return now;
}

bool pm_block_split(struct pm_member *member, uint64_t block)
{
	uint64_t now = load_settled(member, block), *words;

	if (pm_block_state(now) == PM_BLOCK_SPLIT)
		return true;
	if (pm_block_state(now) != PM_BLOCK_FREE || pm_block_check(now))
		return false;
	if (!pm_cas64(&member->blocks[block], &now, pm_block_become(now, PM_BLOCK_FENCED)))
		return pm_block_state(load_settled(member, block)) == PM_BLOCK_SPLIT;
	if (!(now & PM_BLOCK_WORD(PM_BLOCK_ZEROED))) {
		words = (uint64_t *)(uintptr_t)&member->states[block * PM_WORDS_PER_BLOCK];
		pm_store_zero(words, PM_WORDS_PER_BLOCK * 8);
		pm_persist_if(member->flush, words, PM_WORDS_PER_BLOCK * 8);
	}
	settle(member, block, PM_BLOCK_SPLIT | PM_BLOCK_ZEROED);
	return true;
}

/* A page word of a block that is not split, from 0. A thread that took the block for split may have something there; it
 * finds out and takes that back. */
static bool open_word(struct pm_member *member, uint64_t word, uint64_t bits)
{
	for (unsigned i = 0; i < OPEN_SPINS; i++) {
		uint64_t none = 0;

		if (pm_cas64(&member->states[word], &none, bits))
			return true;
		pm_cpu_relax();
	}
	return false;
}

/* Without the flag nobody ever took the block for split, and the words mean nothing yet. */
static bool open_words(struct pm_member *member, uint64_t block, bool zeroed, unsigned first_state)
{
	uint64_t first = block * PM_WORDS_PER_BLOCK, word = first;

	for (; word < first + PM_WORDS_PER_BLOCK; word++) {
		uint64_t bits = pm_run_bits(UINT64_MAX, 0, word == first ? first_state : PM_PAGE_CONTINUES);

		if (!zeroed)
			pm_put64(&member->states[word], bits);
		else if (!open_word(member, word, bits))
			break;
	}
	if (word == first + PM_WORDS_PER_BLOCK) {
		pm_persist_if(member->flush, (const void *)&member->states[first], PM_WORDS_PER_BLOCK * 8);
		return true;
	}
	while (word-- > first)
		pm_put64(&member->states[word], 0);
	return false;
}

bool pm_block_open(struct pm_member *member, uint64_t block)
{
	uint64_t now = pm_block_load(member, block), word = block * PM_WORDS_PER_BLOCK, check;
	unsigned state = pm_block_state(now);

	if (state != PM_BLOCK_HEAD && state != PM_BLOCK_CONTINUES)
		return false;
	if (!open_words(member, block, now & PM_BLOCK_WORD(PM_BLOCK_ZEROED), state))
		return false;
	check = pm_check_of_word(word, pm_run_bits(UINT64_MAX, 0, state));
	for (unsigned i = 1; i < PM_WORDS_PER_BLOCK; i++)
		check ^= pm_check_of_word(word + i, PM_LOW_BITS);
	while (!pm_cas64(&member->blocks[block], &now,
			 (pm_block_check(now) ^ check) | PM_BLOCK_WORD(PM_BLOCK_SPLIT | PM_BLOCK_ZEROED)))
		;
	pm_persist_if(member->flush, (const void *)&member->blocks[block], 8);
	return true;
}

bool pm_block_join(struct pm_member *member, uint64_t block)
{
	const uint64_t split = PM_BLOCK_WORD(PM_BLOCK_SPLIT | PM_BLOCK_ZEROED);
	uint64_t now = pm_block_load(member, block), fenced = PM_BLOCK_WORD(PM_BLOCK_FENCED | PM_BLOCK_ZEROED);

	if (now != split || !pm_block_empty(member, block))
		return false;
	if (!pm_cas64(&member->blocks[block], &now, fenced))
		return false;
	if (pm_block_empty(member, block) &&
	    pm_cas64(&member->blocks[block], &fenced, PM_BLOCK_WORD(PM_BLOCK_FREE | PM_BLOCK_ZEROED))) {
		/* Before the region is said to be at rest; until then either way is right. */
		pm_flush_if(member->flush, (const void *)&member->blocks[block], 8);
		return true;
	}
	settle(member, block, PM_BLOCK_SPLIT | PM_BLOCK_ZEROED);
	return false;
}

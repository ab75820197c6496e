/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"
#include "index.h"

static inline _Atomic uint64_t *block_of(struct pm_member *member, uint64_t word)
{
	return &member->blocks[word / PM_WORDS_PER_BLOCK];
}

bool pm_word_set(struct pm_member *member, uint64_t word, uint64_t mask, uint64_t bits)
{
	uint64_t now = pm_word_load(member, word);

	do
		if (now & mask)
			return false;
	while (!pm_cas64(&member->states[word], &now, now | bits));
	return true;
}

uint64_t pm_word_clear(struct pm_member *member, uint64_t word, uint64_t mask)
{
	uint64_t now = pm_word_load(member, word);

	if (mask == UINT64_MAX) {
		pm_put64(&member->states[word], 0);
		return pm_check_of_word(word, now);
	}
	while (!pm_cas64(&member->states[word], &now, now & ~mask))
		;
	return pm_check_of_word(word, now & mask);
}

void pm_word_undo(struct pm_member *member, uint64_t word, uint64_t bits)
{
	pm_word_clear(member, word, bits);
	pm_xor64(block_of(member, word), pm_check_of_word(word, bits));
	pm_words_flush(member, word << PM_WORD_SHIFT, (word << PM_WORD_SHIFT) + 1); /* it may have arrived */
	if (member->index)
		pm_index_room(member, word / PM_WORDS_PER_BLOCK);
}

bool pm_word_claim(struct pm_member *member, uint64_t word, uint64_t mask, uint64_t bits)
{
	return pm_word_set(member, word, mask, bits) && pm_word_settle(member, word, bits);
}

void pm_word_turn(struct pm_member *member, uint64_t word, uint64_t bits)
{
	uint64_t now = pm_word_load(member, word);

	while (!pm_cas64(&member->states[word], &now, now ^ bits))
		;
}

void pm_word_flip(struct pm_member *member, uint64_t word, uint64_t bits)
{
	pm_word_turn(member, word, bits);
	pm_xor64(block_of(member, word), pm_check_of_word(word, bits));
}

uint64_t pm_words_wipe(struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t first = from >> PM_WORD_SHIFT, check = 0;

	if (from >= to)
		return 0;
	for (uint64_t word = ((to - 1) >> PM_WORD_SHIFT) + 1; word-- > first;)
		check ^= pm_word_clear(member, word, pm_part_mask(word, from, to));
	return check;
}

void pm_words_clear(struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t check = pm_words_wipe(member, from, to);

	pm_xor64(&member->blocks[from >> PM_BLOCK_SHIFT], check);
}

bool pm_words_claim(struct pm_member *member, uint64_t from, uint64_t to, enum pm_page_state state)
{
	uint64_t word = from >> PM_WORD_SHIFT, last = (to - 1) >> PM_WORD_SHIFT, check = 0;
	_Atomic uint64_t *block = block_of(member, word);

	for (; word <= last; word++) {
		uint64_t mask = pm_part_mask(word, from, to), bits = mask & (PM_LOW_BITS * state);

		if (!pm_word_set(member, word, mask, bits))
			break;
		check ^= pm_check_of_word(word, bits);
	}
	if (word > last && pm_block_state(pm_xor64(block, check)) == PM_BLOCK_SPLIT)
		return true;
	pm_words_wipe(member, from, word > last ? to : word << PM_WORD_SHIFT);
	if (word > last)
		pm_xor64(block, check);
	pm_words_flush(member, from, to);
	return false;
}

void pm_words_flush_all(const struct pm_member *member, uint64_t from, uint64_t to)
{
	uint64_t word = from >> PM_WORD_SHIFT, last = (to - 1) >> PM_WORD_SHIFT;
	uint64_t block = from >> PM_BLOCK_SHIFT, last_block = (to - 1) >> PM_BLOCK_SHIFT;

	pm_flush((const void *)&member->states[word], (size_t)(last - word + 1) * 8);
	pm_flush((const void *)&member->blocks[block], (size_t)(last_block - block + 1) * 8);
}

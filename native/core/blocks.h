/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block words: their states and checks, how a block is split into pages and joined again, and what format and attach
 * do with all of them.
 *
 * A block's word and its page states are in two hands at once: whoever claims or frees inside a split block changes
 * the page word first and XORs the block's check after. If the XOR meets a block that is no longer split, he undoes
 * both. Whoever joins a block makes it FENCED first and looks at its page words after. So one of the two sees the other.
 */
#ifndef PMPOOL_BLOCKS_H
#define PMPOOL_BLOCKS_H

#include "crc32c.h"
#include "member.h"
#include "persist.h"

/* A page word as it goes into the CRC of its block's check. `word` counts in the member's page states. */
static inline uint64_t pm_word_turned(uint64_t word, uint64_t bits)
{
	unsigned by = 2 * (unsigned)(word % PM_WORDS_PER_BLOCK) + 3;

	return bits ^ (bits << by | bits >> (64 - by)) ^ (bits << 31 | bits >> 33);
}

/* What a page word adds to the check of its block; of old ^ new: what a change of the word does to it. In the
 * place where it stands in a block word. */
static inline uint64_t pm_check_of_word(uint64_t word, uint64_t bits)
{
	return (uint64_t)pm_word_crc(pm_word_turned(word, bits)) << 32;
}

/* The check of all sixteen page words of a block, in place. Absent words (past page_count) count as 0. */
uint64_t pm_check_of_block(const struct pm_member *member, uint64_t block);

/* All sixteen page words are 0. */
bool pm_block_empty(const struct pm_member *member, uint64_t block);

#define PM_BLOCK_WORD(state) PM_BLOCK_CODE((uint32_t)(state))

static inline uint64_t pm_block_load(const struct pm_member *member, uint64_t block)
{
	return atomic_load_explicit(&member->blocks[block], memory_order_acquire);
}

/* enum pm_block_state without its flag */
static inline unsigned pm_block_state(uint64_t word)
{
	return (unsigned)word & 0x0fu;
}

static inline uint64_t pm_block_check(uint64_t word)
{
	return word & ~PM_BLOCK_CODE_MASK;
}

/* The word with another state; flag and check stay. */
static inline uint64_t pm_block_become(uint64_t word, unsigned state)
{
	return (word & (PM_BLOCK_WORD(PM_BLOCK_ZEROED) | ~PM_BLOCK_CODE_MASK)) | PM_BLOCK_WORD(state);
}

/* A code that this format knows. */
bool pm_block_known(uint64_t word);

/* FREE to SPLIT: false when it is neither (SPLIT already: true). */
bool pm_block_split(struct pm_member *member, uint64_t block);
/* HEAD or CONTINUES, all of it one run of the caller's, to SPLIT with the same effective states. False when it is neither,
 * or when its page words are not what they have to be: somebody wrote there without the lock. */
bool pm_block_open(struct pm_member *member, uint64_t block);
/* SPLIT to FREE when every page of it is free; true when this call did it. */
bool pm_block_join(struct pm_member *member, uint64_t block);

/* --- format and attach; no other thread at work --- */

/* Block words of the whole section, and the page words of blocks that hold both metadata and data (or no whole
 * block's worth of pages); other page words stay as they are. Flushed when `flush`, the caller fences. */
void pm_blocks_format(uint8_t *base, const struct pm_superblock *sb, bool flush);

/* Every block word is a known one, metadata reads as allocated, checks are right. `busy`: a change was under way (by
 * shared->busy), so checks may lag behind and fences may stand. Writes nothing. */
bool pm_blocks_consistent(const struct pm_member *member, bool busy);

/* Take back what a crash left: fenced blocks settle by their page words, checks are renewed, bad pages that
 * `quarantined` does not own up to and continuing pages without a head become free. To be called after the records
 * are settled (so that page level and records agree) and before the index is made. Counts into pool->recovered
 * (runs_taken_back, pages_taken_back, blocks_taken_back, checks_renewed). */
void pm_blocks_recover(struct pm_pool *pool, struct pm_member *member,
		       bool (*quarantined)(void *context, uint64_t page), void *context);

#endif

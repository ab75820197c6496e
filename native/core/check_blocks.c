/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block words by themselves: their state is four times the same byte, their check is 0 where they are not split; and
 * what the superblock says of the blocks and pages of the metadata.
 */
#include "blocks.h"
#include "check_work.h"
#include "pages.h"
#include <string.h>

/* What at least three of the four bytes say; false when they do not. */
static bool majority(uint64_t word, unsigned *code)
{
	for (unsigned i = 0; i < 2; i++) {
		unsigned same = 0;

		*code = (uint8_t)(word >> (8 * i));
		for (unsigned j = 0; j < 4; j++)
			same += (uint8_t)(word >> (8 * j)) == *code;
		if (same >= 3)
			return check_block_code(PM_BLOCK_CODE(*code)) != CHECK_NO_STATE;
	}
	return false;
}

enum part { PART_DATA, PART_METADATA, PART_MIXED };

static enum part part_of(const struct pm_superblock *sb, uint64_t block)
{
	uint64_t first = block * PM_BLOCK_PAGES, end = first + PM_BLOCK_PAGES;

	if (end <= sb->data_first)
		return PART_METADATA;
	return first < sb->data_first || end > sb->data_end ? PART_MIXED : PART_DATA;
}

static bool may_correct(struct pm_check_side *side, struct pm_finding *finding)
{
	if (check_may_correct(side))
		return true;
	check_refused(finding, side->frozen ? CHECK_MOVED : CHECK_MANY);
	return false;
}

static void repair_word(struct pm_check_side *side, struct pm_finding *finding, uint64_t offset, uint64_t word)
{
	size_t before = check_patches(side);

	if (may_correct(side, finding) && check_correct_word(side, offset, word))
		check_repaired(side, finding, before);
}

static uint32_t true_check(const struct pm_check_side *side, uint64_t block)
{
	uint64_t check = 0;

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++) {
		uint64_t bits = check_word(side, check_states_at(side, block * PM_WORDS_PER_BLOCK + i));

		check ^= bits ? pm_check_of_word(i, bits) : 0;
	}
	return (uint32_t)(check >> 32);
}

static uint64_t words_not_zero(const struct pm_check_side *side, uint64_t block)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++)
		bits |= check_word(side, check_states_at(side, block * PM_WORDS_PER_BLOCK + i));
	return bits;
}

static unsigned metadata_code(const struct pm_check_side *side, uint64_t block)
{
	if (part_of(&side->region->sb, block) == PART_MIXED)
		return PM_BLOCK_SPLIT | PM_BLOCK_ZEROED;
	return block ? PM_BLOCK_CONTINUES : PM_BLOCK_HEAD;
}

/* Would check and page states be right in this state? */
static bool code_fits(const struct pm_check_side *side, uint64_t block, uint64_t word, unsigned code)
{
	if (check_block_code(PM_BLOCK_CODE(code)) == CHECK_NO_STATE)
		return false;
	if (code == (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED))
		return true_check(side, block) == word >> 32;
	return word >> 32 == 0 && (!(code & PM_BLOCK_ZEROED) || !words_not_zero(side, block));
}

/* Of the states that its bytes say, the only one that check and page states fit. */
static bool one_fits(const struct pm_check_side *side, uint64_t block, uint64_t word, unsigned *code)
{
	unsigned found = CHECK_NO_STATE;

	for (unsigned i = 0; i < 4; i++) {
		unsigned try = (uint8_t)(word >> (8 * i));

		if (try == found || !code_fits(side, block, word, try))
			continue;
		if (found != CHECK_NO_STATE)
			return false;
		found = try;
	}
	*code = found;
	return found != CHECK_NO_STATE;
}

/* The word of a block with its state put right: the superblock knows those of the metadata. */
static uint64_t block_read(struct pm_check_side *side, uint64_t block)
{
	uint64_t at = check_block_at(side, block), word = check_word(side, at);
	bool data = part_of(&side->region->sb, block) == PART_DATA;
	struct pm_finding *finding;
	unsigned code;

	if (check_block_code(word) != CHECK_NO_STATE)
		return word;
	finding = check_found(side, PM_FINDING_BLOCK_STATE_DAMAGED, CHECK_BYTES(at, 4), "block %u: %x", block,
			      word & PM_BLOCK_CODE_MASK);
	if (!data)
		code = metadata_code(side, block);
	else if (!majority(word, &code) && !one_fits(side, block, word, &code)) {
		check_refused(finding, "its bytes agree on no state, and no state alone fits its check");
		return word;
	}
	repair_word(side, finding, at, (word & ~PM_BLOCK_CODE_MASK) | PM_BLOCK_CODE(code));
	return check_word(side, at);
}

static uint64_t metadata_block(struct pm_check_side *side, uint64_t block, uint64_t word)
{
	uint64_t want = PM_BLOCK_CODE(metadata_code(side, block));

	if (part_of(&side->region->sb, block) == PART_DATA || (word & PM_BLOCK_CODE_MASK) == want)
		return word;
	repair_word(side,
		    check_found(side, PM_FINDING_METADATA_STATES_WRONG, CHECK_BYTES(check_block_at(side, block), 4),
				"block %u: state %x, as metadata it has %x", block, word & 0xff, want & 0xff),
		    check_block_at(side, block), (word & ~PM_BLOCK_CODE_MASK) | want);
	return check_word(side, check_block_at(side, block));
}

/* Not split: no check, and with the flag no page states. */
static void whole_block(struct pm_check_side *side, uint64_t block, uint64_t word)
{
	static const uint64_t zero[PM_WORDS_PER_BLOCK];
	bool dirty = word & PM_BLOCK_ZEROED && words_not_zero(side, block), check = pm_block_check(word) != 0;
	size_t before = check_patches(side);
	struct pm_finding *finding;

	if (!dirty && !check)
		return;
	if (side->region->busy) {
		check_found(side, PM_FINDING_BLOCK_CHECK_LATE, CHECK_PAGES(block * PM_BLOCK_PAGES, PM_BLOCK_PAGES),
			    "block %u: was being split or joined", block);
		return;
	}
	finding = check_found(side, PM_FINDING_BLOCK_NOT_ZERO, CHECK_PAGES(block * PM_BLOCK_PAGES, PM_BLOCK_PAGES),
			      "block %u: state %x, check %x%s", block, word & 0xff, word >> 32,
			      dirty ? ", page states that are not 0" : "");
	if (!may_correct(side, finding))
		return;
	if (dirty && !check_correct(side, check_states_at(side, block * PM_WORDS_PER_BLOCK), zero, sizeof(zero)))
		return;
	if (check && !check_correct_word(side, check_block_at(side, block), word & PM_BLOCK_CODE_MASK))
		return;
	check_repaired(side, finding, before);
}

/* Behind the last block: one finding for words that follow each other. Gives the first word that is zero again. */
static uint64_t words_at(struct pm_check_side *side, uint64_t first)
{
	uint64_t at = check_block_at(side, first), end = first + 1, last = side->blocks->bytes / 8;
	size_t before = check_patches(side);
	struct pm_finding *finding;
	bool corrected;

	while (end < last && check_word(side, check_block_at(side, end)))
		end++;
	finding = check_found(side, PM_FINDING_BLOCK_NOT_ZERO, CHECK_BYTES(at, (end - first) * 8),
			      "behind the last block: %x%s", check_word(side, at),
			      end - first > 1 ? ", and the words after it" : "");
	corrected = may_correct(side, finding);
	for (uint64_t word = first; word < end && corrected; word++)
		corrected = check_correct_word(side, check_block_at(side, word), 0);
	if (corrected)
		check_repaired(side, finding, before);
	return end;
}

static void words_behind(struct pm_check_side *side)
{
	for (uint64_t block = side->block_count; block < side->blocks->bytes / 8; block++)
		if (check_word(side, check_block_at(side, block)))
			block = words_at(side, block);
}

void check_blocks(struct pm_check_side *side)
{
	words_behind(side);
	for (uint64_t block = 0; block < side->block_count; block++) {
		uint64_t word = metadata_block(side, block, block_read(side, block));

		if (check_block_code(word) == (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED))
			side->region->blocks_split++;
		else if (check_block_code(word) != CHECK_NO_STATE)
			whole_block(side, block, word);
	}
}

/* --- split blocks: check against page states --- */

/* Bits that pages of the metadata and past the end have, and which bits those are. */
static uint64_t metadata_bits(const struct pm_superblock *sb, uint64_t word, uint64_t *mask)
{
	uint64_t bits = 0;

	*mask = 0;
	for (uint64_t i = 0, page = word * PM_PAGES_PER_WORD; i < PM_PAGES_PER_WORD; i++, page++) {
		uint64_t state;

		if (page >= sb->data_first && page < sb->data_end)
			continue;
		state = page == 0 || page == sb->data_end ? PM_PAGE_HEAD
			: page < sb->data_first		  ? PM_PAGE_CONTINUES
							  : PM_PAGE_BAD;
		bits |= state << (2 * i);
		*mask |= UINT64_C(3) << (2 * i);
	}
	return bits;
}

static uint64_t metadata_wrong(const struct pm_check_side *side, uint64_t block)
{
	uint64_t wrong = 0;

	if (part_of(&side->region->sb, block) != PART_MIXED)
		return 0;
	for (uint64_t word = block * PM_WORDS_PER_BLOCK; word < (block + 1) * PM_WORDS_PER_BLOCK; word++) {
		uint64_t mask, bits = metadata_bits(&side->region->sb, word, &mask);

		wrong += (uint64_t)__builtin_popcountll(
			pm_word_used((check_word(side, check_states_at(side, word)) ^ bits) & mask));
	}
	return wrong;
}

enum { TRIES_MAX = 16 };

static uint64_t byte_offset(const struct pm_check_side *side, uint64_t block, const struct pm_check_byte *byte)
{
	return byte->in_crc ? check_block_at(side, block) + 4 + byte->at
			    : check_states_at(side, block * PM_WORDS_PER_BLOCK) + byte->at;
}

/* Several single bytes explain it: the one with which nothing else is wrong around the block. */
static int choose_try(struct pm_check_side *side, uint64_t block, const struct pm_check_byte *bytes, size_t count)
{
	uint64_t first = block * PM_BLOCK_PAGES;
	int chosen = -1;

	for (size_t i = 0; i < count; i++) {
		uint64_t at = byte_offset(side, block, &bytes[i]), wrong;
		uint8_t was = *check_at(side, at);

		if (!check_poke(side, at, was ^ bytes[i].flip))
			return -1;
		wrong = metadata_wrong(side, block) + check_runs_wrong(side, first, first + PM_BLOCK_PAGES);
		check_poke(side, at, was);
		if (!wrong && chosen >= 0)
			return -1;
		if (!wrong)
			chosen = (int)i;
	}
	return chosen;
}

static void correct_byte(struct pm_check_side *side, struct pm_finding *finding, uint64_t block,
			 const struct pm_check_byte *byte)
{
	uint64_t at = byte_offset(side, block, byte), aligned = at & ~UINT64_C(7);

	repair_word(side, finding, aligned, check_word(side, aligned) ^ (uint64_t)byte->flip << (8 * (at - aligned)));
}

/* True when it was put right. */
static bool wrong_check(struct pm_check_side *side, uint64_t block, uint32_t stored, uint32_t truth)
{
	struct pm_check_byte bytes[TRIES_MAX];
	struct pm_finding *finding;
	size_t count;
	int chosen;

	finding = check_found(side, PM_FINDING_BLOCK_CHECK_WRONG, CHECK_PAGES(block * PM_BLOCK_PAGES, PM_BLOCK_PAGES),
			      "block %u: check %x, its page states have %x", block, (uint64_t)stored, (uint64_t)truth);
	if (!may_correct(side, finding))
		return false;
	count = check_locate_states(stored ^ truth, bytes, TRIES_MAX);
	if (!count) {
		check_refused(finding, "no single byte explains it");
		return false;
	}
	chosen = count == 1 ? 0 : choose_try(side, block, bytes, count);
	if (chosen < 0) {
		check_refused(finding, "more than one byte may be the wrong one");
		return false;
	}
	correct_byte(side, finding, block, &bytes[chosen]);
	return true;
}

/* The check is right, or was put right: pages of the metadata that are not marked so, the superblock determines. */
static void metadata_pages(struct pm_check_side *side, uint64_t block)
{
	uint64_t wrong = metadata_wrong(side, block), change = 0, at = check_block_at(side, block);
	size_t before = check_patches(side);
	struct pm_finding *finding;

	if (!wrong)
		return;
	finding = check_found(side, PM_FINDING_METADATA_STATES_WRONG,
			      CHECK_PAGES(block * PM_BLOCK_PAGES, PM_BLOCK_PAGES), "block %u: %u pages", block, wrong);
	if (!may_correct(side, finding))
		return;
	for (uint64_t word = block * PM_WORDS_PER_BLOCK; word < (block + 1) * PM_WORDS_PER_BLOCK; word++) {
		uint64_t mask, bits = metadata_bits(&side->region->sb, word, &mask);
		uint64_t is = check_word(side, check_states_at(side, word)), flip = (is ^ bits) & mask;

		change ^= pm_check_of_word(word, flip);
		if (flip && !check_correct_word(side, check_states_at(side, word), is ^ flip))
			return;
	}
	if (check_correct_word(side, at, check_word(side, at) ^ change))
		check_repaired(side, finding, before);
}

void check_block_checks(struct pm_check_side *side)
{
	for (uint64_t block = 0; block < side->block_count; block++) {
		uint64_t word = check_word(side, check_block_at(side, block));
		uint32_t truth;

		if (check_block_code(word) != (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED))
			continue;
		truth = true_check(side, block);
		if (truth != word >> 32 && side->region->busy)
			check_found(side, PM_FINDING_BLOCK_CHECK_LATE,
				    CHECK_PAGES(block * PM_BLOCK_PAGES, PM_BLOCK_PAGES),
				    "block %u: check %x, its page states have %x", block, word >> 32, (uint64_t)truth);
		else if (truth != word >> 32 && !wrong_check(side, block, (uint32_t)(word >> 32), truth))
			continue;
		metadata_pages(side, block);
	}
}

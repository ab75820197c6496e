/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks and page words: what they say together, claims in two phases, what a crash leaves. */
#include "core/blocks.h"
#include "core/pages.h"
#include "core/runs.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define BYTES (16 * MIB) /* 8 blocks, of which the first and the last are split from the start */

static struct pm_member *member_of(struct model_region *region)
{
	return region->pool.members[0];
}

static void slots_of_a_word_are_aligned_and_free(void **state)
{
	uint64_t seed = 1;

	for (int round = 0; round < 5000; round++) {
		uint64_t w = model_random(&seed) & model_random(&seed) & model_random(&seed);

		if (round % 3)
			w &= model_random(&seed) & model_random(&seed);
		for (unsigned order = 0; order <= 5; order++) {
			uint64_t expected = 0;

			for (unsigned at = 0; at < 32; at += 1u << order)
				if (!(w & pm_word_mask(at, at + (1u << order) - 1)))
					expected |= UINT64_C(1) << (2 * at);
			assert_int_equal(pm_word_slots(w, order), expected);
		}
	}
}

static void a_check_is_the_sum_of_its_changes(void **state)
{
	uint64_t seed = 7, check = 0, words[PM_WORDS_PER_BLOCK] = {0};

	for (int round = 0; round < 1000; round++) {
		uint64_t i = model_random(&seed) % PM_WORDS_PER_BLOCK, bits = model_random(&seed), sum = 0;

		words[i] ^= bits;
		check ^= pm_check_of_word(i, bits);
		for (uint64_t j = 0; j < PM_WORDS_PER_BLOCK; j++)
			sum ^= pm_check_of_word(j + 32, words[j]);
		assert_int_equal(check, sum);
		assert_int_equal(pm_word_crc(bits), pm_word_crc_table(bits));
	}
}

/* A mixture of runs of all kinds, split blocks and whole ones. */
static void fill(struct model_region *region, uint64_t *seed)
{
	struct pm_run run;

	for (int i = 0; i < 60; i++) {
		struct pm_alloc_request request = {.pages = 1 + model_random(seed) % (1u << i % 11)};

		pm_alloc(&region->pool, &request, &model_act, &run);
		if (i % 3 == 0 && pm_run_next(&region->pool, model_random(seed) % 4096, &run))
			pm_free(&region->pool, run.page, 0, &run);
	}
	pm_quarantine(&region->pool, model_random(seed) % 4096, 1 + model_random(seed) % 9, "test", &model_act);
}

static uint64_t first_in(const struct pm_member *member, uint64_t from, uint64_t to, unsigned states)
{
	while (from < to && !(states >> pm_member_state(member, from) & 1))
		from++;
	return from;
}

static uint64_t last_in(const struct pm_member *member, uint64_t from, uint64_t to, unsigned states)
{
	while (to > from)
		if (states >> pm_member_state(member, --to) & 1)
			return to;
	return PM_NO_PAGE;
}

static void searches_step_over_blocks_and_words(void **state)
{
	uint64_t seed = 3;

	for (int round = 0; round < 20; round++) {
		struct model_region region;
		const struct pm_member *member;

		model_region_make(&region, BYTES);
		fill(&region, &seed);
		member = member_of(&region);
		for (int i = 0; i < 300; i++) {
			uint64_t from = model_random(&seed) % 4097, to = model_random(&seed) % 4097;
			uint64_t end = from > to ? from : to, page = from < to ? from : to;

			assert_int_equal(pm_next_free(member, page, end), first_in(member, page, end, 1));
			assert_int_equal(pm_next_used(member, page, end), first_in(member, page, end, 2 | 4 | 8));
			assert_int_equal(pm_next_head(member, page, end), first_in(member, page, end, 8));
			assert_int_equal(pm_next_bad(member, page, end), first_in(member, page, end, 4));
			assert_int_equal(pm_last_used(member, page, end), last_in(member, page, end, 2 | 4 | 8));
			assert_int_equal(pm_run_end(member, page),
					 page < member->sb.data_end
						 ? first_in(member, page, member->sb.data_end, 1 | 4 | 8)
						 : member->sb.data_end);
		}
		model_region_end(&region);
	}
}

static void states_of_many_words_are_those_of_their_pages(void **state)
{
	struct model_region region;
	uint64_t seed = 5, states[140];

	model_region_make(&region, BYTES + 9 * 4096);
	fill(&region, &seed);
	pm_page_states(&region.pool, 0, 140, states);
	for (uint64_t page = 0; page < 140 * 32; page++)
		assert_int_equal(states[page / 32] >> (page % 32 * 2) & 3, pm_page_state_get(&region.pool, page));
	assert_int_equal(states[139], UINT64_C(0xaaaaaaaaaaaaaaaa));
	model_region_end(&region);
}

static void a_claim_counts_when_it_is_committed(void **state)
{
	static const uint64_t sizes[] = {1, 5, 32, 33, 100, 512, 513, 1024, 1500};

	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct pm_alloc_request request = {.pages = sizes[i / 2]};
		struct model_region region;
		struct pm_member *member;
		struct pm_claim claim;
		struct pm_run run;
		struct pm_usage before, after;

		model_region_make(&region, BYTES);
		member = member_of(&region);
		pm_usage_get(&region.pool, &before);
		assert_int_equal(pm_claim_begin(&region.pool, &request, &claim), PM_OK);
		assert_int_equal(pm_member_state(member, claim.page), PM_PAGE_BAD);
		assert_false(pm_run_is(member, claim.page, claim.pages));
		assert_false(pm_run_next(&region.pool, 0, &run));
		if (i % 2) {
			pm_claim_abort(&claim);
			pm_usage_get(&region.pool, &after);
			assert_memory_equal(&before, &after, sizeof(after));
		} else {
			pm_claim_commit(&claim);
			assert_true(pm_run_is(member, claim.page, claim.pages));
			assert_false(pm_run_is(member, claim.page, claim.pages - 1));
			assert_false(pm_run_is(member, claim.page, claim.pages + 1));
			assert_int_equal(pm_free(&region.pool, claim.page, 0, &run), PM_OK);
		}
		model_assert_adds_up(&region.pool);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_false(model_recovered_anything(&region.pool));
		model_region_end(&region);
	}
}

static void pages_are_fenced_all_or_none(void **state)
{
	struct model_region region;
	struct pm_usage before, after;
	struct pm_member *member;
	struct pm_run run;

	model_region_make(&region, BYTES);
	member = member_of(&region);
	assert_int_equal(pm_alloc(&region.pool, &(struct pm_alloc_request){.pages = 1}, &model_act, &run), PM_OK);
	pm_usage_get(&region.pool, &before);
	assert_false(pm_pages_fence(member, run.page - 1, 2));
	assert_false(pm_pages_fence(member, run.page, 2));
	assert_false(pm_pages_fence(member, member->sb.data_end - 2000, 2001));
	pm_usage_get(&region.pool, &after);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_true(pm_pages_fence(member, 1000, 2000));
	for (uint64_t page = 999; page <= 3000; page++)
		assert_int_equal(pm_member_state(member, page),
				 page == 999 || page == 3000 ? PM_PAGE_FREE : PM_PAGE_BAD);
	pm_pages_unfence(member, 0, 4096 - 1);
	pm_usage_get(&region.pool, &after);
	assert_memory_equal(&before, &after, sizeof(after));
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

/* --- what a crash leaves --- */

#define CODE(state) PM_BLOCK_CODE((uint32_t)(state))
#define SPLIT CODE(PM_BLOCK_SPLIT | PM_BLOCK_ZEROED)
#define Z PM_BLOCK_ZEROED

/* Words of block 2 and the block word of 3, at rest or while a change was under way; what becomes of them. */
struct left {
	const char *what;
	uint64_t block, words[2], next;
	bool busy_only; /* at rest it is damage */
	uint64_t block_after, words_after[2], next_after;
};
static const struct left lefts[] = {
	{"nothing", 0, {7, 7}, 0, false, 0, {7, 7}, 0},
	{"a split that did not come to its page words", CODE(PM_BLOCK_FENCED), {7, 7}, 0, true, 0, {7, 7}, 0},
	{"a join, the page words are empty", CODE(PM_BLOCK_FENCED | Z), {0, 0}, 0, true, CODE(Z), {0, 0}, 0},
	{"a join that met a claim", CODE(PM_BLOCK_FENCED | Z), {3, 0}, 0, true, SPLIT, {3, 0}, 0},
	{"a claim that came too late", CODE(Z), {3, 0}, 0, true, CODE(Z), {0, 0}, 0},
	{"the same, in a block that is taken",
	 CODE(PM_BLOCK_HEAD | Z),
	 {3, 0},
	 0,
	 true,
	 CODE(PM_BLOCK_HEAD | Z),
	 {0, 0},
	 0},
	{"a check that lags behind", SPLIT, {7, 0}, 0, true, SPLIT, {7, 0}, 0},
	{"a fence", SPLIT, {2, 0}, 0, true, SPLIT, {0, 0}, 0},
	{"a fence and what stands behind it", SPLIT, {UINT64_C(2) << 62 | 3, 0x15}, 0, true, SPLIT, {3, 0}, 0},
	{"pages behind a run",
	 SPLIT,
	 {UINT64_C(0x5555555555555557), 5},
	 0,
	 true,
	 SPLIT,
	 {UINT64_C(0x5555555555555557), 5},
	 0},
	{"pages without a head", SPLIT, {0x14, 5}, 0, true, SPLIT, {0, 0}, 0},
	{"a head, a gap, pages without a head", SPLIT, {UINT64_C(0x5555555555555547), 5}, 0, true, SPLIT, {7, 0}, 0},
	{"a fenced block and one behind it",
	 CODE(PM_BLOCK_FENCED),
	 {7, 7},
	 CODE(PM_BLOCK_CONTINUES),
	 true,
	 0,
	 {7, 7},
	 0},
	{"a block without a head", 0, {7, 7}, CODE(PM_BLOCK_CONTINUES | Z), true, 0, {7, 7}, CODE(Z)},
	{"a run of two blocks",
	 CODE(PM_BLOCK_HEAD),
	 {7, 7},
	 CODE(PM_BLOCK_CONTINUES),
	 false,
	 CODE(PM_BLOCK_HEAD),
	 {7, 7},
	 CODE(PM_BLOCK_CONTINUES)},
};

static void put(struct pm_member *member, const struct left *left)
{
	_Atomic uint64_t *words = &member->states[2 * PM_WORDS_PER_BLOCK];

	memset((void *)words, 0, PM_WORDS_PER_BLOCK * 8);
	words[0] = left->words[0];
	words[1] = left->words[1];
	memset((void *)&member->states[3 * PM_WORDS_PER_BLOCK], 0, PM_WORDS_PER_BLOCK * 8);
	member->blocks[2] = left->block;
	member->blocks[3] = left->next;
}

static void what_a_crash_leaves_is_taken_back(void **state)
{
	for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++) {
		const struct left *left = &lefts[i];
		struct model_region region;
		struct pm_member *member;

		model_region_make(&region, BYTES);
		member = member_of(&region);
		put(member, left);
		member->shared->busy = PM_BUSY;
		if (model_region_again(&region))
			fail_msg("%s: refused", left->what);
		member = member_of(&region);
		if ((member->blocks[2] & PM_BLOCK_CODE_MASK) != left->block_after ||
		    member->states[32] != left->words_after[0] || member->states[33] != left->words_after[1] ||
		    member->blocks[3] != left->next_after)
			fail_msg("%s: block %llx, words %llx %llx, next %llx", left->what,
				 (unsigned long long)member->blocks[2], (unsigned long long)member->states[32],
				 (unsigned long long)member->states[33], (unsigned long long)member->blocks[3]);
		assert_int_equal(model_recovered_anything(&region.pool), left->busy_only);
		model_assert_adds_up(&region.pool);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_false(model_recovered_anything(&region.pool));
		model_region_end(&region);
	}
}

static void what_no_crash_leaves_is_refused(void **state)
{
	static const uint64_t unknown[] = {1, 0x0404040404040404, 0x04040404, 0x05050505, 0x20202020, 0x03030302};

	for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++) {
		struct model_region region;

		model_region_make(&region, BYTES);
		put(member_of(&region), &lefts[i]);
		if (pm_blocks_consistent(member_of(&region), false) == lefts[i].busy_only)
			fail_msg("%s", lefts[i].what);
		assert_true(pm_blocks_consistent(member_of(&region), true));
		model_region_end(&region);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct model_region region;

		model_region_make(&region, BYTES);
		member_of(&region)->blocks[4] = unknown[i];
		if (pm_blocks_consistent(member_of(&region), true) || pm_blocks_consistent(member_of(&region), false))
			fail_msg("%llx", (unsigned long long)unknown[i]);
		member_of(&region)->blocks[4] = 0;
		model_region_end(&region);
	}
}

static void metadata_reads_as_allocated_whatever_the_place(void **state)
{
	for (uint64_t pages = 256; pages < 256 + 3 * 512; pages += pages % 512 < 4 || pages % 512 > 508 ? 1 : 61) {
		struct model_region region;
		struct pm_member *member;

		model_region_make(&region, pages * 4096);
		member = member_of(&region);
		for (uint64_t page = 0; page < pages + 512; page++) {
			unsigned expected = page == 0 || page == member->sb.data_end ? PM_PAGE_HEAD
					    : page < member->sb.data_first	     ? PM_PAGE_CONTINUES
					    : page < member->sb.data_end	     ? PM_PAGE_FREE
										     : PM_PAGE_BAD;

			assert_int_equal(pm_member_state(member, page), expected);
		}
		/* Neither may metadata look free, nor its blocks like others. */
		for (uint64_t block = 0; block < member->block_count; block += member->block_count - 1) {
			member->blocks[block] ^= CODE(PM_BLOCK_SPLIT);
			assert_false(pm_blocks_consistent(member, true));
			member->blocks[block] ^= CODE(PM_BLOCK_SPLIT);
			if (member->block_count == 1)
				break;
		}
		model_region_end(&region);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_of_a_word_are_aligned_and_free),
		cmocka_unit_test(a_check_is_the_sum_of_its_changes),
		cmocka_unit_test(searches_step_over_blocks_and_words),
		cmocka_unit_test(states_of_many_words_are_those_of_their_pages),
		cmocka_unit_test(a_claim_counts_when_it_is_committed),
		cmocka_unit_test(pages_are_fenced_all_or_none),
		cmocka_unit_test(what_a_crash_leaves_is_taken_back),
		cmocka_unit_test(what_no_crash_leaves_is_refused),
		cmocka_unit_test(metadata_reads_as_allocated_whatever_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

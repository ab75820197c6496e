/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hints of free room: never less than there is, and a search finds what they say or mends them. */
#include "core/blocks.h"
#include "core/index.h"
#include "core/tree.h"
#include "model.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static unsigned bits_value_by_hand(uint64_t bits)
{
	for (int order = 6; order >= 0; order--)
		for (unsigned at = 0; at < 64; at += 1u << order) {
			uint64_t group = UINT64_MAX >> (64 - (1u << order)) << at;

			if ((bits & group) == group)
				return (unsigned)order + 1;
		}
	return 0;
}

static void bits_tell_their_largest_aligned_group(void **state)
{
	uint64_t seed = 1;

	assert_int_equal(pm_bits_value(UINT64_MAX), 7);
	assert_int_equal(pm_bits_value(UINT64_MAX >> 1), 6);
	for (int round = 0; round < 3000; round++) {
		uint64_t bits = model_random(&seed);

		for (int more = 0; more < round % 5; more++)
			bits |= model_random(&seed);
		assert_int_equal(pm_bits_value(bits), bits_value_by_hand(bits));
		for (unsigned order = 0; order <= 6; order++) {
			uint64_t groups = pm_bits_groups(bits, order);

			assert_int_equal(groups != 0, bits_value_by_hand(bits) > order);
			for (; groups; groups &= groups - 1) {
				unsigned at = (unsigned)__builtin_ctzll(groups);
				uint64_t group = UINT64_MAX >> (64 - (1u << order)) << at;

				assert_int_equal(at % (1u << order), 0);
				assert_int_equal(bits & group, group);
			}
		}
	}
}

/* --- trees --- */

static struct pm_tree tree_make(uint64_t leaves, bool groups, void **memory)
{
	struct pm_tree tree;
	size_t bytes = (pm_tree_bytes(leaves) + 63) / 64 * 64;

	*memory = aligned_alloc(64, bytes);
	memset(*memory, 0, bytes);
	pm_tree_place(&tree, *memory, leaves, groups);
	return tree;
}

static uint64_t next_by_hand(const struct pm_tree *tree, uint64_t from, unsigned min, bool owned)
{
	for (; from < tree->count[0]; from++) {
		uint8_t leaf = pm_tree_get(tree, 0, from);

		if ((leaf & PM_TREE_VALUE) >= min && (owned || !(leaf & PM_TREE_OWNED)))
			return from;
	}
	return PM_TREE_NONE;
}

static void a_search_finds_the_next_leaf(void **state)
{
	static const uint64_t sizes[] = {1, 2, 63, 64, 65, 4095, 4096, 4097, 20000, 300000};
	uint64_t seed = 2;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		void *memory;
		struct pm_tree tree = tree_make(sizes[i], false, &memory);

		for (int round = 0; round < 2000; round++) {
			uint64_t leaf = model_random(&seed) % sizes[i], from = model_random(&seed) % sizes[i];
			unsigned min = 1 + (unsigned)(model_random(&seed) % 10);
			bool owned = model_random(&seed) % 2;
			uint8_t was = pm_tree_get(&tree, 0, leaf);

			if (model_random(&seed) % 3)
				pm_tree_raise(&tree, leaf, 1 + (unsigned)(model_random(&seed) % 10));
			else if (model_random(&seed) % 2)
				assert_true(pm_tree_change(&tree, leaf, was, was & PM_TREE_OWNED));
			else
				assert_true(pm_tree_change(&tree, leaf, was, was ^ PM_TREE_OWNED));
			assert_false(pm_tree_change(&tree, leaf, was ^ 0x40, 0));
			assert_int_equal(pm_tree_next(&tree, 0, from, min, owned),
					 next_by_hand(&tree, from, min, owned));
		}
		/* A search over nothing takes the root down with it. */
		for (uint64_t leaf = 0; leaf < sizes[i]; leaf++)
			pm_tree_change(&tree, leaf, pm_tree_get(&tree, 0, leaf), 0);
		assert_int_equal(pm_tree_next(&tree, 0, 0, 1, true), PM_TREE_NONE);
		assert_int_equal(pm_tree_top(&tree), 0);
		free(memory);
	}
}

/* 1 + the order of the largest aligned group of full leaves (64 of something each), or the largest leaf. */
static unsigned top_by_hand(const struct pm_tree *tree)
{
	uint64_t count = tree->count[0], group = 1;
	unsigned best = 0;

	for (uint64_t i = 0; i < count; i++)
		best = pm_tree_get(tree, 0, i) > best ? pm_tree_get(tree, 0, i) : best;
	for (unsigned value = 7; best >= 7 && group <= count; value++, group *= 2)
		for (uint64_t at = 0; at + group <= count; at += group) {
			uint64_t i = 0;

			while (i < group && pm_tree_get(tree, 0, at + i) == 7)
				i++;
			best = i == group ? value : best;
		}
	return best;
}

static void groups_are_aligned_and_full(void **state)
{
	static const uint64_t sizes[] = {1, 2, 64, 100, 128, 4096, 5000};
	uint64_t seed = 3;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (int round = 0; round < 40; round++) {
			void *memory;
			struct pm_tree tree = tree_make(sizes[i], true, &memory);

			for (uint64_t leaf = 0; leaf < sizes[i]; leaf++)
				if (round == 0 || model_random(&seed) % ((uint64_t)round * 8) != 0)
					pm_tree_raise(&tree, leaf, 7);
				else
					pm_tree_raise(&tree, leaf, (unsigned)(model_random(&seed) % 7));
			assert_int_equal(pm_tree_top(&tree), top_by_hand(&tree));
			memset(tree.level[0], 0, 1); /* behind its back: the root is too high now */
			for (unsigned level = 1; level < tree.levels; level++)
				pm_tree_lower(&tree, level, 0);
			assert_int_equal(pm_tree_top(&tree), top_by_hand(&tree));
			free(memory);
		}
}

/* --- threads: what was raised last is found --- */

struct contest {
	struct pm_tree tree;
	pthread_barrier_t barrier;
	uint64_t lost;
};
#define ROUNDS 20000u

static void *raise_and_lower(void *argument)
{
	struct contest *contest = argument;
	uint64_t seed = (uintptr_t)&seed;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t leaf = model_random(&seed) % 128;

		pm_tree_raise(&contest->tree, leaf, 3);
		/* Nobody else takes this value down: all searches must meet it, and lower other things around. */
		if (pm_tree_next(&contest->tree, 0, 0, 3, true) == PM_TREE_NONE)
			__atomic_fetch_add(&contest->lost, 1, __ATOMIC_RELAXED);
		pm_tree_raise(&contest->tree, 128 + leaf, 5);
		pm_tree_change(&contest->tree, 128 + leaf, 5, 0);
		pm_tree_next(&contest->tree, 0, 128, 4, true);
	}
	return NULL;
}

static void threads_do_not_lose_what_was_raised(void **state)
{
	struct contest contest = {0};
	pthread_t threads[2];
	void *memory;

	contest.tree = tree_make(8192, false, &memory);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, raise_and_lower, &contest), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(contest.lost, 0);
	free(memory);
}

/* --- the index of a region --- */

static void assert_no_hint_too_low(const struct pm_member *member)
{
	const struct pm_index *index = member->index;

	for (uint64_t block = 0; block < member->block_count; block++) {
		uint64_t bit = index->pad + block;

		assert_true((pm_tree_get(&index->split, 0, block) & PM_TREE_VALUE) >= pm_block_value(member, block));
		if (pm_block_state(pm_block_load(member, block)) == PM_BLOCK_FREE)
			assert_true(index->free_blocks[bit / 64] >> (bit % 64) & 1);
	}
	for (uint64_t i = 0; i < index->whole.count[0]; i++)
		assert_true(pm_tree_get(&index->whole, 0, i) >= pm_bits_value(index->free_blocks[i]));
	assert_true(pm_tree_top(&index->whole) >= top_by_hand(&index->whole));
}

static void hints_are_never_too_low(void **state)
{
	uint64_t seed = 9;
	struct model_region region;
	struct pm_usage usage;

	model_region_make(&region, 160 * MIB + 4096);
	for (unsigned round = 0; round < 20000; round++) {
		struct pm_alloc_request request = {.pages = UINT64_C(1) << model_random(&seed) % 13,
						   .lane = (uint32_t)(round % 5)};
		struct pm_run run;

		if (round / 2500 % 2 == 0 || round % 4 == 0)
			pm_alloc(&region.pool, &request, &model_act, &run);
		if (pm_run_next(&region.pool, model_random(&seed) % region.pool.page_end, &run) &&
		    (round / 2500 % 2 || round % 3 == 0))
			assert_int_equal(pm_free(&region.pool, run.page, request.lane, &run), PM_OK);
		if (round % 500 == 0) {
			assert_no_hint_too_low(region.pool.members[0]);
			pm_usage_get(&region.pool, &usage);
			assert_int_equal(pm_index_free_pages(region.pool.members[0]), usage.pages_free);
		}
	}
	assert_int_equal(model_region_again(&region), PM_OK);
	assert_no_hint_too_low(region.pool.members[0]);
	pm_usage_get(&region.pool, &usage);
	assert_int_equal(pm_index_free_pages(region.pool.members[0]), usage.pages_free);
	model_region_end(&region);
}

/* --- threads that lose a race: one is stopped after some store, another takes all it can meanwhile --- */

static struct model_region raced;
static uint64_t stores_left, other_pages;

static void take_all(uint64_t pages)
{
	struct pm_alloc_request request = {.pages = pages, .lane = 1};
	struct pm_run run;

	while (pm_alloc(&raced.pool, &request, &model_act, &run) == PM_OK)
		;
}

static void other_thread(const void *at, size_t bytes)
{
	(void)at, (void)bytes;
	if (--stores_left)
		return;
	pm_store_hook = NULL;
	take_all(other_pages);
}

/* False when the claim came to its end before so many stores. */
static bool lose_a_race(uint64_t pages, uint64_t stores)
{
	struct pm_alloc_request request = {.pages = pages};
	struct pm_usage usage;
	struct pm_run run;

	model_region_make(&raced, 8 * MIB);
	/* page by page in the first block, so that some are split */
	for (int i = 0; i < 3; i++)
		assert_int_equal(pm_alloc(&raced.pool, &(struct pm_alloc_request){.pages = 1}, &model_act, &run),
				 PM_OK);
	stores_left = stores;
	pm_store_hook = other_thread;
	pm_alloc(&raced.pool, &request, &model_act, &run);
	pm_store_hook = NULL;
	assert_no_hint_too_low(raced.pool.members[0]);
	take_all(other_pages);
	pm_usage_get(&raced.pool, &usage);
	if (usage.fits[63 - __builtin_clzll(other_pages)])
		fail_msg("%llu pages, stopped after %llu stores by who takes %llu: there is room left",
			 (unsigned long long)pages, (unsigned long long)stores, (unsigned long long)other_pages);
	model_region_end(&raced);
	return stores_left == 0;
}

static void who_loses_a_race_hides_no_room(void **state)
{
	static const struct {
		uint64_t pages, other_pages;
	} cases[] = {{1024, 512}, {1100, 512}, {600, 512}, {600, 1}, {600, 64}, {100, 1}, {100, 32}, {40, 1}, {4, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t stores = 1;

		other_pages = cases[i].other_pages;
		while (lose_a_race(cases[i].pages, stores))
			stores++;
		assert_true(stores > 1);
	}
}

static void *take_nothing(size_t bytes)
{
	(void)bytes;
	return NULL;
}

static void without_memory_there_is_no_index(void **state)
{
	const struct pm_memory none = {.take = take_nothing, .give = model_memory.give};
	struct model_region region;
	struct pm_member member;

	model_region_make(&region, MIB);
	member = *region.pool.members[0];
	member.index = NULL;
	assert_int_equal(pm_index_make(&member, &none), PM_E_OUT_OF_MEMORY);
	assert_null(member.index);
	pm_index_free(&member, &none);
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_tell_their_largest_aligned_group),
		cmocka_unit_test(a_search_finds_the_next_leaf),
		cmocka_unit_test(groups_are_aligned_and_full),
		cmocka_unit_test(threads_do_not_lose_what_was_raised),
		cmocka_unit_test(hints_are_never_too_low),
		cmocka_unit_test(who_loses_a_race_hides_no_room),
		cmocka_unit_test(without_memory_there_is_no_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

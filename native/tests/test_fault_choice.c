/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages in an order by seed: each once, none left out, and what was given out is known without a list. */
#include "memory/choice.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

#define BYTES (UINT64_C(48) << 20)
#define PAGES (BYTES / PM_PAGE_SIZE)

static void a_shuffle_has_each_number_once(void **state)
{
	static const uint64_t counts[] = {1, 2, 3, 4, 5, 16, 17, 64, 1000, 4097};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		uint8_t *seen = calloc(counts[i], 1);
		struct shuffle shuffle;

		assert_non_null(seen);
		shuffle_start(&shuffle, counts[i], i);
		for (uint64_t turn = 0; turn < counts[i]; turn++) {
			uint64_t number = shuffle_at(&shuffle, turn);

			assert_true(number < counts[i]);
			assert_int_equal(seen[number]++, 0);
			assert_int_equal(shuffle_turn(&shuffle, number), turn);
		}
		free(seen);
	}
}

static void large_shuffles_lead_back_too(void **state)
{
	static const uint64_t counts[] = {UINT64_C(1) << 32, (UINT64_C(1) << 40) - 1, (UINT64_C(1) << 40) + 1};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct shuffle shuffle;

		shuffle_start(&shuffle, counts[i], 9);
		for (uint64_t turn = 0; turn < 1000; turn++) {
			uint64_t at = turn * (counts[i] / 1000), number = shuffle_at(&shuffle, at);

			assert_true(number < counts[i]);
			assert_int_equal(shuffle_turn(&shuffle, number), at);
		}
	}
}

/* Allocations of all sizes with holes, some longer than a block. */
static void make(struct model_region *region)
{
	struct pm_run runs[80], freed;
	uint64_t random = 8;

	model_region_make(region, BYTES);
	for (unsigned i = 0; i < 80; i++) {
		struct pm_alloc_request request = {.pages = 1 + model_random(&random) % (i % 20 ? 30 : 1300)};

		assert_int_equal(pm_alloc(&region->pool, &request, &model_act, &runs[i]), PM_OK);
	}
	for (unsigned i = 0; i < 80; i += 3)
		assert_int_equal(pm_free(&region->pool, runs[i].page, 0, &freed), PM_OK);
}

static bool belongs(const struct choice *choice, uint64_t page)
{
	enum pm_page_state state = pm_page_state_get(choice->pool, page);

	return page >= choice->first && page < choice->end && page_has_content(choice->pool, page) &&
	       (!choice->heads || state == PM_PAGE_HEAD);
}

static void assert_each_once(struct choice *choice)
{
	uint8_t seen[PAGES] = {0};
	uint64_t page, halfway = choice->shuffle.count / 2;

	while (choice->turn < halfway && choice_next(choice, &page)) {
		assert_true(page < PAGES);
		assert_int_equal(seen[page]++, 0);
	}
	for (page = 0; page < PAGES; page++)
		if (belongs(choice, page))
			assert_int_equal(choice_given(choice, page), seen[page]);
	while (choice_next(choice, &page))
		assert_int_equal(seen[page]++, 0);
	for (page = 0; page < PAGES; page++)
		assert_int_equal(seen[page], belongs(choice, page));
}

static void a_choice_has_each_page_once(void **state)
{
	static const uint64_t ranges[][2] = {{0, PAGES}, {1, PAGES - 1}, {100, 101},	 {333, 4001},
					     {31, 33},	 {600, 632},	 {512, 1024 + 7}};
	struct model_region region;
	struct choice choice;

	(void)state;
	make(&region);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		for (unsigned heads = 0; heads < 2; heads++) {
			choice_start(&choice, &region.pool, ranges[i][0], ranges[i][1], heads, i);
			assert_each_once(&choice);
			choice_rewind(&choice);
			assert_each_once(&choice);
		}
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shuffle_has_each_number_once),
		cmocka_unit_test(large_shuffles_lead_back_too),
		cmocka_unit_test(a_choice_has_each_page_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* A verdict over a pool of two regions: what happens to one of them, and what is still said of the other. */
#include "test_snapshot_fixture.h"
#include "core/member.h"
#include <string.h>

static void both_stay(struct lab *lab)
{
	lab_boot(lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
}

static void flip_a_byte_of_gamma(struct lab *lab)
{
	lab_page(lab, lab->gamma.page + 2)[7] ^= 1;
	both_stay(lab);
}

static void boot_without_the_second(struct lab *lab)
{
	lab_boot(lab, LAB_MEMMAP, true);
}

static void boot_without_the_first(struct lab *lab)
{
	lab_boot(lab, LAB_OTHER_MEMMAP, true);
}

static void wipe_superblocks_of_the_second(struct lab *lab)
{
	memset(lab->other.map, 0, PM_PAGE_SIZE);
	memset(lab->other.map + LAB_BYTES - PM_PAGE_SIZE, 0, PM_PAGE_SIZE);
	both_stay(lab);
}

static void clear_the_states_of_gamma(struct lab *lab)
{
	struct pm_member *member = lab->pool.members[1];
	uint64_t page = lab->gamma.page - member->sb.first_pool_page;

	member->states[page / PM_PAGES_PER_WORD] &= ~(UINT64_C(15) << page % PM_PAGES_PER_WORD * 2);
	both_stay(lab);
}

static void free_gamma_after_the_boot(struct lab *lab)
{
	both_stay(lab);
	lab_attach(lab);
	lab_free(lab, lab->gamma.page);
	lab_detach(lab);
}

static const struct {
	const char *name;
	void (*happen)(struct lab *lab);
	const char *class;
	const char *failing;
	const char *says; /* in its detail */
	int64_t compared, changed;
	const char *alpha, *gamma;
} pairs[] = {
	{"untouched", both_stay, "intact", NULL, NULL, 310, 0, "intact", "intact"},
	{"flipped byte", flip_a_byte_of_gamma, "content-changed", "content", "1 of 310", 310, 1, "intact",
	 "content-changed"},
	{"second not reserved", boot_without_the_second, "became-ram", "system-ram-1", "Region 1", 305, 0, "intact",
	 "unreadable"},
	{"first not reserved", boot_without_the_first, "became-ram", "system-ram", "Region 0", 5, 0, "unreadable",
	 "intact"},
	{"superblocks of the second", wipe_superblocks_of_the_second, "superblock-lost", "superblock-1", "Region 1",
	 310, 0, "intact", "intact"},
	{"states of the second", clear_the_states_of_gamma, "metadata-torn", "metadata", "Region 1", 310, 0, "intact",
	 "intact"},
	{"freed in the second", free_gamma_after_the_boot, "records-changed", "allocations", "a free since", 310, 0,
	 "intact", "missing"},
};

static void check_pair(size_t i, struct json_object *verdict, const struct lab *lab)
{
	if (strcmp(lab_text(verdict, "class"), pairs[i].class) != 0 ||
	    (pairs[i].failing &&
	     (!lab_detail(verdict, pairs[i].failing) || !strstr(lab_detail(verdict, pairs[i].failing), pairs[i].says))))
		fail_msg("%s: %s", pairs[i].name, json_object_to_json_string_ext(verdict, JSON_C_TO_STRING_PRETTY));
	assert_int_equal(lab_number(verdict, "pages.expected"), 310);
	assert_int_equal(lab_number(verdict, "pages.compared"), pairs[i].compared);
	assert_int_equal(lab_number(verdict, "pages.changed"), pairs[i].changed);
	if (pairs[i].changed)
		assert_int_equal(lab_number(verdict, "changedRuns.0.page"), (int64_t)lab->gamma.page + 2);
	assert_int_equal(lab_number(lab_record(verdict, "gamma"), "page"), (int64_t)lab->gamma.page);
	assert_string_equal(lab_text(lab_record(verdict, "alpha"), "state"), pairs[i].alpha);
	assert_string_equal(lab_text(lab_record(verdict, "gamma"), "state"), pairs[i].gamma);
}

static void each_region_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct json_object *verdict;
		struct lab lab;

		lab_open(&lab);
		lab_extend(&lab);
		lab_expect(&lab);
		pairs[i].happen(&lab);
		verdict = lab_verdict(&lab);
		check_pair(i, verdict, &lab);
		json_object_put(verdict);
		lab_close(&lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_region_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

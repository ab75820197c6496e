/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool/audit: what a pool with a known history says of itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

/* The element of a list whose member `name` has this value; NULL stands for null. */
static struct json_object *row(struct json_object *audit, const char *list, const char *name, const char *value)
{
	struct json_object *array = member(audit, list);

	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *element = json_object_array_get_idx(array, i), *found = member(element, name);

		if (value ? found && strcmp(json_object_get_string(found), value) == 0 : !found)
			return element;
	}
	fail_msg("%s has no %s %s: %s", list, name, value ? value : "null", json_object_to_json_string(audit));
	return NULL;
}

static void expect_share(struct json_object *audit, const char *list, const char *name, const char *value,
			 uint64_t allocations, uint64_t pages)
{
	struct json_object *share = row(audit, list, name, value);

	assert_int_equal(number(share, "allocations"), allocations);
	assert_int_equal(number(share, "pages"), pages);
}

static char *boot_of(const struct bench *bench)
{
	struct json_object *info = ask(bench, "host info --json", 0);
	char *boot = strdup(text(info, "bootId"));

	json_object_put(info);
	return boot;
}

static void test_owners_and_ages(void **state)
{
	struct bench *bench = *state;
	struct json_object *audit;
	char *boot;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 10 --name a --owner me", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 20 --name b --owner me", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 5 --name c", 0, NULL, NULL);
	expect_run(bench, "alloc lab --order 9", 0, NULL, NULL);
	expect_run(bench, "label lab a --owner you", 0, NULL, NULL);
	boot = boot_of(bench);
	audit = ask(bench, "audit lab --json", 0);
	expect_share(audit, "owners", "owner", "me", 1, 20);
	expect_share(audit, "owners", "owner", "you", 1, 10);
	expect_share(audit, "owners", "owner", "", 1, 5);
	expect_share(audit, "owners", "owner", NULL, 1, 512);
	assert_null(member(audit, "owners.0.owner")); /* most pages first */
	expect_share(audit, "boots", "bootId", boot, 4, 547);
	assert_true(json_object_get_boolean(member(audit, "boots.0.current")));
	expect_share(audit, "ages", "age", "hour", 4, 547);
	expect_share(audit, "ages", "age", "unknown", 0, 0);
	assert_int_equal(json_object_array_length(member(audit, "ages")), 6);
	assert_int_equal(number(audit, "leaks.allocations"), 0);
	assert_int_equal(number(audit, "usage.pagesAllocated"), 547);
	assert_true(number(audit, "metadataBytes") >= 4 * 4096);
	json_object_put(audit);
	free(boot);
}

/* Unnamed, and made before the running boot: nobody is left who knows of it. */
static void test_leaks(void **state)
{
	struct bench *bench = *state;
	struct json_object *audit;
	char *first, *second, line[96];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	first = boot_of(bench);
	expect_run(bench, "alloc lab --pages 33", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name kept", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 9", 0, NULL, NULL);
	expect_run(bench, "host reset", 0, NULL, NULL);
	second = boot_of(bench);
	assert_string_not_equal(first, second);
	audit = ask(bench, "alloc lab --pages 7 --json", 0);
	json_object_put(audit);
	audit = ask(bench, "audit lab --json", 0);
	assert_int_equal(number(audit, "leaks.allocations"), 2);
	assert_int_equal(number(audit, "leaks.pages"), 42);
	assert_string_equal(text(audit, "leaks.olderThanBoot"), second);
	assert_string_equal(text(audit, "leaks.runs.0.bootId"), first);
	assert_non_null(member(audit, "leaks.runs.0.allocatedAt"));
	assert_non_null(member(audit, "leaks.runs.0.actor"));
	expect_share(audit, "boots", "bootId", first, 3, 45);
	expect_share(audit, "boots", "bootId", second, 1, 7);
	assert_string_equal(text(audit, "boots.0.bootId"), second);
	json_object_put(audit);
	expect_run(bench, "audit lab", 0, "Leaks", NULL);

	snprintf(line, sizeof(line), "audit lab --older-than-boot %s --json", first);
	audit = ask(bench, line, 0);
	assert_int_equal(number(audit, "leaks.allocations"), 0);
	json_object_put(audit);
	expect_run(bench, "audit lab --older-than-boot 00000000-0000-4000-8000-000000000000", 2, NULL, "no entry");
	expect_run(bench, "audit lab --older-than-boot yesterday", 2, NULL, "UUID");
	free(first);
	free(second);
}

/* The log is a ring: what was allocated before its oldest entry nobody can date. */
static void test_before_the_log(void **state)
{
	struct bench *bench = *state;
	struct json_object *audit, *run;

	expect_run(bench, "pool create lab --log-slots 128", 0, NULL, NULL);
	run = ask(bench, "alloc lab --pages 17 --json", 0);
	expect_run(bench, "alloc lab --pages 1 --name busy", 0, NULL, NULL);
	for (int i = 0; i < 65; i++) {
		expect_run(bench, "label lab busy --owner one", 0, NULL, NULL);
		expect_run(bench, "label lab busy --owner two", 0, NULL, NULL);
	}
	audit = ask(bench, "audit lab --json", 0);
	assert_int_equal(number(audit, "leaks.allocations"), 1);
	assert_int_equal(number(audit, "leaks.runs.0.page"), number(run, "page"));
	assert_null(member(audit, "leaks.runs.0.allocatedAt"));
	assert_null(member(audit, "leaks.runs.0.bootId"));
	expect_share(audit, "boots", "bootId", NULL, 1, 17);
	expect_share(audit, "ages", "age", "unknown", 1, 17);
	json_object_put(audit);
	json_object_put(run);
	expect_run(bench, "audit lab", 0, "before the log", NULL);
}

static void alloc_at(const struct bench *bench, uint64_t page, uint64_t pages)
{
	char line[96];

	snprintf(line, sizeof(line), "alloc lab --pages %llu --from 0x%llx", (unsigned long long)pages,
		 (unsigned long long)(REGION_BASE + page * 4096));
	expect_run(bench, line, 0, NULL, NULL);
}

/* Every second page is allocated as far as anything is free: no order above 0 fits. */
static void test_fragmentation(void **state)
{
	struct bench *bench = *state;
	struct json_object *audit, *info;
	uint64_t free_pages, fits, first, end;

	expect_run(bench, "pool create lab --size 2M", 0, NULL, NULL);
	info = ask(bench, "pool info lab --json", 0);
	first = number(info, "dataFirst") | 1;
	end = number(info, "dataEnd");
	json_object_put(info);
	for (uint64_t page = first; page < first + 40; page += 2)
		alloc_at(bench, page, 1);
	alloc_at(bench, first + 40, end - first - 40);
	audit = ask(bench, "audit lab --json", 0);
	free_pages = number(audit, "usage.pagesFree");
	assert_true(free_pages >= 20);
	assert_int_equal(number(audit, "fragmentation.0.fits"), free_pages);
	assert_int_equal(number(audit, "fragmentation.0.unusable"), 0);
	assert_int_equal(number(audit, "fragmentation.1.fits"), 0);
	assert_int_equal(number(audit, "fragmentation.1.unusable"), 1000);
	assert_int_equal(number(audit, "freeRuns"), free_pages);
	assert_int_equal(number(audit, "freeRunsBySize.0.order"), 0);
	assert_int_equal(number(audit, "freeRunsBySize.0.runs"), free_pages);
	assert_int_equal(json_object_array_length(member(audit, "freeRunsBySize")), 1);
	assert_int_equal(number(audit, "usage.largestFreeRun"), 1);
	json_object_put(audit);

	expect_run(bench, "pool create whole --offset 64M --size 64M", 0, NULL, NULL);
	audit = ask(bench, "audit whole --json", 0);
	free_pages = number(audit, "usage.pagesFree");
	fits = number(audit, "fragmentation.9.fits");
	assert_int_equal(fits, 30); /* metadata in the first block, superblock B in the last */
	assert_int_equal(number(audit, "fragmentation.9.unusable"), (free_pages - fits * 512) * 1000 / free_pages);
	json_object_put(audit);
}

static void test_bad_and_regions(void **state)
{
	struct bench *bench = *state;
	struct json_object *audit;

	expect_run(bench, "pool create lab --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool extend lab --region mem:0x100000000 --offset 16M --size 32M", 0, NULL, NULL);
	expect_run(bench, "bad add lab 700 --pages 2 --why cosmic", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 100 --place region=1 --name there", 0, NULL, NULL);
	audit = ask(bench, "audit lab --json", 0);
	assert_string_equal(text(audit, "bad.0.why"), "cosmic");
	assert_int_equal(json_object_array_length(member(audit, "regions")), 2);
	assert_int_equal(number(audit, "regions.0.usage.pagesBad"), 2);
	assert_int_equal(number(audit, "regions.0.usage.pagesAllocated"), 0);
	assert_int_equal(number(audit, "regions.1.usage.pagesAllocated"), 100);
	assert_string_equal(text(audit, "regions.1.medium"), "file");
	assert_int_equal(number(audit, "usage.pagesFree"),
			 number(audit, "regions.0.usage.pagesFree") + number(audit, "regions.1.usage.pagesFree"));
	json_object_put(audit);
	expect_run(bench, "audit lab", 0, "cosmic", NULL);
	expect_run(bench, "audit lab", 0, "Regions", NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(owners_and_ages), TEST(leaks), TEST(before_the_log), TEST(fragmentation), TEST(bad_and_regions),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_audit", tests, NULL, NULL);
}

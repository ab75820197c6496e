/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool range and pool find, and the ends of what log lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

/* 16 MiB and, elsewhere, 8 MiB: pages 0 to 4095 and 4096 to 6143. */
static void make(const struct bench *bench)
{
	expect_run(bench, "pool create lab --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool extend lab --region mem:0x100000000 --offset 32M --size 8M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 10 --from 0x100400000", 0, "0x100400000", NULL);
	expect_run(bench, "alloc lab --order 9 --from 0x100600000", 0, "0x100600000", NULL);
	expect_run(bench, "bad add lab 3000 --pages 3 --why test", 0, NULL, NULL);
}

static void test_range(void **state)
{
	struct bench *bench = *state;
	struct json_object *range;

	make(bench);
	range = ask(bench, "pool range lab 1000 4097 --json", 0);
	assert_int_equal(number(range, "from"), 1000);
	assert_int_equal(number(range, "to"), 4097);
	assert_int_equal(number(range, "pagesAllocated"), 10 + 512);
	assert_int_equal(number(range, "pagesBad"), 3);
	assert_int_equal(number(range, "pagesMetadata"),
			 2); /* a superblock at the end of one, at the start of the other */
	assert_int_equal(number(range, "pagesAbsent"), 0);
	assert_int_equal(number(range, "pagesFree"), 3097 - 10 - 512 - 3 - 2);
	assert_int_equal(number(range, "allocations"), 2);
	assert_int_equal(number(range, "freeRuns"), 4);
	assert_int_equal(number(range, "largestFreeRun.page"), 3003);
	json_object_put(range);
	range = ask(bench, "pool range lab 1024 1034 --json", 0);
	assert_null(member(range, "largestFreeRun"));
	json_object_put(range);
	expect_run(bench, "pool range lab 1000 4097", 0, "Absent:        0 pages", NULL);
	expect_run(bench, "pool range lab 0x100400000 0x10040a000", 0, "Allocated:     10 pages (40 KiB)", NULL);
	expect_run(bench, "pool range lab 0x102000000 0x102800000", 0, "Free runs:     1",
		   NULL); /* to a region's end */
	expect_run(bench, "pool range lab page:5 page:5", 2, NULL, "to: must be above from (5)");
	expect_run(bench, "pool range lab 5 6145", 1, NULL, "the pool has 6144 pages");
	expect_run(bench, "pool range lab five 6", 2, NULL, "neither a page index nor a physical address");
	expect_run(bench, "pool range lab 0x5 6", 2, NULL, "no address in this pool");
}

static void expect_found(const struct bench *bench, const char *options, uint64_t page, uint64_t pages)
{
	struct json_object *result;
	char line[128];

	snprintf(line, sizeof(line), "pool find lab %s --json", options);
	result = ask(bench, line, 0);
	if (pages) {
		assert_int_equal(number(result, "found.page"), page);
		assert_int_equal(number(result, "found.pages"), pages);
	} else {
		assert_null(member(result, "found"));
	}
	json_object_put(result);
}

static void test_find(void **state)
{
	struct bench *bench = *state;

	make(bench);
	expect_found(bench, "allocation", 1024, 10);
	expect_found(bench, "allocation --from 1025", 1536, 512);
	expect_found(bench, "allocation --from 1537", 0, 0);
	expect_found(bench, "allocation --previous", 1536, 512);
	expect_found(bench, "allocation --from 0x100400fff --previous", 1024, 10);
	expect_found(bench, "bad", 3000, 3);
	expect_found(bench, "bad --from 3001", 3001, 2);
	expect_found(bench, "bad --from 3001 --previous", 3000, 2);
	expect_found(bench, "bad --from 2999 --previous", 0, 0);
	expect_found(bench, "free --from 1024", 1034, 502);
	expect_found(bench, "free --from 1024 --pages 503", 2048, 952);
	expect_found(bench, "free --pages 4097", 0, 0);
	expect_run(bench, "pool find lab bad", 0, "3 pages (12 KiB) from page 3000, 0x100bb8000", NULL);
	expect_run(bench, "pool find lab bad --from 3003", 0, "None from page 3003.", NULL);
	expect_run(bench, "pool find lab bad --from 7 --previous", 0, "None up to page 7.", NULL);
	expect_run(bench, "pool find lab holes", 2, NULL, "must be one of free, allocation, bad");
	expect_run(bench, "pool find lab free --pages 0", 2, NULL, "pages");
}

static void test_log_ends(void **state)
{
	struct bench *bench = *state;
	struct json_object *log;

	make(bench); /* 1 pool-create, 2 extend, 3 and 4 allocate, 5 quarantine */
	log = ask(bench, "log lab --after 3 --json", 0);
	assert_int_equal(json_object_array_length(member(log, "entries")), 2);
	assert_int_equal(number(log, "entries.1.sequence"), 4);
	assert_null(member(log, "next"));
	json_object_put(log);
	log = ask(bench, "log lab --after 2 --limit 2 --json", 0);
	assert_int_equal(number(log, "next"), 4);
	json_object_put(log);
	log = ask(bench, "log lab --after 2 --before 4 --json", 0);
	assert_int_equal(json_object_array_length(member(log, "entries")), 1);
	assert_null(member(log, "next"));
	json_object_put(log);
	expect_run(bench, "log lab --after 5", 0, NULL, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {TEST(range), TEST(find), TEST(log_ends)};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_range", tests, NULL, NULL);
}

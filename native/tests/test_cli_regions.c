/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions on the command line: several of a host, and pmpool= ranges inside a memmap=. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

static void test_several_regions(void **state)
{
	struct bench *bench = *state;
	const char *const list[] = {"pmpool", "--simulate", bench->host, "--region-size", "2M,64M,1M", "region",
				    "list",   "--json",	    NULL};
	const char *const other[] = {"pmpool", "--simulate", bench->host, "--region-size", "2M", "host", "info", NULL};
	const char *const zero[] = {"pmpool", "--simulate", bench->host, "--region-size", "2M,0", "host", "info", NULL};
	static const char *const ids[] = {"mem:0x100000000", "mem:0x148000000", "mem:0x190000000"};
	static const uint64_t sizes[] = {2 << 20, 64 << 20, 1 << 20};
	struct ran ran = program_run(zero, NULL);
	struct json_object *result;

	assert_int_equal(ran.exit_code, 2);
	ran_free(&ran);
	ran = program_run(list, NULL);
	assert_int_equal(ran.exit_code, 0);
	assert_string_equal(ran.err, "");
	result = json_tokener_parse(ran.out);
	assert_int_equal(json_object_array_length(member(result, "regions")), 3);
	for (int i = 0; i < 3; i++) {
		char path[32];

		snprintf(path, sizeof(path), "regions.%d.id", i);
		assert_string_equal(text(result, path), ids[i]);
		snprintf(path, sizeof(path), "regions.%d.size", i);
		assert_int_equal(number(result, path), sizes[i]);
		snprintf(path, sizeof(path), "regions.%d.numaNode", i);
		assert_int_equal(number(result, path), i % 2);
	}
	json_object_put(result);
	ran_free(&ran);
	/* the host is there: the same sizes are right, others are not its own */
	ran = program_run(list, NULL);
	assert_string_equal(ran.err, "");
	ran_free(&ran);
	ran = program_run(other, NULL);
	assert_int_equal(ran.exit_code, 0);
	assert_non_null(strstr(ran.err, "--region-size does nothing here"));
	ran_free(&ran);
}

/* The host as a boot loader would give it: one memmap=, and two parts of it by name. */
static void add_parts(const struct bench *bench)
{
	expect_run(bench, "host info", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline",
		   "quiet memmap=256M$0x100000000 pmpool=0x101000000,16M pmpool=0x104000000,32M\n");
}

static void test_pools_of_parts_are_apart(void **state)
{
	struct bench *bench = *state;
	struct json_object *list;

	add_parts(bench);
	expect_run(bench, "region list", 0, "pmpool=0x104000000,32M", NULL);
	expect_run(bench, "pool create one --region mem:0x101000000", 0, "16 MiB, 4096 pages", NULL);
	expect_run(bench, "pool create two --region mem:0x104000000", 0, "32 MiB, 8192 pages", NULL);
	expect_run(bench, "pool info one", 0, "mem:0x101000000 at offset 0 B", NULL); /* not the range around */
	expect_run(bench, "pool create three --region mem:0x104000000 --size 64M", 1, NULL, "run past the");
	expect_run(bench, "alloc one --pages 4000", 0, NULL, NULL);
	expect_run(bench, "alloc one --pages 4000", 1, NULL, "No free run");
	list = ask(bench, "pool list --json", 0);
	assert_int_equal(json_object_array_length(member(list, "pools")), 2);
	json_object_put(list);
	/* the rest of the range is free for others */
	expect_run(bench, "region recognise mem:0x100000000 --offset 32M --size 32M", 0, "Nothing is there", NULL);
	expect_run(bench, "region recognise mem:0x100000000", 0, "2 pools: \"one\", \"two\"", NULL);
}

static void test_a_part_inside_a_pool_is_taken(void **state)
{
	struct bench *bench = *state;

	add_parts(bench);
	expect_run(bench, "pool create around --region mem:0x100000000 --offset 4M --size 32M", 0, NULL, NULL);
	expect_run(bench, "region list", 0, "in pool around  pmpool=0x101000000,16M", NULL);
	expect_run(bench, "region list", 0, "usable          pmpool=0x104000000,32M", NULL);
	/* a pool that starts in a part is in its list */
	expect_run(bench, "pool create two --region mem:0x104000000", 0, NULL, NULL);
	expect_run(bench, "region list", 0, "usable          pmpool=0x104000000,32M", NULL);
}

/* The word that a refusal gives. */
static void overwrite(const struct bench *bench, const char *line, const char *holds)
{
	struct ran ran = run_with(bench, NULL, line);
	char again[200], word[64] = "";
	const char *at = strstr(ran.err, "the word to overwrite it is ");

	if (ran.exit_code != 1 || !at || !strstr(ran.err, holds))
		fail_msg("%s: exit %d\n%s%s", line, ran.exit_code, ran.out, ran.err);
	sscanf(at, "the word to overwrite it is %63s", word);
	ran_free(&ran);
	snprintf(again, sizeof(again), "%s --overwrite %s", line, word);
	expect_run(bench, again, 0, NULL, NULL);
}

static void test_a_pool_that_reaches_in_is_named_and_made_none(void **state)
{
	struct bench *bench = *state;
	struct json_object *list;

	add_parts(bench);
	expect_run(bench, "pool create around --region mem:0x100000000 --offset 8M --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool create beside --region mem:0x100000000 --offset 2M --size 6M", 0, NULL, NULL);
	overwrite(bench, "pool create inside --region mem:0x101000000", "pool \"around\"");
	expect_run(bench, "pool info around", 1, NULL, "no pool \"around\"");
	expect_run(bench, "pool info beside", 0, NULL, NULL);
	overwrite(bench, "pool create all --region mem:0x100000000", "2 pools: \"beside\", \"inside\"");
	list = ask(bench, "pool list --json", 0);
	assert_int_equal(json_object_array_length(member(list, "pools")), 1);
	json_object_put(list);
}

/* A pool of a newer format, and one whose two superblocks are damaged, are refused by what they are. */
static void test_pools_that_cannot_be_opened(void **state)
{
	static const struct {
		const char *name;
		uint64_t at; /* both superblocks; the pools have 16 MiB */
		size_t byte;
		uint8_t value;
	} pools[] = {{"newer", REGION_BASE, 8, 9}, {"broken", REGION_BASE + (16 << 20), 200, 0x5a}};
	struct bench *bench = *state;
	char path[400];
	int fd;

	expect_run(bench, "pool create newer --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool create broken --offset 16M --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool create good --offset 32M --size 16M", 0, NULL, NULL);
	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	fd = open(path, O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 4; i++) {
		uint64_t at = pools[i / 2].at + (i % 2 ? (16 << 20) - 4096 : 0) + pools[i / 2].byte;

		assert_int_equal(pwrite(fd, &pools[i / 2].value, 1, (off_t)at), 1);
	}
	close(fd);
	expect_run(bench, "pool info newer", 1, NULL, "A newer format wrote this pool");
	expect_run(bench, "alloc newer --order 0", 1, NULL, "A newer format wrote this pool");
	expect_run(bench, "list broken", 1, NULL, "The pool's metadata contradicts itself");
	expect_run(bench, "pool info good", 0, NULL, NULL);
	expect_run(bench, "pool info other", 1, NULL, "no pool \"other\"");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(several_regions),
		TEST(pools_of_parts_are_apart),
		TEST(a_part_inside_a_pool_is_taken),
		TEST(a_pool_that_reaches_in_is_named_and_made_none),
		TEST(pools_that_cannot_be_opened),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}

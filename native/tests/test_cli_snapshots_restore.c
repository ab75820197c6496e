/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing and restoring on the command line: what asks, what refuses, what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include "snapshot_lines.h"

static void test_compare(void **state)
{
	struct bench *bench = *state;
	struct json_object *comparison;

	fill_pool(bench);
	run_in(bench, "snapshot create lab --name before", 0, NULL, NULL);
	run_in(bench, "snapshot compare --name before", 0, "Nothing differs", NULL);
	spoil(bench, "data", 3);
	run_in(bench, "alloc lab --order 0 --name more", 0, NULL, NULL);
	run_in(bench, "label lab data --owner me", 0, NULL, NULL);
	run_in(bench, "snapshot create lab --name after", 0, NULL, NULL);
	run_in(bench, "snapshot compare --name before", 3, "the pool as it is", NULL);
	comparison = ask_in(bench, "snapshot compare --name before --after-name after --json", 3);
	assert_false(json_object_get_boolean(member(comparison, "same")));
	assert_int_equal(number(comparison, "pages.changed"), 1);
	assert_int_equal(number(comparison, "pages.added"), 1);
	assert_int_equal(json_object_array_length(member(comparison, "records")), 2);
	json_object_put(comparison);
	run_in(bench, "snapshot compare --after-name after @x", 2, NULL, "--after-name goes with --name");
	run_in(bench, "snapshot compare --name before @x", 2, NULL, "either a file, or --name");
	run_in(bench, "snapshot compare --name before --after-name nothing", 1, NULL, "no snapshot nothing");
}

static void test_compare_of_two_pools(void **state)
{
	struct bench *bench = *state;

	fill_pool(bench);
	run_in(bench, "snapshot create lab @one.pmsnap", 0, NULL, NULL);
	empty_region(bench);
	fill_pool(bench);
	run_in(bench, "snapshot create lab @two.pmsnap", 0, NULL, NULL);
	run_in(bench, "snapshot compare @one.pmsnap @two.pmsnap", 1, NULL, "another pool");
	run_in(bench, "snapshot compare @one.pmsnap", 1, NULL, "no pool");
	run_in(bench, "snapshot restore @one.pmsnap lab --content --yes", 1, NULL, "is a snapshot of pool");
}

static void test_content(void **state)
{
	struct bench *bench = *state;

	fill_pool(bench);
	run_in(bench, "snapshot create lab @before.pmsnap", 0, NULL, NULL);
	spoil(bench, "data", 3);
	spoil(bench, "data", 250);
	run_in(bench, "snapshot restore @before.pmsnap", 2, NULL, "one of --allocation, --content and --pool");
	run_in(bench, "snapshot restore @before.pmsnap --content", 1, NULL, "the word to do it is lab");
	run_in(bench, "snapshot restore @before.pmsnap --content --confirm data", 1, NULL, "the word to do it is lab");
	run_in(bench, "snapshot compare @before.pmsnap", 3, "2 changed", NULL);
	run_in(bench, "snapshot restore @before.pmsnap --allocation data", 1, NULL, "the word to do it is data");
	run_in(bench, "snapshot restore @before.pmsnap --allocation data --confirm data", 0, "2 pages (8 KiB)", NULL);
	run_in(bench, "snapshot compare @before.pmsnap", 0, "Nothing differs", NULL);
	spoil(bench, "data", 9);
	run_in(bench, "snapshot restore @before.pmsnap lab --content --yes", 0, "1 page (4 KiB)", NULL);
	run_in(bench, "log lab --limit 1", 0, "restore", NULL);
	run_in(bench, "free lab data --yes", 0, NULL, NULL);
	run_in(bench, "snapshot restore @before.pmsnap --allocation data --yes", 1, NULL, "no allocation is named");
	run_in(bench, "snapshot restore @before.pmsnap --content --yes", 0, "Left out: 1 allocation of", NULL);
	run_in(bench, "alloc lab --pages 299 --name data", 0, NULL, NULL); /* the same place, another length */
	run_in(bench, "snapshot restore @before.pmsnap --allocation data --yes", 1, NULL, "No allocation of 300 pages");
}

static void test_names(void **state)
{
	struct bench *bench = *state;

	fill_pool(bench);
	run_in(bench, "snapshot create lab --name one", 0, NULL, NULL);
	spoil(bench, "data", 3);
	run_in(bench, "snapshot create lab --name two --parent-name one", 0, NULL, NULL);
	spoil(bench, "data", 3);
	run_in(bench, "snapshot restore --name two --content --yes", 0, "1 page (4 KiB)", NULL);
	run_in(bench, "snapshot compare --name two", 0, NULL, NULL);
	run_in(bench, "snapshot restore --name one lab --content --yes", 0, "1 page (4 KiB)", NULL);
	run_in(bench, "snapshot compare --name one", 0, NULL, NULL);
	run_in(bench, "snapshot delete one --yes --confirm one", 0, NULL, NULL);
	run_in(bench, "snapshot restore --name two --content --yes", 1, NULL, "no snapshot one");
	run_in(bench, "snapshot restore --name absent --content --yes", 1, NULL, "no snapshot absent");
}

/* The word that the refusal names. */
static void word_of(const struct bench *bench, const char *line, char word[96])
{
	struct json_object *error;
	char full[512];
	struct ran ran = run_with(bench, NULL, in_folder(bench, line, full));

	assert_int_equal(ran.exit_code, 1);
	error = json_tokener_parse(ran.out);
	assert_non_null(error);
	snprintf(word, 96, "%s", text(error, "error.confirm"));
	assert_string_equal(text(error, "error.name"), "confirm-needed");
	json_object_put(error);
	ran_free(&ran);
}

static void test_whole_pool(void **state)
{
	struct bench *bench = *state;
	char word[96], line[300];

	fill_pool(bench);
	run_in(bench, "snapshot create lab @before.pmsnap", 0, NULL, NULL);
	run_in(bench, "free lab data --yes", 0, NULL, NULL);
	run_in(bench, "alloc lab --order 9 --name other", 0, NULL, NULL);
	/* over itself: what it is now has to be named, --yes does not */
	run_in(bench, "snapshot restore @before.pmsnap --pool --yes", 1, NULL, "pool \"lab\"");
	word_of(bench, "snapshot restore @before.pmsnap --pool --json", word);
	snprintf(line, sizeof(line), "snapshot restore @before.pmsnap --pool --confirm %s", word);
	run_in(bench, line, 0, "Of 2 allocations", NULL);
	run_in(bench, "snapshot compare @before.pmsnap", 0, "Nothing differs", NULL);
	run_in(bench, "list lab", 0, "data", NULL);
	run_in(bench, "check lab", 0, NULL, NULL);
	/* another pool there: another word; the old one is none any more */
	empty_region(bench);
	run_in(bench, "pool create else", 0, NULL, NULL);
	run_in(bench, line, 1, NULL, "pool \"else\"");
	word_of(bench, "snapshot restore @before.pmsnap --pool --json", word);
	snprintf(line, sizeof(line), "snapshot restore @before.pmsnap --pool --confirm %s", word);
	run_in(bench, line, 0, NULL, NULL);
	run_in(bench, "pool list", 0, "lab", NULL);
	run_in(bench, "pool info else", 1, NULL, "no pool");
	run_in(bench, "snapshot compare @before.pmsnap", 0, "Nothing differs", NULL);
	run_in(bench, "check lab", 0, NULL, NULL);
}

static void test_whole_pool_without_its_place(void **state)
{
	struct bench *bench = *state;

	fill_pool(bench);
	run_in(bench, "snapshot create lab @before.pmsnap", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "root=/dev/vda1 quiet\n");
	run_in(bench, "snapshot restore @before.pmsnap --pool --yes", 1, NULL, "way out");
	run_in(bench, "snapshot info @before.pmsnap", 0, "lab", NULL); /* needs no host */
}

/* A region that joined since would go on saying that it belongs to the pool. */
static void test_whole_pool_that_grew(void **state)
{
	struct bench *bench = *state;

	run_in(bench, "pool create lab --size 64M", 0, NULL, NULL);
	run_in(bench, "alloc lab --order 3 --name a", 0, NULL, NULL);
	run_in(bench, "snapshot create lab @before.pmsnap", 0, NULL, NULL);
	run_in(bench, "pool extend lab --region mem:0x100000000 --offset 64M --size 64M", 0, NULL, NULL);
	run_in(bench, "snapshot restore @before.pmsnap --pool --yes", 1, NULL, "is not in the snapshot");
	run_in(bench, "snapshot create lab @grown.pmsnap", 0, NULL, NULL);
	empty_region(bench);
	run_in(bench, "snapshot restore @grown.pmsnap --pool", 0, "Of 1 allocation ", NULL); /* nothing stands there */
	run_in(bench, "snapshot compare @grown.pmsnap", 0, "Nothing differs", NULL);
	run_in(bench, "check lab", 0, NULL, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(compare),
		TEST(compare_of_two_pools),
		TEST(content),
		TEST(names),
		TEST(whole_pool),
		TEST(whole_pool_without_its_place),
		TEST(whole_pool_that_grew),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("restoring on the command line", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools side by side, over each other and in regions that share memory: no page may belong to two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void test_overwrite(void **state)
{
	struct bench *bench = *state;
	struct json_object *found, *error;
	char line[128];

	expect_run(bench, "region recognise mem:0x100000000", 0, "Nothing is there", NULL);
	expect_run(bench, "pool create first --offset 16M --size 16M", 0, NULL, NULL);
	/* it begins before the pool and reaches into it */
	expect_run(bench, "pool create second --size 32M", 1, NULL, "pool \"first\"");
	expect_run(bench, "pool create second --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool create third --offset 16M --size 16M", 1, NULL, "the word to overwrite it is");
	error = ask(bench, "pool create third --offset 16M --size 16M --json", 1);
	assert_string_equal(text(error, "error.name"), "region-occupied");
	found = ask(bench, "region recognise mem:0x100000000 --offset 16M --size 16M --json", 0);
	assert_string_equal(text(found, "confirm"), text(error, "error.confirm"));
	snprintf(line, sizeof(line), "pool create third --offset 16M --size 16M --overwrite %s",
		 text(found, "confirm"));
	expect_run(bench, line, 0, "third", NULL);
	expect_run(bench, "pool list", 0, "second", NULL);
	expect_run(bench, "pool info first", 1, NULL, "no pool \"first\"");
	json_object_put(found);
	json_object_put(error);
}

static void overwrite(const struct bench *bench, const char *line)
{
	struct json_object *error;
	char with_word[192], json[192];

	snprintf(json, sizeof(json), "%s --json", line);
	error = ask(bench, json, 1);
	snprintf(with_word, sizeof(with_word), "%s --overwrite %s", line, text(error, "error.confirm"));
	expect_run(bench, with_word, 0, NULL, NULL);
	json_object_put(error);
}

/* Two pools over the same pages would hand them out twice. */
static void test_overwritten_in_part(void **state)
{
	struct bench *bench = *state;
	struct json_object *pools;

	expect_run(bench, "pool create old", 0, NULL, NULL);
	overwrite(bench, "pool create inside --offset 16M --size 16M");
	expect_run(bench, "pool create behind --offset 64M --size 16M", 0, NULL, NULL);
	pools = ask(bench, "pool list --json", 0);
	assert_int_equal(json_object_array_length(member(pools, "pools")), 2);
	assert_string_equal(text(pools, "pools.0.name"), "inside");
	assert_string_equal(text(pools, "pools.1.name"), "behind");
	json_object_put(pools);
}

static void test_nested_regions(void **state)
{
	struct bench *bench = *state;

	expect_run(bench, "region list", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=256M$0x100000000 pmpool=0x101000000,16M\n");
	expect_run(bench, "pool create lab --region mem:0x101000000", 0, NULL, NULL);
	/* one pool, although both regions show it */
	expect_run(bench, "pool info lab", 0, "16 MiB", NULL);
}

/* Superblock B alone is enough to find a pool and mend A. */
static void test_damaged_start(void **state)
{
	struct bench *bench = *state;
	const char zeros[4096] = {0};
	char path[320];
	int fd;

	expect_run(bench, "pool create lab --offset 16M --size 16M", 0, NULL, NULL);
	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)(REGION_BASE + (16 << 20))), sizeof(zeros));
	close(fd);
	expect_run(bench, "pool info lab", 0, "16 MiB", NULL);
	expect_run(bench, "log lab", 0, "superblock", NULL);
}

/* A plan comes back through the client: what it spares has to be where its pool is. */
static void test_plan_of_another_region(void **state)
{
	struct bench *bench = *state;
	struct json_object *plan, *region;
	char path[300], line[400];

	expect_run(bench, "region list", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000 memmap=64M$0x108000000\n");
	expect_run(bench, "pool create lab --region mem:0x100000000", 0, NULL, NULL);
	plan = ask(bench, "kexec plan lab --json", 0);
	region = member(plan, "region");
	json_object_object_add(region, "id", json_object_new_string("mem:0x108000000"));
	json_object_object_add(region, "base", json_object_new_uint64(0x108000000));
	json_object_object_add(region, "size", json_object_new_uint64(64 << 20));
	snprintf(path, sizeof(path), "%s/plan.json", bench->folder);
	assert_int_equal(json_object_to_file(path, plan), 0);
	snprintf(line, sizeof(line), "kexec load --plan %s", path);
	expect_run(bench, line, 2, NULL, "do not hold region 0");
	expect_run(bench, "host info", 0, "nothing loaded", NULL);
	json_object_put(plan);
}

static void host_file(const struct bench *bench, const char *path, const char *content)
{
	char name[400];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", bench->host, path);
	file = fopen(name, "w");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Through all verbs that speak of pages, with the pool's second region in the middle of it. */
static void test_two_regions(void **state)
{
	struct bench *bench = *state;
	struct json_object *plan;
	char path[300], line[400];

	expect_run(bench, "region list", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000 memmap=64M$0x108000000\n");
	expect_run(bench, "pool create lab --region mem:0x100000000", 0, NULL, NULL);
	expect_run(bench, "pool extend lab --region mem:0x108000000", 0, "mem:0x108000000", NULL);
	expect_run(bench, "pool map lab", 0, "Region 1, from page 32768", NULL);
	expect_run(bench, "alloc lab --pages 2 --name far --place region=1", 0, "far", NULL);
	snprintf(path, sizeof(path), "%s/content", bench->folder);
	folder_put(bench->folder, "/content", "content of far");
	snprintf(line, sizeof(line), "write lab far %s", path);
	expect_run(bench, line, 0, "14 bytes", NULL);
	expect_run(bench, "read lab far --length 14", 0, "content of far", NULL);
	snprintf(line, sizeof(line), "snapshot create lab %s.pmsnap", path);
	expect_run(bench, line, 0, NULL, NULL);
	snprintf(line, sizeof(line), "snapshot verify %s.pmsnap", path);
	expect_run(bench, line, 0, NULL, NULL);
	plan = ask(bench, "kexec plan lab --json", 0);
	assert_int_equal(json_object_array_length(member(plan, "regions")), 2);
	json_object_put(plan);
	/* the second one is not given away any more */
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000\n");
	expect_run(bench, "pool info lab", 0, "no region of this host covers 0x108000000", NULL);
	expect_run(bench, "alloc lab --pages 2", 1, NULL, "region 1 of pool");
	expect_run(bench, "pool map lab", 0, "Region 1, from page 32768: missing", NULL);
	expect_run(bench, "read lab far --length 14", 1, NULL, NULL);
}

/* Behind the program's back: a byte run in the host's memory. */
static void poke(const struct bench *bench, uint64_t address, const void *bytes, size_t count)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, bytes, count, (off_t)address), count);
	close(fd);
}

/* The superblocks of region 1 are gone, as after a delete that died there. */
static void degrade(const struct bench *bench)
{
	static const uint8_t zero[4096];

	poke(bench, 0x108000000, zero, sizeof(zero));
	poke(bench, 0x10c000000 - sizeof(zero), zero, sizeof(zero));
}

static void make_two_regions(const struct bench *bench)
{
	expect_run(bench, "region list", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000 memmap=64M$0x108000000\n");
	expect_run(bench, "pool create lab --region mem:0x100000000", 0, NULL, NULL);
	expect_run(bench, "pool extend lab --region mem:0x108000000", 0, NULL, NULL);
}

/* What is not there must not look as if it had never been. */
static void test_a_degraded_pool_says_so(void **state)
{
	static const char *const lines[] = {"list lab", "pool list", "bad list lab", "audit lab", "log lab"};
	static const char said[] =
		"pmpool: pool \"lab\" is degraded: region 1 is missing; what stands there is not shown";
	struct bench *bench = *state;
	char line[400];

	make_two_regions(bench);
	expect_run(bench, "alloc lab --pages 2 --name near", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 2 --name far --place region=1", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ran ran = run_with(bench, NULL, lines[i]);

		assert_string_equal(ran.err, "");
		ran_free(&ran);
	}
	degrade(bench);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_run(bench, lines[i], 0, NULL, said);
	json_object_put(ask(bench, "list lab --json", 0));
	expect_run(bench, "pool list", 0, "degraded", NULL);
	snprintf(line, sizeof(line), "snapshot create lab %s/s.pmsnap", bench->folder);
	expect_run(bench, line, 0, NULL, said);
	snprintf(line, sizeof(line), "read lab near %s/near", bench->folder);
	expect_run(bench, line, 0, NULL, said);
	expect_run(bench, "read lab far", 1, NULL, said);
	expect_run(bench, "write lab far /dev/null", 1, NULL, said);
	expect_run(bench, "free lab far --yes", 1, NULL, said);
}

static void test_regions_that_cannot_be_looked_at(void **state)
{
	struct bench *bench = *state;

	expect_run(bench, "pool list", 0, "No pool", NULL);
	folder_put(bench->host, "/proc/iomem", "00000000-fffffffff : System RAM\n");
	expect_run(bench, "pool list", 1, NULL, "mem:0x100000000 could not be looked at");
}

/* Where freeing would not help, the message says what would. */
static void test_what_never_fits(void **state)
{
	static const struct {
		const char *line, *err;
		int exit_code;
	} cases[] = {
		{"alloc lab --pages 1 --place node=7", "`pmpool pool info` shows their nodes", 1},
		{"alloc lab --pages 1 --from 8G", "no page of the pool lies in the place", 1},
		{"alloc lab --pages 1 --below 1G", "no page of the pool lies in the place", 1},
		{"alloc lab --pages 20000 --place region=1", "in a row, were all of them free", 1},
		{"alloc lab --pages 1 --align 1G", "an alignment of 262144 pages is larger", 1},
		{"alloc lab --pages 30000 --align 128M", "were all pages free", 1},
		{"alloc lab --pages 1 --from 2G --to 1G", "--to: must be above where the range begins", 2},
		{"alloc lab --pages 1 --place region=7", "--place: the pool has 2 regions", 2},
		{"audit lab --older-than-boot 6f1c0000-0000-4000-8000-00000000000a", "--older-than-boot: no entry", 2},
		{"bad remove lab 900 --yes", "`pmpool bad list` shows them", 1},
		{"label lab 2000 --owner me", "no allocation starts at", 1},
	};
	struct bench *bench = *state;

	make_two_regions(bench);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_run(bench, cases[i].line, cases[i].exit_code, NULL, cases[i].err);
	expect_run(bench, "pool info lab", 0, "0x100000000 and 1 more range, 192 MiB, 49152 pages", NULL);
	expect_run(bench, "audit lab", 0, "0 unnamed allocations", NULL);
	expect_run(bench, "audit lab", 0, "or older than the log reaches", NULL);
}

/* What check finds is named by the pages that the other verbs know. */
static void test_check_counts_pages_of_the_pool(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	make_two_regions(bench);
	expect_run(bench, "alloc lab --pages 3 --place region=1", 0, NULL, NULL);
	poke(bench, 0x108000000 + 2 * 4096 + 16, "\xff", 1);
	expect_run(bench, "check lab", 3, "page 32768+512", NULL);
	result = ask(bench, "check lab --json", 3);
	assert_int_equal(number(result, "findings.0.region"), 1);
	assert_int_equal(number(result, "findings.0.page"), 0); /* of the region */
	json_object_put(result);
}

static void test_two_of_one_name(void **state)
{
	struct bench *bench = *state;

	expect_run(bench, "pool create lab --size 16M", 0, NULL, NULL);
	expect_run(bench, "pool create lab --offset 16M --size 16M", 0, NULL, NULL);
	expect_run(bench, "list lab", 2, NULL, "2 pools are named \"lab\": give the UUID of one");
}

/* Neither a control character nor one that turns what follows gets to the terminal by way of an error. */
static void test_errors_do_not_steer_the_terminal(void **state)
{
	struct bench *bench = *state;
	struct ran ran;

	ran = run_with(bench, NULL,
		       "list a\x1b[31mb\xe2\x80\xae"
		       "c\xe2\x81\xa6"
		       "d\xd8\x9c"
		       "e\xc2\x9b");
	assert_int_equal(ran.exit_code, 1);
	assert_non_null(strstr(ran.err, "a" BAD "[31mb" BAD "c" BAD "d" BAD "e" BAD));
	ran_free(&ran);
}

/* A pipe's length is not known before its end. */
static void test_a_pipe_that_is_too_long(void **state)
{
	struct bench *bench = *state;
	char line[1024], said[1024] = "";
	FILE *pipe;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 257 --name db", 0, NULL, NULL);
	snprintf(line, sizeof(line), "yes x | tr -d '\\n' | head -c 1056768 | %s --simulate %s write lab db - 2>&1",
		 program_path, bench->host);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	assert_true(fread(said, 1, sizeof(said) - 1, pipe) > 0);
	assert_int_equal(WEXITSTATUS(pclose(pipe)), 1);
	if (!strstr(said, "1048576 bytes were written before"))
		fail_msg("%s", said);
	expect_run(bench, "read lab db --length 4", 0, "xxxx", NULL);
}

static void test_deleting_what_is_left(void **state)
{
	struct bench *bench = *state;

	make_two_regions(bench);
	degrade(bench);
	expect_run(bench, "pool delete lab", 2, NULL, "give --yes");
	expect_run(bench, "pool delete lab --yes", 0, "Deleted pool lab.", NULL);
	expect_run(bench, "pool list", 0, "No pool", NULL);
	expect_run(bench, "region recognise mem:0x108000000", 0, NULL, NULL);
}

static void nonce_of(const struct bench *bench, const char *line, char nonce[64])
{
	struct ran ran = run_with(bench, NULL, line);
	const char *at = strstr(ran.out, "Nonce:");

	if (ran.exit_code != 0 || !at || sscanf(at, "Nonce: %63s", nonce) != 1)
		fail_msg("%s: exit %d\n%s%s", line, ran.exit_code, ran.out, ran.err);
	ran_free(&ran);
}

/* It cannot note the second load in its log; what is jumped into is the second plan all the same. */
static void test_kexec_of_a_degraded_pool(void **state)
{
	struct bench *bench = *state;
	char first[64], second[64], line[128];

	make_two_regions(bench);
	expect_run(bench, "alloc lab --pages 2 --name kept", 0, NULL, NULL);
	nonce_of(bench, "kexec load lab", first);
	degrade(bench);
	nonce_of(bench, "kexec load lab", second);
	assert_string_not_equal(first, second);
	expect_run(bench, "expect lab", 0, second, NULL);
	expect_run(bench, "kexec jump lab --yes", 0, NULL, NULL);
	snprintf(line, sizeof(line), "verdict %s", second);
	expect_run(bench, line, 0, "intact", NULL);
	/* of the boot before: nothing is loaded by now */
	expect_run(bench, "expect lab", 1, NULL, "no plan of this pool was loaded in this boot");
}

static void test_unloading_forgets_the_plan(void **state)
{
	struct bench *bench = *state;
	char nonce[64];

	make_two_regions(bench);
	degrade(bench);
	nonce_of(bench, "kexec load lab", nonce);
	expect_run(bench, "kexec unload", 0, NULL, NULL);
	expect_run(bench, "expect lab", 1, NULL, "no plan of this pool was loaded in this boot");
}

static void test_deleting_what_cannot_be_opened(void **state)
{
	struct bench *bench = *state;

	expect_run(bench, "pool create broken --size 16M", 0, NULL, NULL);
	poke(bench, REGION_BASE + 200, "damaged", 7);
	poke(bench, REGION_BASE + (16 << 20) - 4096 + 200, "damaged", 7);
	expect_run(bench, "pool delete broken --yes", 1, NULL, "to be rid of it: pmpool pool create");
}

static void test_shrunk_region(void **state)
{
	struct bench *bench = *state;
	struct json_object *error;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	host_file(bench, "proc/cmdline", "quiet memmap=128M$0x100000000\n");
	host_file(bench, "proc/iomem", "00001000-0fffffff : System RAM\n100000000-107ffffff : Reserved\n");
	error = ask(bench, "pool info lab --json", 1);
	assert_string_equal(text(error, "error.name"), "region-moved");
	json_object_put(error);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(overwrite),
		TEST(overwritten_in_part),
		TEST(damaged_start),
		TEST(nested_regions),
		TEST(plan_of_another_region),
		TEST(shrunk_region),
		TEST(two_regions),
		TEST(deleting_what_is_left),
		TEST(deleting_what_cannot_be_opened),
		TEST(a_degraded_pool_says_so),
		TEST(regions_that_cannot_be_looked_at),
		TEST(what_never_fits),
		TEST(two_of_one_name),
		TEST(errors_do_not_steer_the_terminal),
		TEST(a_pipe_that_is_too_long),
		TEST(check_counts_pages_of_the_pool),
		TEST(kexec_of_a_degraded_pool),
		TEST(unloading_forgets_the_plan),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs on free pages, and faults: pattern fill and check, memory test and results, fault inject. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include <glob.h>
#include <stdbool.h>

#define PAGE UINT64_C(4096)

/* A pool of 64 MiB whose allocation `db` is 100 pages from page 512 on. */
static void make_pool(const struct bench *bench)
{
	expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 100 --align 2M --from 0x100200000 --name db", 0, NULL, NULL);
}

static void file_in(const struct bench *bench, const char *name, char path[320])
{
	snprintf(path, 320, "%s/%s", bench->folder, name);
}

static bool exists(const struct bench *bench, const char *name)
{
	char path[320];

	file_in(bench, name, path);
	return access(path, F_OK) == 0;
}

/* XORs bytes of the host's memory, behind everybody's back. */
static void spoil(const struct bench *bench, uint64_t address, size_t bytes, uint8_t mask)
{
	char path[320];
	uint8_t byte;
	int fd;

	file_in(bench, "host/dev/mem", path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	for (size_t i = 0; i < bytes; i++) {
		assert_int_equal(pread(fd, &byte, 1, (off_t)(address + i)), 1);
		byte ^= mask;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)(address + i)), 1);
	}
	close(fd);
}

static void test_fill_and_check(void **state)
{
	static const char *const patterns[] = {
		"address",	"address-inverted",	 "walking-ones --seed 3", "walking-zeros",
		"checkerboard", "checkerboard-inverted", "random --seed 7",	  "zeros",
		"ones"};
	struct bench *bench = *state;

	make_pool(bench);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct json_object *filled, *checked;
		char line[96];

		snprintf(line, sizeof(line), "pattern fill lab %s --json", patterns[i]);
		filled = ask(bench, line, 0);
		assert_int_equal(number(filled, "bytes"), number(filled, "pages") * PAGE);
		assert_int_equal(number(filled, "pages") + number(filled, "skipped"), 16384);
		assert_true(number(filled, "skipped") > 100);
		snprintf(line, sizeof(line), "pattern check lab %s --json", patterns[i]);
		checked = ask(bench, line, 0);
		assert_int_equal(number(checked, "pages"), number(filled, "pages"));
		assert_int_equal(number(checked, "changed"), 0);
		json_object_put(filled);
		json_object_put(checked);
	}
	expect_run(bench, "pattern check lab random --seed 8", 3, "CHANGED", NULL);
	expect_run(bench, "log lab --limit 1", 0, "ones", NULL);
}

static void test_data(void **state)
{
	struct bench *bench = *state;
	char line[400], path[320];

	make_pool(bench);
	folder_put(bench->folder, "/data", "Pmpool Lab");
	file_in(bench, "data", path);
	snprintf(line, sizeof(line), "pattern fill lab data --data %s", path);
	expect_run(bench, line, 0, "Filled", NULL);
	snprintf(line, sizeof(line), "pattern check lab data --data %s", path);
	expect_run(bench, line, 0, "INTACT", NULL);
	folder_put(bench->folder, "/data", "Pmpool lab");
	expect_run(bench, line, 3, "CHANGED", NULL);
	folder_put(bench->folder, "/data", "");
	expect_run(bench, line, 2, NULL, "is empty");
	assert_int_equal(truncate(path, 65537), 0);
	expect_run(bench, line, 2, NULL, "more than 64 KiB");
	expect_run(bench, "pattern fill lab data", 2, NULL, "data");
	expect_run(bench, "pattern fill lab stripes", 2, NULL, "no pattern \"stripes\"");
	expect_run(bench, "pattern fill lab data --data /nowhere/at/all", 1, NULL, "No such file");
}

static void test_changed_pages_are_explained(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	make_pool(bench);
	expect_run(bench, "pattern fill lab random --seed 1", 0, NULL, NULL);
	spoil(bench, REGION_BASE + 2000 * PAGE + 77, 1, 0x10);
	result = ask(bench, "pattern check lab random --seed 1 --json", 3);
	assert_int_equal(number(result, "changed"), 1);
	assert_int_equal(number(result, "runs.0.page"), 2000);
	assert_int_equal(number(result, "runs.0.address"), REGION_BASE + 2000 * PAGE);
	assert_string_equal(text(result, "runs.0.kind"), "changed");
	assert_string_equal(text(result, "diagnoses.0.kind"), "bit-flip");
	assert_int_equal(number(result, "diagnoses.0.confidence"), 100);
	json_object_put(result);
	expect_run(bench, "pattern check lab random --seed 1", 3, "1 of ", NULL);
	/* outside of the range nothing is looked at */
	expect_run(bench, "pattern check lab random --seed 1 --to 2000", 0, "INTACT", NULL);
	expect_run(bench, "pattern check lab random --seed 1 --from 2001", 0, "INTACT", NULL);
	expect_run(bench, "pattern check lab random --seed 1 --from 0x1007d0fff --to 0x1007d1000", 3, "1 of 1 ", NULL);
	expect_run(bench, "pattern check lab random --from 7 --to 7", 2, NULL, "--to");
	expect_run(bench, "pattern check lab random --from 0x10", 2, NULL, "no address in this pool");
	expect_run(bench, "pattern check lab random --from here", 2, NULL, "neither a page index nor");
	expect_run(bench, "pattern check lab random --from 99999999", 1, NULL, NULL);
}

/* What is allocated keeps its bytes; what is freed later never held the pattern. */
static void test_only_free_pages(void **state)
{
	struct bench *bench = *state;
	struct json_object *filled;

	make_pool(bench);
	filled = ask(bench, "pattern fill lab ones --json", 0);
	expect_run(bench, "read lab db --length 4 --json", 0, "AAAAAA==", NULL);
	expect_run(bench, "free lab db --yes", 0, NULL, NULL);
	expect_run(bench, "pattern check lab ones --from 512 --to 612", 3, "100 of 100", NULL);
	expect_run(bench, "alloc lab --pages 100 --align 2M --from 0x100200000", 0, NULL, NULL);
	expect_run(bench, "pattern check lab ones", 0, "INTACT", NULL);
	json_object_put(filled);
}

static void test_survives_a_kexec(void **state)
{
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "pattern fill lab address", 0, NULL, NULL);
	expect_run(bench, "kexec load lab", 0, NULL, NULL);
	expect_run(bench, "kexec jump lab --yes", 0, NULL, NULL);
	expect_run(bench, "pattern check lab address", 0, "INTACT", NULL);
}

static void test_memory_test(void **state)
{
	struct bench *bench = *state;
	struct json_object *result, *list;

	make_pool(bench);
	expect_run(bench, "memory results", 0, "No memory test", NULL);
	result = ask(bench, "memory test lab --passes 2 --to 4096 --json", 0);
	assert_true(json_object_get_boolean(member(result, "passed")));
	assert_int_equal(number(result, "passes"), 2);
	assert_int_equal(json_object_array_length(member(result, "tests")), 6);
	assert_int_equal(number(result, "pages") + number(result, "skipped"), 4096);
	list = ask(bench, "memory results --json", 0);
	assert_true(json_object_equal(member(list, "results.0"), result));
	json_object_put(list);
	json_object_put(result);
	expect_run(bench, "pattern check lab zeros --to 4096", 0, "INTACT", NULL);
	expect_run(bench, "read lab db --length 4 --json", 0, "AAAAAA==", NULL);
	expect_run(bench, "log lab --limit 1", 0, "test", NULL);
	result = ask(bench, "memory test lab --tests random,own-address --to 1024 --json", 0);
	assert_int_equal(json_object_array_length(member(result, "tests")), 2);
	json_object_put(result);
	expect_run(bench, "memory results", 0, "passed", NULL);
	expect_run(bench, "memory test lab --tests random,dance", 2, NULL, "no test \"dance\"");
	expect_run(bench, "memory test lab --passes 0", 2, NULL, "--passes");
}

static void test_report_of_a_test(void **state)
{
	static const char *const suffixes[] = {"html", "json", "junit", "xml", "ktap", "txt"};
	struct bench *bench = *state;
	char line[480];

	make_pool(bench);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char name[32];

		snprintf(line, sizeof(line), "memory test lab --tests random --to 512 --report %s/t.%s", bench->folder,
			 suffixes[i]);
		expect_run(bench, line, 0, "lab", NULL);
		snprintf(name, sizeof(name), "t.%s", suffixes[i]);
		assert_true(exists(bench, name));
		expect_run(bench, line, 1, NULL, "already there");
	}
	snprintf(line, sizeof(line), "memory test lab --report %s/t.pdf", bench->folder);
	expect_run(bench, line, 2, NULL, "--format");
	expect_run(bench, "memory test lab --tests random --to 512 --format ktap", 0, "KTAP version 1", NULL);
	expect_run(bench, "memory test lab --format ktap --json", 2, "standard output has room", NULL);
	snprintf(line, sizeof(line), "memory test lab --tests random --report %s/none/t.html", bench->folder);
	expect_run(bench, line, 1, NULL, "No such file");
}

static void test_faults_follow_their_seed(void **state)
{
	struct bench *bench = *state;
	struct json_object *first, *second;
	char line[96];

	make_pool(bench);
	expect_run(bench, "write lab db /bin/sh", 0, NULL, NULL);
	first = ask(bench, "fault inject lab bit-flips --pages 3 --seed 5 --json", 0);
	assert_int_equal(number(first, "count"), 3);
	assert_int_equal(number(first, "seed"), 5);
	/* again: the same bits, back to what they were */
	second = ask(bench, "fault inject lab bit-flips --pages 3 --seed 5 --json", 0);
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "faults.%zu.address", i);
		assert_int_equal(number(first, line), number(second, line));
	}
	json_object_put(first);
	json_object_put(second);
	expect_run(bench, "fault inject lab zeroed --from 512 --to 513", 0, "512", NULL);
	expect_run(bench, "fault inject lab zeroed --from 512 --to 513", 1, NULL, NULL);
	expect_run(bench, "fault inject lab gremlin", 2, NULL, "no fault \"gremlin\"");
	expect_run(bench, "log lab --limit 1", 0, "zeroed, seed ", NULL);
}

static void test_a_fault_says_when_it_is_less_than_asked_for(void **state)
{
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "write lab db /bin/sh", 0, NULL, NULL);
	expect_run(bench, "fault inject lab zeroed --pages 5 --from 512 --to 513", 0, "1 of 5 pages: no more suit",
		   NULL);
	expect_run(bench, "fault inject lab zeroed --pages 0", 2, NULL, "must be 1");
}

static int memory_lock(const struct bench *bench, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
	char path[512];
	glob_t found;
	int fd;

	snprintf(path, sizeof(path), "%s/var/lib/pmpool/lock/memory-*", bench->host);
	assert_int_equal(glob(path, 0, NULL, &found), 0);
	fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
	globfree(&found);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	return fd;
}

/* Two that write would find each other's words and take healthy pages for bad ones. */
static void test_acts_on_free_pages_exclude_each_other(void **state)
{
	static const struct {
		short held;
		const char *line;
		int exit_code;
	} cases[] = {
		{F_WRLCK, "memory test lab --tests random --quarantine", 1},
		{F_WRLCK, "pattern fill lab zeros", 1},
		{F_WRLCK, "pattern check lab zeros", 1},
		{F_RDLCK, "memory test lab --tests random --quarantine", 1},
		{F_RDLCK, "pattern fill lab zeros", 1},
		{F_RDLCK, "pattern check lab zeros", 0},
	};
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "pattern fill lab zeros", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = memory_lock(bench, cases[i].held);

		expect_run(bench, cases[i].line, cases[i].exit_code, NULL,
			   cases[i].exit_code ? "works on the free pages" : NULL);
		close(fd);
	}
	expect_run(bench, "pattern fill lab zeros", 0, NULL, NULL);
	expect_run(bench, "bad list lab", 0, NULL, NULL);
}

static void test_nothing_to_test_is_no_pass(void **state)
{
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "memory test lab --from 512 --to 513", 1, NULL, "no free page in the range");
	expect_run(bench, "memory results", 0, "No memory test", NULL);
}

/* Each is seen afterwards: nothing on the way mended it. */
static void test_faults_of_the_metadata(void **state)
{
	static const struct {
		const char *kind, *look;
		int exit_code;
	} cases[] = {
		{"superblock", "pool info lab", 1}, /* both copies */
		{"states", "check mem:0x100000000", 3},
		{"record", "check mem:0x100000000", 3},
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[96];

		snprintf(bench->host, sizeof(bench->host), "%s/host%zu", bench->folder, i); /* one for each */
		expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
		expect_run(bench, "alloc lab --pages 100 --name db", 0, NULL, NULL);
		expect_run(bench, cases[i].look, 0, NULL, NULL);
		snprintf(line, sizeof(line), "fault inject lab %s --seed 3", cases[i].kind);
		expect_run(bench, line, 0, cases[i].kind, NULL);
		expect_run(bench, cases[i].look, cases[i].exit_code, NULL, NULL);
		expect_run(bench, "pool list", 0, NULL, NULL);
		expect_run(bench, cases[i].look, cases[i].exit_code, NULL, NULL);
	}
}

/* A region without a pool, whole or a part. */
static void test_a_region_without_a_pool(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;
	char line[480];

	result = ask(bench, "pattern fill address --region mem:0x100000000 --offset 64M --size 16M --json", 0);
	assert_int_equal(number(result, "pages"), 4096);
	assert_int_equal(number(result, "skipped"), 0);
	json_object_put(result);
	spoil(bench, REGION_BASE + (UINT64_C(64) << 20) + 7 * PAGE + 8, 1, 2);
	result = ask(bench, "pattern check address --region mem:0x100000000 --offset 64M --size 16M --json", 3);
	assert_int_equal(number(result, "changed"), 1);
	assert_int_equal(number(result, "runs.0.page"), 16384 + 7);
	assert_int_equal(number(result, "runs.0.address"), REGION_BASE + (UINT64_C(64) << 20) + 7 * PAGE);
	assert_string_equal(text(result, "diagnoses.0.kind"), "bit-flip");
	json_object_put(result);
	/* what stands there is not destroyed by the way */
	expect_run(bench, "memory test --region mem:0x100000000 --offset 64M --size 16M", 1, NULL,
		   "overwrite it is data-");
	expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
	expect_run(bench, "pattern fill ones --region mem:0x100000000 --overwrite x", 1, NULL, "overwrite it is pool");
	expect_run(bench, "memory test --region mem:0x100000000", 1, NULL, "overwrite it is pool");
	expect_run(bench, "check lab", 0, NULL, NULL);
	snprintf(line, sizeof(line),
		 "memory test --region mem:0x100000000 --offset 128M --size 4M --report %s/region.html --json",
		 bench->folder);
	result = ask(bench, line, 0);
	assert_true(json_object_is_type(member(result, "pool"), json_type_null));
	assert_string_equal(text(result, "poolName"), "mem:0x100000000");
	assert_int_equal(number(result, "pages"), 1024);
	json_object_put(result);
	assert_true(exists(bench, "region.html"));
	expect_run(bench, "memory results", 0, "mem:0x100000000", NULL);
	expect_run(bench, "pattern check zeros --region mem:0x100000000 --offset 128M --size 4M", 0, "INTACT", NULL);
	expect_run(bench, "pattern fill ones", 2, NULL, "which pool?");
	expect_run(bench, "pattern fill lab ones --region mem:0x100000000", 2, NULL, "either a pool or --region");
	expect_run(bench, "pattern fill lab ones --overwrite x", 2, NULL, NULL);
	expect_run(bench, "memory test --region mem:0x100000000 --quarantine", 2, NULL, "belongs to a pool");
	expect_run(bench, "memory test --region mem:0x7", 1, NULL, "mem:0x7");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(fill_and_check),
		TEST(data),
		TEST(changed_pages_are_explained),
		TEST(only_free_pages),
		TEST(survives_a_kexec),
		TEST(memory_test),
		TEST(report_of_a_test),
		TEST(faults_follow_their_seed),
		TEST(a_fault_says_when_it_is_less_than_asked_for),
		TEST(acts_on_free_pages_exclude_each_other),
		TEST(nothing_to_test_is_no_pass),
		TEST(faults_of_the_metadata),
		TEST(a_region_without_a_pool),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_memory", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs that change what a pool says of itself: names, labels, quarantines, its regions; and where alloc puts things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

#define REGION "mem:0x100000000"

/* The newest entry of the event log. */
static void expect_logged(const struct bench *bench, const char *pool, const char *verb, const char *detail)
{
	char line[64];
	struct json_object *log;

	snprintf(line, sizeof(line), "log %s --limit 1 --json", pool);
	log = ask(bench, line, 0);
	assert_string_equal(text(log, "entries.0.verb"), verb);
	assert_string_equal(text(log, "entries.0.detail"), detail);
	json_object_put(log);
}

static void test_rename(void **state)
{
	struct bench *bench = *state;
	struct json_object *before, *after;
	char line[96];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	before = ask(bench, "alloc lab --pages 3 --name db --owner me --purpose test --json", 0);
	expect_run(bench, "alloc lab --pages 1 --name other", 0, NULL, NULL);
	after = ask(bench, "rename lab db base --json", 0);
	assert_int_equal(number(after, "page"), number(before, "page"));
	assert_string_equal(text(after, "record.name"), "base");
	assert_string_equal(text(after, "record.owner"), "me");
	assert_int_equal(number(after, "record.createdAt"), number(before, "record.createdAt"));
	json_object_put(after);
	expect_logged(bench, "lab", "rename", "base");
	expect_run(bench, "rename lab db third", 1, NULL, "no allocation is named \"db\"");
	expect_run(bench, "rename lab base other", 1, NULL, "another allocation is named \"other\"");
	expect_run(bench, "rename lab base a/b", 1, NULL, "is no name");
	expect_run(bench, "rename lab base", 2, NULL, NULL);

	/* an unnamed one gets a record */
	after = ask(bench, "alloc lab --pages 7 --json", 0);
	snprintf(line, sizeof(line), "rename lab %d found --json", (int)number(after, "page"));
	json_object_put(after);
	after = ask(bench, line, 0);
	assert_string_equal(text(after, "record.name"), "found");
	json_object_put(after);
	expect_run(bench, "list lab", 0, "found", NULL);
	json_object_put(before);
}

static void test_label(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;
	char line[96];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name db --owner me --purpose test", 0, NULL, NULL);
	result = ask(bench, "label lab db --owner you --json", 0);
	assert_string_equal(text(result, "record.owner"), "you");
	assert_string_equal(text(result, "record.purpose"), "test");
	json_object_put(result);
	expect_logged(bench, "lab", "relabel", "owner=you");
	result = ask(bench, "label lab db --purpose= --json", 0);
	assert_string_equal(text(result, "record.owner"), "you");
	assert_string_equal(text(result, "record.purpose"), "");
	json_object_put(result);
	expect_run(bench, "label lab db", 2, NULL, "--owner");
	result = ask(bench, "alloc lab --pages 3 --json", 0);
	snprintf(line, sizeof(line), "label lab %d --owner you", (int)number(result, "page"));
	json_object_put(result);
	expect_run(bench, line, 2, NULL, "needs a name");
}

static void test_resize(void **state)
{
	struct bench *bench = *state;
	struct json_object *before, *after;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	before = ask(bench, "alloc lab --pages 600 --from 0x100200000 --to 0x100458000 --name db --owner me --json", 0);
	expect_run(bench, "alloc lab --pages 4 --from 0x100600000 --to 0x100604000 --name next", 0, NULL, NULL);
	after = ask(bench, "resize lab db 3 --json", 0);
	assert_int_equal(number(after, "page"), 512);
	assert_int_equal(number(after, "pages"), 3);
	assert_string_equal(text(after, "record.owner"), "me");
	assert_int_equal(number(after, "record.createdAt"), number(before, "record.createdAt"));
	json_object_put(after);
	expect_logged(bench, "lab", "resize", "from 600 pages");
	expect_run(bench, "resize lab 512 1024", 0, "4 MiB", NULL);
	expect_run(
		bench, "resize lab db 1025", 1, NULL,
		"page 1536 begins an allocation of 4 pages, next: the allocation can have 1024 pages here, not 1025");
	expect_run(bench, "resize lab next 99999999", 1, NULL, "is the end of what can be allocated of its region");
	expect_run(bench, "resize lab db 0", 2, NULL, "pages");
	expect_run(bench, "resize lab db many", 2, NULL, "is no number of pages");
	expect_run(bench, "resize lab 513 5", 1, NULL, "no allocation starts at page 513");
	expect_run(bench, "check lab", 0, NULL, NULL);
	/* what it gave up can be had */
	expect_run(bench, "resize lab db 1", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 1023 --from 0x100201000 --to 0x100600000", 0, NULL, NULL);
	json_object_put(before);
}

static void test_fill(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 5 --from 0x100200000 --to 0x100205000 --name db", 0, NULL, NULL);
	expect_run(bench, "fill lab db address", 0, "Filled 20 KiB with address.", NULL);
	expect_logged(bench, "lab", "fill", "address");
	result = ask(bench, "read lab db --offset 4096 --length 8 --json", 0);
	assert_string_equal(text(result, "data"), "ABAgAAEAAAA="); /* 0x100201000 */
	json_object_put(result);
	result = ask(bench, "fill lab db random --seed 7 --offset 4K --length 100 --json", 0);
	assert_int_equal(number(result, "written"), 100);
	json_object_put(result);
	expect_logged(bench, "lab", "fill", "random, seed 7; 100 bytes at 4096");
	expect_run(bench, "fill lab db ones --offset 20K", 1, NULL, "the allocation has 20480 bytes");
	expect_run(bench, "fill lab db stripes", 2, NULL, "no pattern \"stripes\"");
	expect_run(bench, "fill lab db", 2, NULL, NULL);
	expect_run(bench, "fill lab other ones", 1, NULL, "no allocation is named \"other\"");
}

static void test_bad(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	expect_run(bench, "bad list lab", 0, "No bad page", NULL);
	expect_run(bench, "bad add lab 600", 2, NULL, "--why");
	result = ask(bench, "bad add lab 600 --pages 5 --why memtest --json", 0);
	assert_int_equal(number(result, "page"), 600);
	assert_int_equal(number(result, "address"), REGION_BASE + 600 * 4096);
	assert_string_equal(text(result, "why"), "memtest");
	json_object_put(result);
	expect_logged(bench, "lab", "quarantine", "memtest");
	/* the address of any byte: what reports a memory error names one */
	result = ask(bench, "bad add lab 0x100300123 --why EDAC --json", 0);
	assert_int_equal(number(result, "page"), 0x300);
	json_object_put(result);
	expect_run(bench, "bad add lab 604 --why again", 1, NULL, "not all of the 1 pages");
	expect_run(bench, "bad add lab 0 --why metadata", 1, NULL, "not all of the 1 pages");
	expect_run(bench, "bad add lab 65535 --pages 2 --why end", 1, NULL, "are not in one region");
	expect_run(bench, "bad add lab 0x90000000 --why elsewhere", 2, NULL, "no address in this pool");
	result = ask(bench, "bad list lab --json", 0);
	assert_int_equal(json_object_array_length(member(result, "bad")), 2);
	assert_int_equal(number(result, "bad.0.pages"), 5);
	json_object_put(result);
	result = ask(bench, "pool info lab --json", 0);
	assert_int_equal(number(result, "usage.pagesBad"), 6);
	json_object_put(result);

	/* never handed out */
	result = ask(bench, "alloc lab --pages 1 --from 0x100258000 --to 0x10025e000 --json", 0);
	assert_int_equal(number(result, "page"), 605);
	json_object_put(result);
	expect_run(bench, "alloc lab --pages 1 --from 0x100258000 --to 0x10025d000", 1, NULL, "no free run");
	expect_run(bench, "bad remove lab 600", 2, NULL, "give --yes");
	expect_run(bench, "bad remove lab 601 --yes", 1, NULL, "no quarantine starts at page 601");
	expect_run(bench, "bad remove lab 600 --yes", 0, "memtest", NULL);
	expect_logged(bench, "lab", "release", "memtest");
	expect_run(bench, "bad remove lab 600 --yes", 1, NULL, "no quarantine starts");
	expect_run(bench, "alloc lab --pages 1 --from 0x100258000 --to 0x10025d000", 0, NULL, NULL);
	expect_run(bench, "bad list lab", 0, "EDAC", NULL);
}

static void test_pool_rename(void **state)
{
	struct bench *bench = *state;
	struct json_object *before, *after;

	before = ask(bench, "pool create lab --json", 0);
	after = ask(bench, "pool rename lab bench --json", 0);
	assert_string_equal(text(after, "name"), "bench");
	assert_string_equal(text(after, "uuid"), text(before, "uuid"));
	json_object_put(after);
	json_object_put(before);
	expect_logged(bench, "bench", "rename", "bench");
	expect_run(bench, "pool info lab", 1, NULL, "no pool \"lab\"");
	expect_run(bench, "pool list", 0, "bench", NULL);
	expect_run(bench, "pool rename bench a/b", 1, NULL, "is no name");
}

static void test_pool_delete(void **state)
{
	struct bench *bench = *state;
	struct json_object *pools;

	expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
	expect_run(bench, "pool create other --offset 64M --size 64M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name db", 0, NULL, NULL);
	expect_run(bench, "pool delete lab", 2, NULL, "give --yes");
	expect_run(bench, "pool delete lab --yes", 0, "Deleted pool lab", NULL);
	expect_run(bench, "pool info lab", 1, NULL, "no pool \"lab\"");
	pools = ask(bench, "pool list --json", 0);
	assert_int_equal(json_object_array_length(member(pools, "pools")), 1);
	assert_string_equal(text(pools, "pools.0.name"), "other");
	json_object_put(pools);
}

static void test_pool_extend(void **state)
{
	struct bench *bench = *state;
	struct json_object *pool, *result;
	uint64_t first;

	expect_run(bench, "pool create lab --size 16M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name db", 0, NULL, NULL);
	expect_run(bench, "pool extend lab", 2, NULL, "--region");
	expect_run(bench, "pool extend lab --region " REGION " --offset 8M --size 16M", 2, NULL,
		   "region 0 of the pool already");
	pool = ask(bench, "pool extend lab --region " REGION " --offset 32M --size 64M --json", 0);
	assert_int_equal(json_object_array_length(member(pool, "regions")), 2);
	assert_int_equal(number(pool, "size"), 80 << 20);
	assert_int_equal(number(pool, "regions.1.base"), REGION_BASE + (32 << 20));
	assert_string_equal(text(pool, "regions.1.medium"), "file");
	first = number(pool, "regions.1.firstPage");
	json_object_put(pool);
	expect_run(bench, "pool info lab", 0, "INDEX", NULL);

	/* an allocation that only the new region can hold, and one that is to stand there */
	result = ask(bench, "alloc lab --order 12 --json", 0);
	assert_true(number(result, "page") >= first);
	assert_int_equal(number(result, "pfn") % (1 << 12), 0);
	json_object_put(result);
	result = ask(bench, "alloc lab --pages 1 --place region=1 --name there --json", 0);
	assert_true(number(result, "page") >= first);
	assert_int_equal(number(result, "address"), REGION_BASE + (32 << 20) + (number(result, "page") - first) * 4096);
	json_object_put(result);
	result = ask(bench, "alloc lab --pages 1 --json", 0);
	assert_true(number(result, "page") < first);
	json_object_put(result);
	result = ask(bench, "alloc lab --pages 1 --place most-free --json", 0);
	assert_true(number(result, "page") >= first);
	json_object_put(result);
	expect_run(bench, "alloc lab --pages 1 --place region=2", 2, NULL, "the pool has 2 regions");
	expect_run(bench, "alloc lab --pages 1 --place node=77", 1, NULL, "NUMA node 77");
	expect_run(bench, "rename lab there here", 0, NULL, NULL);
	expect_run(bench, "list lab", 0, "here", NULL);

	/* what is there is named, and needs its word */
	expect_run(bench, "pool create guest --offset 128M --size 16M", 0, NULL, NULL);
	result = ask(bench, "pool extend lab --region " REGION " --offset 128M --size 16M --json", 1);
	assert_string_equal(text(result, "error.name"), "region-occupied");
	{
		char line[192];

		snprintf(line, sizeof(line), "pool extend lab --region %s --offset 128M --size 16M --overwrite %s",
			 REGION, text(result, "error.confirm"));
		expect_run(bench, line, 0, NULL, NULL);
	}
	json_object_put(result);
	expect_run(bench, "pool info guest", 1, NULL, "no pool \"guest\"");
	expect_run(bench, "pool delete lab --yes", 0, NULL, NULL);
	result = ask(bench, "pool list --json", 0);
	assert_int_equal(json_object_array_length(member(result, "pools")), 0);
	json_object_put(result);
	expect_run(bench, "region recognise " REGION " --offset 32M --size 64M", 0, NULL, NULL);
}

/* Without one of its regions a pool says which, and changes nothing. */
static void test_degraded(void **state)
{
	static const char *const changes[] = {
		"alloc lab --pages 1",
		"free lab db --yes",
		"rename lab db base",
		"label lab db --owner you",
		"bad add lab 700 --why test",
		"pool rename lab bench",
		"pool extend lab --region mem:0x100000000 --offset 64M --size 16M",
	};
	struct bench *bench = *state;
	struct json_object *pool;

	expect_run(bench, "region list", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000 memmap=64M$0x108000000\n");
	expect_run(bench, "pool create lab --region mem:0x100000000 --size 16M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3 --name db", 0, NULL, NULL);
	expect_run(bench, "pool extend lab --region mem:0x108000000", 0, NULL, NULL);
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000\n");
	pool = ask(bench, "pool info lab --json", 0);
	assert_true(json_object_get_boolean(member(pool, "degraded")));
	assert_true(json_object_get_boolean(member(pool, "readOnly")));
	assert_null(member(pool, "regions.0.error"));
	assert_non_null(member(pool, "regions.1.error"));
	json_object_put(pool);
	expect_run(bench, "pool info lab", 0, "Degraded", NULL);
	expect_run(bench, "list lab", 0, "db", NULL);
	expect_run(bench, "audit lab", 0, "missing", NULL);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		expect_run(bench, changes[i], 1, NULL, "region 1 of pool");
	folder_put(bench->host, "/proc/cmdline", "ro memmap=128M$0x100000000 memmap=64M$0x108000000\n");
	expect_run(bench, "rename lab db base", 0, "base", NULL);
}

static void test_placement(void **state)
{
	static const struct {
		const char *options;
		uint64_t align, within, from, to;
	} cases[] = {
		{"--pages 3 --align 2M", 2 << 20, 0, 0, 0},
		{"--pages 3 --align 9", 2 << 20, 0, 0, 0},
		{"--order 3 --align 64K", 64 << 10, 0, 0, 0},
		{"--order 5 --align 0", 32 * 4096, 0, 0, 0},
		{"--pages 200 --within 1M", 4096, 1 << 20, 0, 0},
		{"--pages 5 --from 0x104000000", 4096, 0, 0x104000000, 0},
		{"--pages 5 --to 0x102000000", 4096, 0, 0, 0x102000000},
		{"--pages 5 --from 4160M --below 4200M", 4096, 0, UINT64_C(4160) << 20, UINT64_C(4200) << 20},
		{"--order 9 --from 0x103001000 --place first", 2 << 20, 0, 0x103001000, 0},
	};
	static const struct {
		const char *options;
		int exit_code;
		const char *says;
	} refused[] = {
		{"--pages 1 --below 4G", 1, "no page of the pool lies in the place"},
		{"--pages 3 --within 8K", 2, "--within"},
		{"--pages 1 --align 3K", 2, "--align"},
		{"--pages 1 --align 41", 2, "--align"},
		{"--pages 1 --to 1M --below 1M", 2, "--below is another word"},
		{"--pages 1 --below 0", 2, "below address 0"},
		{"--pages 1 --from 4G --to 4G", 2, "must be above where the range begins"},
		{"--pages 1 --place nowhere", 2, "--place"},
		{"--pages 1 --place node=", 2, "--place"},
		{"--pages 1 --place region=1", 2, "the pool has 1 region"},
	};
	struct bench *bench = *state;
	char line[160];

	expect_run(bench, "pool create lab", 0, NULL, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *result;
		uint64_t address, end;

		snprintf(line, sizeof(line), "alloc lab %s --json", cases[i].options);
		result = ask(bench, line, 0);
		address = number(result, "address");
		end = address + number(result, "pages") * 4096;
		if (address % cases[i].align || address < cases[i].from || (cases[i].to && end > cases[i].to) ||
		    (cases[i].within && address / cases[i].within != (end - 1) / cases[i].within))
			fail_msg("%s: at %llx", line, (unsigned long long)address);
		json_object_put(result);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(line, sizeof(line), "alloc lab %s", refused[i].options);
		expect_run(bench, line, refused[i].exit_code, NULL, refused[i].says);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(rename),	   TEST(label),	      TEST(resize),	 TEST(fill),	 TEST(bad),
		TEST(pool_rename), TEST(pool_delete), TEST(pool_extend), TEST(degraded), TEST(placement),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_changes", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmpool check and pmpool repair on pools that were damaged behind its back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"
#include <stdbool.h>
#include <sys/stat.h>

/* Bytes of the host's memory, from the start of its region. */
static void memory(const struct bench *bench, uint64_t offset, void *bytes, size_t count, bool put)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/mem", bench->host);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	if (put)
		assert_int_equal(pwrite(fd, bytes, count, (off_t)(REGION_BASE + offset)), count);
	else
		assert_int_equal(pread(fd, bytes, count, (off_t)(REGION_BASE + offset)), count);
	close(fd);
}

static void flip(const struct bench *bench, uint64_t offset, uint8_t bits)
{
	uint8_t byte;

	memory(bench, offset, &byte, 1, false);
	byte ^= bits;
	memory(bench, offset, &byte, 1, true);
}

#define METADATA 16384u /* superblock A, blocks, page states, records */
#define RECORDS 0x3000u
#define SLOT(n) (RECORDS + 256u * (n))
#define OWNER 128u

static void make(const struct bench *bench, const char *more)
{
	char line[128];

	snprintf(line, sizeof(line), "pool create lab%s", more);
	expect_run(bench, line, 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 10 --name db --owner me", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 3", 0, NULL, NULL);
}

static void test_nothing_is_wrong(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	make(bench, " --size 32M");
	expect_run(bench, "check lab", 0, "Nothing is wrong.", NULL);
	expect_run(bench, "check mem:0x100000000", 0, "Nothing is wrong.", NULL);
	expect_run(bench, "repair lab", 0, "Nothing is wrong.", NULL);
	expect_run(bench, "repair lab --apply --yes", 0, "Nothing is wrong.", NULL);
	result = ask(bench, "check lab --json", 0);
	assert_true(json_object_get_boolean(member(result, "summary.clean")));
	assert_int_equal(number(result, "regions.0.records"), 1);
	json_object_put(result);
	result = ask(bench, "log lab --json", 0);
	assert_string_equal(text(result, "entries.0.verb"), "allocate");
	json_object_put(result);
}

static void test_damage_is_repaired(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;
	uint8_t before[METADATA], now[METADATA];
	char line[400], path[300];
	struct stat status;

	make(bench, " --size 32M");
	flip(bench, 100, 1);
	flip(bench, 0x2005, 0x10);
	flip(bench, SLOT(1) + OWNER, 0x40);
	expect_run(bench, "pool info lab", 1, NULL, "pmpool check");
	expect_run(bench, "check lab", 3, "record-damaged", NULL);
	memory(bench, 0, before, sizeof(before), false);
	result = ask(bench, "repair lab --json", 3);
	assert_int_equal(number(result, "patchCount"), 3);
	assert_int_equal(number(result, "summary.refused"), 0);
	assert_false(json_object_get_boolean(member(result, "applied")));
	json_object_put(result);
	expect_run(bench, "repair lab --apply", 2, NULL, "--yes");
	memory(bench, 0, now, sizeof(now), false);
	assert_memory_equal(before, now, sizeof(now));

	snprintf(path, sizeof(path), "%s/metadata", bench->folder);
	snprintf(line, sizeof(line), "repair lab --apply --yes --backup %s", path);
	expect_run(bench, line, 0, "Nothing is wrong.", NULL);
	assert_int_equal(stat(path, &status), 0);
	assert_true(status.st_size > METADATA);
	assert_int_equal(status.st_mode & 077, 0);
	expect_run(bench, "pool info lab", 0, NULL, NULL);
	expect_run(bench, "list lab", 0, "me", NULL);
	expect_run(bench, "log lab --limit 1", 0, "3 words, 3 findings", NULL);
}

/* What the backup holds, written back where it stood, undoes the repair. */
static void test_a_backup_undoes_a_repair(void **state)
{
	struct bench *bench = *state;
	uint8_t before[METADATA], *bytes;
	uint64_t extent[3];
	char line[400], path[300];
	size_t size, at = 56;
	uint32_t crc;

	make(bench, " --size 32M");
	flip(bench, SLOT(1) + OWNER, 0x40);
	memory(bench, 0, before, sizeof(before), false);
	snprintf(path, sizeof(path), "%s/metadata", bench->folder);
	snprintf(line, sizeof(line), "repair lab --apply --yes --backup %s", path);
	expect_run(bench, line, 0, NULL, NULL);
	bytes = (uint8_t *)program_slurp(fopen(path, "r"), &size);
	assert_memory_equal(bytes, "PMPOOLBK\1\0\0\0\1\0\0\0", 16);
	memcpy(extent, bytes + at, sizeof(extent));
	assert_int_equal(extent[0], REGION_BASE);
	assert_int_equal(extent[1], 0);
	assert_true(extent[2] >= sizeof(before));
	assert_memory_equal(bytes + at + sizeof(extent), before, sizeof(before));
	while (extent[2]) {
		memcpy(extent, bytes + at, sizeof(extent));
		at += sizeof(extent) + extent[2];
	}
	assert_int_equal(at + sizeof(crc), size);
	free(bytes);
	memory(bench, 0, before, sizeof(before), true);
	expect_run(bench, "check lab", 3, "record-damaged", NULL);
}

static void test_what_cannot_be_decided_is_refused(void **state)
{
	struct bench *bench = *state;
	uint8_t before[METADATA], now[METADATA];
	struct json_object *result;

	make(bench, " --size 32M");
	flip(bench, SLOT(1) + OWNER, 0x40);
	flip(bench, SLOT(1) + OWNER + 20, 0x40);
	memory(bench, 0, before, sizeof(before), false);
	expect_run(bench, "check lab", 3, "refused", NULL);
	result = ask(bench, "repair lab --apply --yes --json", 3);
	assert_int_equal(number(result, "patchCount"), 0);
	assert_string_equal(text(result, "findings.0.refusal"), "no single byte explains it");
	json_object_put(result);
	memory(bench, 0, now, sizeof(now), false);
	assert_memory_equal(before, now, sizeof(now));
}

/* Without a superblock that can be read nobody knows the name: the region does. */
static void test_superblocks(void **state)
{
	struct bench *bench = *state;
	uint64_t b = (UINT64_C(32) << 20) - 4096;

	make(bench, " --size 32M");
	flip(bench, 100, 1);
	flip(bench, b + 300, 1);
	expect_run(bench, "check lab", 1, NULL, "cannot be opened");
	expect_run(bench, "check mem:0x100000000", 3, "superblock-b-damaged", NULL);
	expect_run(bench, "repair mem:0x100000000 --apply --yes", 0, "Nothing is wrong.", NULL);
	expect_run(bench, "pool info lab", 0, NULL, NULL);
	flip(bench, 100, 1);
	flip(bench, 900, 1);
	flip(bench, b + 300, 1);
	flip(bench, b + 900, 1);
	expect_run(bench, "repair mem:0x100000000 --apply --yes", 3, "refused", NULL);
	expect_run(bench, "pool list", 0, NULL, NULL);
}

static void test_a_pool_inside_a_region(void **state)
{
	struct bench *bench = *state;
	uint64_t at = UINT64_C(64) << 20;

	make(bench, " --offset 64M --size 32M");
	expect_run(bench, "check mem:0x100000000", 1, NULL, "no superblock");
	flip(bench, at + 200, 1);
	flip(bench, at + 300, 1);
	expect_run(bench, "check mem:0x100000000 --offset 64M", 3, "superblock-a-damaged", NULL);
	expect_run(bench, "repair mem:0x100000000 --offset 64M --apply --yes", 0, NULL, NULL);
	flip(bench, at + SLOT(1) + OWNER, 1);
	expect_run(bench, "check lab", 3, "record-damaged", NULL);
	expect_run(bench, "repair lab --apply --yes", 0, NULL, NULL);
	expect_run(bench, "check lab", 0, NULL, NULL);
}

static void test_a_pool_of_two_regions(void **state)
{
	struct bench *bench = *state;
	uint64_t second = UINT64_C(64) << 20;
	struct json_object *result;

	make(bench, " --size 32M");
	expect_run(bench, "pool extend lab --region mem:0x100000000 --offset 64M --size 32M", 0, NULL, NULL);
	expect_run(bench, "check lab", 0, NULL, NULL);
	flip(bench, second + 0x1000, 4); /* a block's state */
	flip(bench, 0x1001, 4);
	result = ask(bench, "check lab --json", 3);
	assert_int_equal(number(result, "summary.damage"), 2);
	assert_int_equal(number(result, "regions.1.offset"), second);
	assert_int_equal(number(result, "findings.1.region"), 1);
	json_object_put(result);
	result = ask(bench, "check mem:0x100000000 --offset 64M --json", 3);
	assert_int_equal(number(result, "summary.damage"), 1);
	json_object_put(result);
	expect_run(bench, "repair lab --apply --yes", 0, "2 words", NULL);
	expect_run(bench, "pool info lab", 0, NULL, NULL);
}

static void test_what_is_refused_changes_nothing(void **state)
{
	struct bench *bench = *state;
	char line[400], path[300];

	make(bench, " --size 32M");
	flip(bench, SLOT(1) + OWNER, 0x40);
	expect_run(bench, "repair lab --backup /nowhere", 2, NULL, "--apply");
	expect_run(bench, "repair lab --apply --yes --backup /nowhere/at/all", 1, NULL, "/nowhere/at/all");
	snprintf(path, sizeof(path), "%s/there", bench->folder);
	fclose(fopen(path, "w"));
	snprintf(line, sizeof(line), "repair lab --apply --yes --backup %s", path);
	expect_run(bench, line, 1, NULL, "File exists");
	expect_run(bench, "check lab", 3, NULL, NULL);
	expect_run(bench, "check nobody", 1, NULL, "no pool \"nobody\"");
	expect_run(bench, "check mem:0x5 --offset 4K", 1, NULL, "no region mem:0x5");
	expect_run(bench, "check lab lab", 2, NULL, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_wrong),
		TEST(damage_is_repaired),
		TEST(a_backup_undoes_a_repair),
		TEST(what_cannot_be_decided_is_refused),
		TEST(superblocks),
		TEST(a_pool_inside_a_region),
		TEST(a_pool_of_two_regions),
		TEST(what_is_refused_changes_nothing),
	};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests(tests, NULL, NULL);
}

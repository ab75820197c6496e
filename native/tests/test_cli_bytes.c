/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs on bytes of a pool: memory read, write and search, snapshot bytes, expectation bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bench.h"

/* A pool whose allocation `db`, two pages from 512 on, has "Pmpool" over the middle. */
static void make_pool(const struct bench *bench)
{
	char line[400];

	folder_put(bench->folder, "/content", "Pmpool");
	snprintf(line, sizeof(line), "write lab db %s/content --offset 4093", bench->folder);
	expect_run(bench, "pool create lab --size 64M", 0, NULL, NULL);
	expect_run(bench, "alloc lab --pages 2 --align 2M --from 0x100200000 --name db", 0, NULL, NULL);
	expect_run(bench, line, 0, NULL, NULL);
}

static void test_read(void **state)
{
	static const char line[] = "0000201000  6f 6f 6c 00 00 00 00 00  00 00 00 00 00 00 00 00  |ool.............|\n";
	struct bench *bench = *state;
	struct json_object *result;

	make_pool(bench);
	expect_run(bench, "memory read lab 0x201000 16", 0, line, NULL);
	expect_run(bench, "memory read lab 0 16 --page 513", 0, line, NULL);
	expect_run(bench, "memory read lab 0 16 --address 0x100201000", 0, line, NULL);
	expect_run(bench, "memory read lab 0x201001 2", 0,
		   "0000201000     6f 6c                                          | ol             |\n0000201003\n",
		   NULL);
	expect_run(bench, "memory read lab 0x202000 4K", 0, "|................|\n*\n0000203000\n", NULL);
	expect_run(bench, "memory read lab 0", 0, "|PMPOOLRG", NULL);
	expect_run(bench, "memory read lab 0x200ffd 6 --raw", 0, "Pmpool", NULL);
	result = ask(bench, "memory read lab 0x200ffd 6 --json", 0);
	assert_string_equal(text(result, "data"), "UG1wb29s");
	json_object_put(result);
	expect_run(bench, "memory read lab 64M", 1, NULL, "the pool ends at byte 0x4000000");
	expect_run(bench, "memory read lab 0x100201005", 1, NULL,
		   "0x100201005 is a physical address; its offset in the pool is 0x201005");
	expect_run(bench, "memory read lab 0x3ffffff 2", 1, NULL, "the pool ends at byte 0x4000000");
	expect_run(bench, "memory read lab 0 0", 2, NULL, "is no length");
	expect_run(bench, "memory read lab x", 2, NULL, "is no offset");
	expect_run(bench, "memory read lab 9007199254740991 --page 1", 2, NULL, "is behind every pool");
	expect_run(bench, "memory read lab 0 --page 9007199254740991", 2, NULL, "is behind every pool");
	expect_run(bench, "memory read lab 0 --address 0x1000", 2, NULL, "is in no region of the pool");
	expect_run(bench, "memory read lab 0 --page 1 --address 0x100200000", 2, NULL, "either");
}

static void test_write(void **state)
{
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "memory write lab 0x200ffd --hex 70", 2, NULL, "--yes");
	expect_run(bench, "memory write lab 0x200ffd --hex 70 --expect 51 --yes", 1, NULL,
		   "byte 0x200ffd is 0x50 by now, not 0x51; nothing was written");
	expect_run(bench, "memory write lab 0x200ffd --hex 70 --expect 50 --yes", 0, "1 byte written.", NULL);
	expect_run(bench, "memory write lab 4 --page 513 --hex 0102 --yes", 0, "2 bytes written.", NULL);
	expect_run(bench, "memory read lab 0x200ffd 8 --raw", 0, "pmpool", NULL);
	expect_run(bench, "log lab --limit 1", 0, "2 bytes at 4100", NULL);
	expect_run(bench, "memory write lab 0 --hex 00 --yes", 1, NULL, "is part of no allocation");
	expect_run(bench, "memory write lab 0x201fff --hex 0000 --yes", 1, NULL, "ends at 0x202000");
	expect_run(bench, "memory write lab 0x200000", 2, NULL, "--hex");
	expect_run(bench, "memory write lab 0x200000 --hex 0 --yes", 2, NULL, "at character 1");
	expect_run(bench, "memory write lab 0x200000 --hex 0? --yes", 2, NULL, "at character 1");
	expect_run(bench, "memory write lab 0x200000 --hex 0001 --expect 00 --yes", 2, NULL, "--hex has 2");
}

static void test_search(void **state)
{
	struct bench *bench = *state;
	struct json_object *result;

	make_pool(bench);
	expect_run(bench, "memory search lab Pmpool", 0, "0x200ffd   512  0x100200ffd\n", NULL);
	expect_run(bench, "memory search lab pMPOOL", 0, "Not found in 64 MiB.", NULL);
	expect_run(bench, "memory search lab pMPOOL --ignore-case --allocated", 0, "0x200ffd", NULL);
	expect_run(bench, "memory search lab --hex 506d7?6f??6c", 0, "0x200ffd", NULL);
	expect_run(bench, "memory search lab --hex 5x", 2, NULL, "at character 1; ? fits any digit");
	expect_run(bench, "memory search lab --from 65M x", 1, NULL, "the pool ends at byte 0x4000000");
	result = ask(bench, "memory search lab o --from 2M --to 3M --json", 0);
	assert_int_equal(json_object_array_length(member(result, "hits")), 2);
	assert_int_equal(number(result, "hits.0"), 0x201000);
	assert_int_equal(number(result, "hits.1"), 0x201001);
	assert_false(json_object_get_boolean(member(result, "more")));
	assert_int_equal(number(result, "searched"), 1 << 20);
	json_object_put(result);
	expect_run(bench, "memory search lab o --from 2M --limit 1", 0, "There are more", NULL);
	expect_run(bench, "memory search lab o --from 2M --align 4K", 0, "0x201000", NULL);
	expect_run(bench, "memory search lab o --align 5000", 2, NULL, "--align");
}

static void test_snapshot_bytes(void **state)
{
	struct bench *bench = *state;

	make_pool(bench);
	expect_run(bench, "snapshot create lab --name before", 0, NULL, NULL);
	expect_run(bench, "snapshot bytes before 0x201000 4", 0, "0000201000  6f 6f 6c 00", NULL);
	expect_run(bench, "snapshot bytes before 0 --page 0", 0, "|PMPOOLRG", NULL);
	expect_run(bench, "snapshot bytes before 0x201ff8 16", 0,
		   "0000201ff0                           00 00 00 00 00 00 00 00  |        ........|\n"
		   "0000202000  -- -- -- -- -- -- -- --                           |                |\n0000202008\n",
		   NULL);
	expect_run(bench, "snapshot bytes before 0x200ffd 6 --raw", 0, "Pmpool", NULL);
	expect_run(bench, "snapshot bytes absent 0", 1, NULL, "absent");
	expect_run(bench, "kexec load lab", 0, NULL, NULL);
	expect_run(bench, "expect lab --nonce run-1 --content always", 0, NULL, NULL);
	expect_run(bench, "expectation bytes run-1 0x201000 4", 0, "0000201000  6f 6f 6c 00", NULL);
	expect_run(bench, "expectation bytes run-1 0 4", 0, "0000000000  -- -- -- --", NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {TEST(read), TEST(write), TEST(search), TEST(snapshot_bytes)};

	program_path = argc > 1 ? argv[1] : "pmpool";
	return cmocka_run_group_tests_name("cli_bytes", tests, NULL, NULL);
}

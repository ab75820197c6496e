/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel command lines as boot loaders really leave them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pmpool/host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESERVED PM_RESERVATION_MEMMAP_RESERVED
#define PMEM PM_RESERVATION_MEMMAP_PMEM
#define PMPOOL PM_RESERVATION_PMPOOL
#define EATEN PM_RESERVATION_EATEN

static const struct {
	const char *cmdline;
	size_t count;
	struct pm_reservation found[6];
} cases[] = {
	{"", 0, {{0}}},
	{"ro quiet", 0, {{0}}},
	{"ro memmap=64M$0x10000000 quiet", 1, {{RESERVED, 0x10000000, 64 << 20, "memmap=64M$0x10000000"}}},
	{"memmap=64M!0x10000000", 1, {{PMEM, 0x10000000, 64 << 20, "memmap=64M!0x10000000"}}},
	/* units in either case, decimal and octal addresses, units on the address */
	{"memmap=1g$4G", 1, {{RESERVED, UINT64_C(4) << 30, 1 << 30, "memmap=1g$4G"}}},
	{"memmap=65536k$268435456", 1, {{RESERVED, 0x10000000, 64 << 20, "memmap=65536k$268435456"}}},
	{"memmap=0x4000000$02000000000", 1, {{RESERVED, 0x10000000, 64 << 20, "memmap=0x4000000$02000000000"}}},
	{"memmap=1T$0x100000000000", 1, {{RESERVED, UINT64_C(1) << 44, UINT64_C(1) << 40, "memmap=1T$0x100000000000"}}},
	/* several: by comma and by option */
	{"memmap=64M$0x10000000,32M!0x20000000 memmap=16M$0x30000000",
	 3,
	 {{RESERVED, 0x10000000, 64 << 20, "memmap=64M$0x10000000"},
	  {PMEM, 0x20000000, 32 << 20, "memmap=32M!0x20000000"},
	  {RESERVED, 0x30000000, 16 << 20, "memmap=16M$0x30000000"}}},
	/* quotes around the value or the option */
	{"memmap=\"64M$0x10000000\" a=\"b memmap=1M$0x1\"",
	 1,
	 {{RESERVED, 0x10000000, 64 << 20, "memmap=64M$0x10000000"}}},
	{"\"memmap=64M$0x10000000\"", 1, {{RESERVED, 0x10000000, 64 << 20, "memmap=64M$0x10000000"}}},
	/* after --, options are for init */
	{"quiet -- memmap=64M$0x10000000", 0, {{0}}},
	/* what gives nothing away */
	{"memmap=exactmap memmap=640K@0 memmap=64K#0x18690000 memmap=1M%0x100000-1+2", 0, {{0}}},
	{"xmemmap=64M$0x10000000 memmap64M$0x10000000 memmapp=64M$1", 0, {{0}}},
	{"memmap=,, memmap= memmap", 0, {{0}}},
	/* what is no range, and shown as that */
	{"memmap=0$0x10000000 memmap=-1$4G,1M$4G",
	 3,
	 {{EATEN, 0, 0, "memmap=0$0x10000000"},
	  {EATEN, 0, 0, "memmap=-1$4G"},
	  {RESERVED, UINT64_C(4) << 30, 1 << 20, "memmap=1M$4G"}}},
	/* the `$` was eaten: GRUB takes $5 and $0 for variables, a shell $0x... */
	{"memmap=100MG", 1, {{EATEN, 0, 100 << 20, "memmap=100MG"}}},
	{"memmap=64M", 1, {{EATEN, 0, 64 << 20, "memmap=64M"}}},
	{"memmap=64Mx10000000", 1, {{EATEN, 0, 64 << 20, "memmap=64Mx10000000"}}},
	{"memmap=64M\\$0x10000000", 1, {{EATEN, 0, 64 << 20, "memmap=64M\\$0x10000000"}}},
	{"memmap=64M$", 1, {{EATEN, 0, 64 << 20, "memmap=64M$"}}},
	{"memmap=64M$base", 1, {{EATEN, 0, 64 << 20, "memmap=64M$base"}}},
	{"memmap=64M$0x1000zz", 1, {{EATEN, 0, 64 << 20, "memmap=64M$0x1000zz"}}},
	{"memmap=64M$0xffffffffffffffff", 1, {{EATEN, 0, 64 << 20, "memmap=64M$0xffffffffffffffff"}}},
	{"memmap=64M$0xfffffffffffff000", 1, {{EATEN, 0, 64 << 20, "memmap=64M$0xfffffffffffff000"}}},
	/* sizes that overflow are no sizes */
	{"memmap=99999999999999999999$0x1000 memmap=99999999E$0",
	 2,
	 {{EATEN, 0, 0, "memmap=99999999999999999999$0x1000"}, {EATEN, 0, 0, "memmap=99999999E$0"}}},
	/* pmpool=BASE,SIZE, one pair or more */
	{"pmpool=0x10000000,64M", 1, {{PMPOOL, 0x10000000, 64 << 20, "pmpool=0x10000000,64M"}}},
	{"pmpool=0x10000000,64M,4G,1G pmpool=8G,1M",
	 3,
	 {{PMPOOL, 0x10000000, 64 << 20, "pmpool=0x10000000,64M"},
	  {PMPOOL, UINT64_C(4) << 30, 1 << 30, "pmpool=4G,1G"},
	  {PMPOOL, UINT64_C(8) << 30, 1 << 20, "pmpool=8G,1M"}}},
	{"pmpool=64M pmpool=,1 pmpool=1M, pmpool=1M,0 pmpool=1M,1Mx pmpool=0xfffffffffffff000,1M",
	 6,
	 {{EATEN, 0, 0, "pmpool=64M"},
	  {EATEN, 0, 0, "pmpool=,1"},
	  {EATEN, 0, 0, "pmpool=1M,"},
	  {EATEN, 0, 0, "pmpool=1M,0"},
	  {EATEN, 0, 0, "pmpool=1M,1Mx"},
	  {EATEN, 0, 0, "pmpool=0xfffffffffffff000,1M"}}},
	{"pmpool=abc pmpool=1M,1M,x",
	 3,
	 {{EATEN, 0, 0, "pmpool=abc"}, {PMPOOL, 1 << 20, 1 << 20, "pmpool=1M,1M"}, {EATEN, 0, 0, "pmpool=x"}}},
};

static void each_command_line_gives_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_reservation list[8];
		size_t count;

		assert_int_equal(pm_cmdline_parse(cases[i].cmdline, list, 8, &count), PM_OK);
		if (count != cases[i].count)
			fail_msg("`%s`: %zu found", cases[i].cmdline, count);
		for (size_t j = 0; j < count; j++) {
			const struct pm_reservation *expected = &cases[i].found[j];

			if (list[j].kind != expected->kind || list[j].base != expected->base ||
			    list[j].bytes != expected->bytes || strcmp(list[j].text, expected->text) != 0)
				fail_msg("`%s`: %zu is `%s`, kind %d, 0x%llx + 0x%llx", cases[i].cmdline, j,
					 list[j].text, (int)list[j].kind, (unsigned long long)list[j].base,
					 (unsigned long long)list[j].bytes);
		}
	}
}

static void more_than_fits_is_said(void **state)
{
	struct pm_reservation list[2];
	size_t count;

	(void)state;
	assert_int_equal(pm_cmdline_parse("memmap=1M$1M,1M$2M,1M$3M", list, 2, &count), PM_E_CMDLINE_TOO_LONG);
	assert_int_equal(count, 2);
}

static void an_endless_option_does_not_overflow(void **state)
{
	char *line = malloc(100001);
	struct pm_reservation list[2];
	size_t count;

	(void)state;
	memset(line, '9', 100000);
	line[100000] = 0;
	memcpy(line, "memmap=1M$", 10);
	assert_int_equal(pm_cmdline_parse(line, list, 2, &count), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].kind, EATEN);
	assert_int_equal(list[0].bytes, 0);
	free(line);
}

/* Longer than a page: each range counts, and the last number is the one that stands there. */
static void a_long_option_is_read_whole(void **state)
{
	enum { COUNT = 300 };
	struct pm_reservation *list = calloc(COUNT, sizeof(*list));
	char *line = calloc(1, COUNT * 32), *at = line;
	size_t count;

	(void)state;
	at += sprintf(at, "quiet memmap=");
	for (unsigned i = 0; i < COUNT; i++)
		at += sprintf(at, "%s16M$0x%llx", i ? "," : "", 0x100000000ULL + i * 0x48000000ULL);
	assert_true(strlen(line) > 4096);
	assert_int_equal(pm_cmdline_parse(line, list, COUNT, &count), PM_OK);
	assert_int_equal(count, COUNT);
	for (size_t i = 0; i < count; i++) {
		assert_true(list[i].base == 0x100000000ULL + i * 0x48000000ULL);
		assert_true(list[i].bytes == 16 << 20);
	}
	free(line);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_line_gives_what_it_says),
		cmocka_unit_test(more_than_fits_is_said),
		cmocka_unit_test(an_endless_option_does_not_overflow),
		cmocka_unit_test(a_long_option_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/iomem_cover.h"
#include "iomem_texts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void entries_have_ranges_depths_and_names(void **state)
{
	struct pm_iomem iomem;

	(void)state;
	assert_int_equal(pm_iomem_parse(IOMEM_RESERVED, &iomem), PM_OK);
	assert_int_equal(iomem.count, 18);
	assert_false(iomem.hidden);
	assert_int_equal(iomem.entries[9].first, 0x10000000);
	assert_int_equal(iomem.entries[9].last, 0x13ffffff);
	assert_int_equal(iomem.entries[9].depth, 0);
	assert_string_equal(iomem.entries[9].name, "Reserved");
	assert_int_equal(iomem.entries[14].depth, 2);
	assert_string_equal(iomem.entries[14].name, "virtio-pci-modern");
	pm_iomem_free(&iomem);
	assert_int_equal(pm_iomem_parse(IOMEM_HIDDEN, &iomem), PM_OK);
	assert_true(iomem.hidden);
	pm_iomem_free(&iomem);
	assert_int_equal(pm_iomem_parse("", &iomem), PM_OK);
	assert_int_equal(iomem.count, 0);
	assert_false(iomem.hidden);
}

static void other_text_is_refused(void **state)
{
	static const char *const cases[] = {
		"x",
		" 00000000-00000fff : Reserved\n",
		"00000000 : Reserved\n",
		"00000000-00000fff Reserved\n",
		"00000000-00000fff :Reserved\n",
		"00001000-00000fff : backwards\n",
		"-00000fff : Reserved\n",
		"00000000000000000-00000fff : 17 digits\n",
		"00000000-0000gfff : Reserved\n",
		"00000000-00000FFF : Reserved\n",
		"00000000-00000fff : ok\nrubbish\n",
		"00000000-00000fff : ",
		"00000000-00000fff\n : Reserved\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_iomem iomem;
		enum pm_code code = pm_iomem_parse(cases[i], &iomem);

		/* An empty name is odd but harmless; everything else is not what kernels print. */
		if ((code == PM_OK) != (strcmp(cases[i], "00000000-00000fff : ") == 0))
			fail_msg("case %zu: `%s`", i, cases[i]);
		pm_iomem_free(&iomem);
	}
}

static void too_many_lines_are_refused(void **state)
{
	size_t lines = 20000, at = 0;
	char *text = malloc(lines * 32 + 1);
	struct pm_iomem iomem;

	(void)state;
	for (size_t i = 0; i < lines; i++)
		at += (size_t)sprintf(text + at, "%08zx-%08zx : x\n", i * 16, i * 16 + 15);
	assert_int_equal(pm_iomem_parse(text, &iomem), PM_E_FILE_CORRUPT);
	assert_null(iomem.entries);
	free(text);
}

static void cover_adds_up_what_is_where(void **state)
{
	static const struct {
		const char *text;
		uint64_t base, bytes;
		struct pm_iomem_cover cover; /* ram, reserved, persistent, uncovered */
	} cases[] = {
		{IOMEM_RESERVED, 0x10000000, 0x4000000, {0, 0x4000000, 0, 0}},
		{IOMEM_RESERVED, 0x0f000000, 0x2000000, {0x1000000, 0x1000000, 0, 0}},
		{IOMEM_RESERVED, 0x0ffff000, 0x4002000, {0x2000, 0x4000000, 0, 0}},
		{IOMEM_RESERVED, 0x01000000, 0x1000, {0x1000, 0, 0, 0}},
		{IOMEM_RESERVED, 0x40000000, 0x1000, {0, 0, 0, 0}}, /* a PCI window is none of the four */
		{IOMEM_RESERVED, 0x100000000, 0x1000, {0, 0, 0, 0x1000}},
		{IOMEM_RESERVED, 0xfff00000, 0x200000, {0, 0x40000, 0, 0x100000 + 0xc0000}},
		{IOMEM_FRAGMENTS, 0x10000000, 0x4000000, {0x4000000, 0, 0, 0}},
		{IOMEM_PMEM, 0x10000000, 0x4000000, {0, 0, 0x4000000, 0}},
		{IOMEM_DEVDAX, 0x140000000, 0x40000000, {0x40000000, 0, 0, 0}}, /* kmem, two levels down */
		{IOMEM_DEVDAX, 0x100000000, 0x40000000, {0, 0, 0x40000000, 0}},
		{"00000000-ffffffffffffffff : System RAM\n", 0, UINT64_MAX, {UINT64_MAX, 0, 0, 0}},
		{"00000000-ffffffffffffffff : System RAM\n", 0x1000, UINT64_MAX, {0, 0, 0, 0}}, /* wraps: no range */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_iomem iomem;
		struct pm_iomem_cover cover;

		assert_int_equal(pm_iomem_parse(cases[i].text, &iomem), PM_OK);
		pm_iomem_cover(&iomem, cases[i].base, cases[i].bytes, &cover);
		if (memcmp(&cover, &cases[i].cover, sizeof(cover)) != 0)
			fail_msg("case %zu: 0x%llx 0x%llx 0x%llx 0x%llx", i, (unsigned long long)cover.ram_bytes,
				 (unsigned long long)cover.reserved_bytes, (unsigned long long)cover.persistent_bytes,
				 (unsigned long long)cover.uncovered_bytes);
		pm_iomem_free(&iomem);
	}
}

static void neighbouring_fragments_of_ram_are_one(void **state)
{
	struct pm_iomem iomem;
	uint64_t first, last;

	(void)state;
	assert_int_equal(pm_iomem_parse(IOMEM_FRAGMENTS, &iomem), PM_OK);
	assert_true(pm_iomem_first_ram(&iomem, 0, 0x40000000, &first, &last));
	assert_int_equal(first, 0x1000);
	assert_int_equal(last, 0x9fbff);
	assert_true(pm_iomem_first_ram(&iomem, 0x10000000, 0x4000000, &first, &last));
	assert_int_equal(first, 0x10000000);
	assert_int_equal(last, 0x13ffffff);
	assert_false(pm_iomem_first_ram(&iomem, 0x3ffe0000, 0x1000, &first, &last));
	pm_iomem_free(&iomem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_have_ranges_depths_and_names),
		cmocka_unit_test(other_text_is_refused),
		cmocka_unit_test(too_many_lines_are_refused),
		cmocka_unit_test(cover_adds_up_what_is_where),
		cmocka_unit_test(neighbouring_fragments_of_ram_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Safety rule 1 as a table: what the host says, which range is asked for, what the guard answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "iomem_texts.h"
#include "region/internal.h"
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum { DEVMEM_MISSING = 1 };

static const struct row {
	const char *what, *iomem, *cmdline;
	uint64_t base, bytes;
	enum pm_code code;
	const char *says; /* part of the message */
	int flags;
	const char *lockdown;
} rows[] = {
	{"the reserved range", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 64 * MIB, PM_OK, ""},
	{"a part of it", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x11000000, 2 * MIB, PM_OK, ""},
	{"its last page", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x13fff000, 4096, PM_OK, ""},
	{"two options, the second", IOMEM_RESERVED, "memmap=1M$0x30000000 memmap=64M$0x10000000", 0x10000000, 64 * MIB,
	 PM_OK, ""},
	{"pmpool= inside memmap=", IOMEM_RESERVED, "memmap=64M$0x10000000 pmpool=0x11000000,16M", 0x11000000, 16 * MIB,
	 PM_OK, ""},
	{"legacy pmem", IOMEM_PMEM, "memmap=64M!0x10000000", 0x10000000, 64 * MIB, PM_OK, ""},

	{"System RAM", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x20000000, 2 * MIB, PM_E_REGION_SYSTEM_RAM,
	 "0x20000000-0x201fffff"},
	{"the kernel's code", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x1000000, 4096, PM_E_REGION_SYSTEM_RAM, ""},
	{"RAM in fragments is one RAM", IOMEM_FRAGMENTS, "quiet", 0x10000000, 64 * MIB, PM_E_REGION_SYSTEM_RAM,
	 "0x10000000-0x13ffffff"},
	{"half reserved, half RAM", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x12000000, 64 * MIB, PM_E_REGION_MIXED,
	 "0x14000000-0x15ffffff of 0x12000000-0x15ffffff"},
	{"half RAM, half reserved", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x0e000000, 64 * MIB, PM_E_REGION_MIXED,
	 "0xe000000-0xfffffff of 0xe000000-0x11ffffff"},
	{"one page of RAM too many", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 64 * MIB + 4096,
	 PM_E_REGION_MIXED, "0x14000000-0x14000fff"},
	{"an option larger than what is reserved", IOMEM_RESERVED, "memmap=128M$0x10000000", 0x10000000, 128 * MIB,
	 PM_E_REGION_MIXED, "memmap=128M$0x10000000"},
	{"reserved by the firmware, given by nobody", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x3ffe0000, 128 << 10,
	 PM_E_REGION_NOT_RESERVED, "0x3ffe0000-0x3fffffff"},
	{"behind all memory", IOMEM_RESERVED, "memmap=64M$0x10000000", 8 * GIB, 2 * MIB, PM_E_REGION_NOT_RESERVED, ""},
	{"a device", IOMEM_RESERVED, "memmap=64M$0x10000000", 0xfe000000, 4096, PM_E_REGION_NOT_RESERVED, ""},
	{"a device that memmap= names", IOMEM_RESERVED, "memmap=16K$0xfe000000", 0xfe000000, 4096,
	 PM_E_REGION_CMDLINE_MISMATCH, "memmap=16K$0xfe000000"},
	{"pmpool= alone reserves nothing", IOMEM_RESERVED, "pmpool=0x10000000,64M", 0x10000000, 64 * MIB,
	 PM_E_REGION_NOT_RESERVED, "pmpool=0x10000000,64M"},
	{"running past the end of pmpool's memmap=", IOMEM_RESERVED, "memmap=32M$0x10000000 pmpool=0x10000000,64M",
	 0x10000000, 64 * MIB, PM_E_REGION_NOT_RESERVED, ""},
	{"two options that touch are not one", IOMEM_RESERVED, "memmap=32M$0x10000000,32M$0x12000000", 0x10000000,
	 64 * MIB, PM_E_REGION_NOT_RESERVED, ""},

	{"memmap= that did not take effect", IOMEM_FRAGMENTS, "memmap=64M$0x10000000", 0x10000000, 64 * MIB,
	 PM_E_REGION_CMDLINE_MISMATCH, "memmap=64M$0x10000000"},
	{"memmap= where iomem shows nothing", IOMEM_RESERVED, "memmap=64M$0x200000000", 0x200000000, 64 * MIB,
	 PM_E_REGION_CMDLINE_MISMATCH, "memmap=64M$0x200000000"},
	{"the $ was eaten, RAM was cut", IOMEM_LIMITED, "memmap=100MG", 5 * GIB, 64 * MIB, PM_E_REGION_CMDLINE_MISMATCH,
	 "memmap=100MG"},
	{"the $ was eaten, range is RAM", IOMEM_FRAGMENTS, "memmap=1024M", 0x10000000, 64 * MIB,
	 PM_E_REGION_CMDLINE_MISMATCH, "memmap=1024M"},

	{"addresses hidden", IOMEM_HIDDEN, "memmap=64M$0x10000000", 0x10000000, 64 * MIB, PM_E_REGION_ADDRESSES_HIDDEN,
	 ""},
	{"an empty iomem", "", "memmap=64M$0x10000000", 0x10000000, 64 * MIB, PM_E_REGION_ADDRESSES_HIDDEN, ""},
	{"no /dev/mem", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 64 * MIB, PM_E_DEVMEM_MISSING, "/dev/mem",
	 DEVMEM_MISSING},
	{"lockdown", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 64 * MIB, PM_E_DEVMEM_LOCKED_DOWN,
	 "integrity", 0, "integrity"},
	{"lockdown, but RAM comes first", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x20000000, 2 * MIB,
	 PM_E_REGION_SYSTEM_RAM, "", 0, "confidentiality"},
	{"nd_pmem has it", IOMEM_PMEM_CLAIMED, "memmap=64M!0x10000000", 0x10000000, 64 * MIB, PM_E_DEVMEM_REFUSED,
	 "namespace0.0"},

	{"devdax", IOMEM_DEVDAX, "quiet", 0x100200000, 0x3fe00000, PM_OK, ""},
	{"devdax, under lockdown", IOMEM_DEVDAX, "quiet", 0x100200000, 2 * MIB, PM_OK, "", DEVMEM_MISSING, "integrity"},
	{"before the devdax device", IOMEM_DEVDAX, "quiet", 0x100000000, 4 * MIB, PM_E_REGION_NOT_RESERVED, ""},
	{"devdax as System RAM", IOMEM_DEVDAX, "quiet", 0x140000000, 2 * MIB, PM_E_REGION_SYSTEM_RAM, "dax1.0"},

	{"nothing", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 0, PM_E_OUT_OF_RANGE, ""},
	{"a range that wraps", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, UINT64_MAX - 4095,
	 PM_E_OUT_OF_RANGE, ""},
	{"half a page", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000800, 4096, PM_E_REGION_UNALIGNED, ""},
	{"a byte more", IOMEM_RESERVED, "memmap=64M$0x10000000", 0x10000000, 4097, PM_E_REGION_UNALIGNED, ""},
};

static struct pm_guard_facts *facts_of(const struct row *row)
{
	struct pm_guard_facts *facts = calloc(1, sizeof(*facts));

	assert_int_equal(pm_iomem_parse(row->iomem, &facts->iomem), PM_OK);
	assert_int_equal(pm_cmdline_parse(row->cmdline, facts->reservations, PM_RESERVATIONS_MAX,
					  &facts->reservation_count),
			 PM_OK);
	facts->devmem_missing = row->flags & DEVMEM_MISSING;
	strcpy(facts->lockdown, row->lockdown ? row->lockdown : "none");
	if (strstr(row->iomem, "dax")) {
		facts->devdax[0] = (struct pm_devdax){"dax0.0", 0x100200000, 0x3fe00000, 2 * MIB, true, false};
		facts->devdax[1] = (struct pm_devdax){"dax1.0", 0x140000000, 0x40000000, 2 * MIB, false, true};
		facts->devdax_count = 2;
	}
	return facts;
}

static void the_guard_answers_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pm_guard_facts *facts = facts_of(&rows[i]);
		struct pm_error err = {0};
		enum pm_code code = pm_guard_decide(facts, rows[i].base, rows[i].bytes, &err);

		if (code != rows[i].code || (code && (err.code != code || !strstr(err.message, rows[i].says))))
			fail_msg("%s: %s, `%s`", rows[i].what, pm_error_name(code), err.message);
		pm_guard_facts_free(facts);
	}
}

/* Whatever a range is called, not one byte of System RAM gets through: all ranges of 16 MiB steps are tried against
 * a command line that claims everything. */
static void no_option_overrides_system_ram(void **state)
{
	const struct row row = {.iomem = IOMEM_RESERVED, .cmdline = "memmap=4G$0 pmpool=0,4G memmap=1G!0"};
	struct pm_guard_facts *facts = facts_of(&row);
	int allowed = 0, refused = 0;

	(void)state;
	for (uint64_t base = 0; base < GIB; base += 16 * MIB)
		for (uint64_t bytes = 16 * MIB; bytes <= GIB - base; bytes += 16 * MIB) {
			bool inside = base >= 0x10000000 && base + bytes <= 0x14000000;
			bool ok = pm_guard_decide(facts, base, bytes, NULL) == PM_OK;

			assert_int_equal(ok, inside);
			*(ok ? &allowed : &refused) += 1;
		}
	assert_int_equal(allowed, 10);
	assert_int_equal(refused, 64 * 65 / 2 - 10);
	pm_guard_facts_free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guard_answers_as_the_table_says),
		cmocka_unit_test(no_option_overrides_system_ram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* What bytes are by themselves: known by their form, and hardly ever by chance. */
#include "diagnose/looks.h"
#include "pmpool/core.h"
#include "pmpool/pattern.h"
#include "test_diagnose_kit.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS UINT64_C(0x180000000)

static enum pm_diagnosis_kind kind_of(const uint8_t *page)
{
	struct recognised recognised;

	pm_recognise(page, PM_PAGE_SIZE, ADDRESS, &recognised);
	return recognised.kind;
}

static const char *note_of(const uint8_t *page)
{
	static struct recognised recognised;

	pm_recognise(page, PM_PAGE_SIZE, ADDRESS, &recognised);
	return recognised.note;
}

/* --- patterns --- */

static void patterns_of_this_pmpool(void **state)
{
	static const struct {
		enum pm_pattern_kind kind;
		const char *note;
	} cases[] = {
		{PM_PATTERN_ADDRESS, "each word its address, that of 0x280000000"},
		{PM_PATTERN_ADDRESS_INVERTED, "each word the inverse of its address, that of 0x280000000"},
		{PM_PATTERN_WALKING_ONES, "walking ones"},
		{PM_PATTERN_WALKING_ZEROS, "walking zeros"},
		{PM_PATTERN_CHECKERBOARD, "checkerboard"},
		{PM_PATTERN_CHECKERBOARD_INVERTED, "checkerboard, inverted"},
		{PM_PATTERN_RANDOM, "random, seed "},
	};
	uint8_t page[PM_PAGE_SIZE];

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pm_pattern pattern = {.kind = cases[i].kind, .seed = 0};

		pm_pattern_fill(&pattern, 0x280000000, page, sizeof(page));
		assert_int_equal(kind_of(page), PM_DIAGNOSIS_PATTERN);
		assert_int_equal(strncmp(note_of(page), cases[i].note, strlen(cases[i].note)), 0);
	}
}

/* At its own address the seed comes back out of the words. */
static void the_seed_of_a_random_pattern(void **state)
{
	struct pm_pattern pattern = {.kind = PM_PATTERN_RANDOM, .seed = 123456789};
	uint8_t page[PM_PAGE_SIZE];

	(void)state;
	pm_pattern_fill(&pattern, ADDRESS, page, sizeof(page));
	assert_string_equal(note_of(page), "random, seed 123456789");
	page[2000] ^= 1;
	assert_int_equal(kind_of(page), PM_DIAGNOSIS_COUNT);
}

/* --- pools --- */

static void pages_of_a_pool(void **state)
{
	struct pm_pool_request request = {.name = "lab", .physical_base = ADDRESS, .numa_node = -1};
	struct pm_act act = {.time_ns = 1, .actor = "test"};
	uint8_t *pool = calloc(1, 1 << 20);
	struct pm_superblock sb;

	(void)state;
	assert_non_null(pool);
	assert_int_equal(pm_pool_format(pool, 1 << 20, &request, &act), PM_OK);
	assert_int_equal(kind_of(pool), PM_DIAGNOSIS_POOL);
	assert_string_equal(note_of(pool), "superblock of region 0 of pool lab");
	assert_int_equal(pm_pool_probe(pool, 1 << 20, &sb), PM_OK);
	for (unsigned i = 0; i < sb.section_count; i++)
		if (sb.sections[i].type == PM_SECTION_LOG)
			assert_string_equal(note_of(pool + sb.sections[i].offset), "1 entries of an event log");
	free(pool);
}

/* --- files --- */

static void files_by_their_first_bytes(void **state)
{
	static const struct {
		enum pm_diagnosis_kind kind;
		const char *bytes;
		size_t count, offset;
		const char *note;
	} cases[] = {
		{PM_DIAGNOSIS_ELF, "\x7f\x45LF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0", 20, 0,
		 "ELF 64-bit executable for x86-64"},
		{PM_DIAGNOSIS_ELF, "\x7f\x45LF\1\2\1\0\0\0\0\0\0\0\0\0\0\1\0\x15", 20, 0,
		 "ELF 32-bit object file for PowerPC64"},
		{PM_DIAGNOSIS_KERNEL, "\x55\xaa\xeb\x6aHdrS\x0f\x02", 10, 0x1fe, "bzImage, boot protocol 2.15"},
		{PM_DIAGNOSIS_KERNEL, "ARM\x64", 4, 0x38, "Linux Image for AArch64"},
		{PM_DIAGNOSIS_INITRD, "\xfd\x37zXZ\0\0", 7, 0, "compressed stream (xz)"},
		{PM_DIAGNOSIS_INITRD, "BZh9\x31\x41\x59\x26\x53\x59", 10, 0, "compressed stream (bzip2)"},
		{PM_DIAGNOSIS_INITRD, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0", 14, 0,
		 "compressed stream (lzma)"},
		{PM_DIAGNOSIS_OVERWRITTEN, "\xd0\x0d\xfe\xed\0\0\x40", 7, 0, "device tree"},
		{PM_DIAGNOSIS_OVERWRITTEN, "SQLite format 3\0", 16, 0, "SQLite database"},
		/* not enough of it */
		{PM_DIAGNOSIS_COUNT, "\x7f\x45LF\7\7\7\7", 8, 0, ""},
		{PM_DIAGNOSIS_COUNT, "\x1f\x8b\x08\xff\xff\xff\xff\xff\xff\xff", 10, 0, ""},
		{PM_DIAGNOSIS_COUNT, "HdrS", 4, 0x202, ""},
		{PM_DIAGNOSIS_COUNT, "070701zzzz", 10, 0, ""},
	};
	uint8_t page[PM_PAGE_SIZE];
	struct kit kit;

	(void)state;
	kit_open(&kit, 5);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kit_content_page(&kit, cases[i].kind == PM_DIAGNOSIS_KERNEL ? CONTENT_SPARSE : CONTENT_RANDOM, page);
		if (cases[i].offset == 0x38)
			memset(page, 0, 0x38);
		memcpy(page + cases[i].offset, cases[i].bytes, cases[i].count);
		assert_int_equal(kind_of(page), cases[i].kind);
		assert_string_equal(note_of(page), cases[i].note);
	}
	kit_close(&kit);
}

static void text_in_utf8(void **state)
{
	uint8_t page[PM_PAGE_SIZE];

	(void)state;
	for (unsigned i = 0; i < PM_PAGE_SIZE; i++)
		page[i] = (uint8_t) "Z\xc3\xbcrich, 3. Mai: 4 \xe2\x82\xac "[i % 22];
	assert_int_equal(kind_of(page), PM_DIAGNOSIS_TEXT);
	memset(page + 300, 0, PM_PAGE_SIZE - 300); /* the last page of a file */
	assert_int_equal(kind_of(page), PM_DIAGNOSIS_TEXT);
	page[100] = 0xff;
	assert_int_equal(kind_of(page), PM_DIAGNOSIS_COUNT);
}

static void entropy_of_known_pages(void **state)
{
	uint8_t page[PM_PAGE_SIZE] = {0};

	(void)state;
	assert_int_equal(pm_entropy(page), 0);
	for (unsigned i = 0; i < PM_PAGE_SIZE; i++)
		page[i] = (uint8_t)(i % 2);
	assert_int_equal(pm_entropy(page), 10);
	for (unsigned i = 0; i < PM_PAGE_SIZE; i++)
		page[i] = (uint8_t)i;
	assert_int_equal(pm_entropy(page), 80);
}

/* --- false alarms --- */

static unsigned hits[PM_DIAGNOSIS_COUNT + 1];

static void random_pages_are_nothing(void **state)
{
	static uint8_t page[PM_PAGE_SIZE];
	struct kit kit;

	(void)state;
	kit_open(&kit, 9);
	memset(hits, 0, sizeof(hits));
	for (unsigned i = 0; i < 100000; i++) {
		/* a fresh page costs more than the test: each one differs from the last in every part of it */
		if (i % 16 == 0)
			kit_content_page(&kit, CONTENT_RANDOM, page);
		memmove(page, page + 8, PM_PAGE_SIZE - 8);
		for (unsigned byte = PM_PAGE_SIZE - 8; byte < PM_PAGE_SIZE; byte++)
			page[byte] = (uint8_t)kit_random(&kit);
		hits[kind_of(page)]++;
	}
	kit_close(&kit);
	assert_int_equal(hits[PM_DIAGNOSIS_COUNT] + hits[PM_DIAGNOSIS_OVERWRITTEN], 100000);
	assert_in_range(hits[PM_DIAGNOSIS_OVERWRITTEN], 0, 2);
}

static void arrays_are_no_page_tables(void **state)
{
	uint8_t page[PM_PAGE_SIZE];
	struct kit kit;

	(void)state;
	kit_open(&kit, 10);
	for (unsigned i = 0; i < 20000; i++) {
		static const uint64_t bases[] = {UINT64_C(0xffff888000000000), UINT64_C(0x00007f0000000000),
						 UINT64_C(0x0000555500000000), 0, UINT64_C(0xffffffff80000000)};
		uint64_t words = 16 + kit_below(&kit, 496), base = bases[i % 5],
			 mask = i / 5 % 2 ? UINT64_C(0xffffff) : UINT64_C(0x3ffffff8), odd = i / 10 % 2;

		memset(page, 0, sizeof(page));
		for (uint64_t at = 0; at < words; at++) {
			uint64_t word = base + (kit_random(&kit) & mask) + odd;

			memcpy(page + 8 * at, &word, 8);
		}
		assert_int_not_equal(kind_of(page), PM_DIAGNOSIS_PAGE_TABLE);
	}
	kit_close(&kit);
}

/* Every page but the first of the programs and libraries of this machine. Text in them is text. */
static int look_into(const char *path, const struct stat *status, int type, struct FTW *where)
{
	uint8_t page[PM_PAGE_SIZE];
	FILE *file;

	if (type != FTW_F || status->st_size < (off_t)PM_PAGE_SIZE || hits[PM_DIAGNOSIS_COUNT] > 60000)
		return 0;
	file = fopen(path, "rb");
	if (!file)
		return 0;
	while (fread(page, PM_PAGE_SIZE, 1, file) == 1) {
		enum pm_diagnosis_kind kind = kind_of(page);

		if (ftell(file) == (long)PM_PAGE_SIZE)
			continue;
		hits[kind]++;
		if (kind == PM_DIAGNOSIS_PAGE_TABLE || kind == PM_DIAGNOSIS_POOL)
			print_message("%s, page %ld: %s\n", path, ftell(file) / (long)PM_PAGE_SIZE - 1, note_of(page));
	}
	fclose(file);
	return 0;
}

static void pages_of_programs(void **state)
{
	(void)state;
	memset(hits, 0, sizeof(hits));
	nftw("/usr/bin", look_into, 16, FTW_PHYS);
	if (hits[PM_DIAGNOSIS_COUNT] < 1000)
		skip();
	print_message("%u pages: %u of text, elf %u, kernel %u, initrd %u, page tables %u, patterns %u, pools %u\n",
		      hits[PM_DIAGNOSIS_COUNT], hits[PM_DIAGNOSIS_TEXT], hits[PM_DIAGNOSIS_ELF],
		      hits[PM_DIAGNOSIS_KERNEL], hits[PM_DIAGNOSIS_INITRD], hits[PM_DIAGNOSIS_PAGE_TABLE],
		      hits[PM_DIAGNOSIS_PATTERN], hits[PM_DIAGNOSIS_POOL]);
	assert_int_equal(hits[PM_DIAGNOSIS_PAGE_TABLE], 0);
	assert_int_equal(hits[PM_DIAGNOSIS_POOL], 0);
	/* programs hold programs and tables now and then */
	assert_true((hits[PM_DIAGNOSIS_ELF] + hits[PM_DIAGNOSIS_KERNEL] + hits[PM_DIAGNOSIS_INITRD] +
		     hits[PM_DIAGNOSIS_PATTERN]) *
			    1000 <
		    hits[PM_DIAGNOSIS_COUNT]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_of_this_pmpool),
		cmocka_unit_test(the_seed_of_a_random_pattern),
		cmocka_unit_test(pages_of_a_pool),
		cmocka_unit_test(files_by_their_first_bytes),
		cmocka_unit_test(text_in_utf8),
		cmocka_unit_test(entropy_of_known_pages),
		cmocka_unit_test(random_pages_are_nothing),
		cmocka_unit_test(arrays_are_no_page_tables),
		cmocka_unit_test(pages_of_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format on the medium, pinned: a 1 MiB region made with fixed values has exactly the bytes of golden/pool-1.hex.
 * That file is text, 16 bytes a line, all-zero lines left out, so that a change of the format shows in review.
 * `test_format_golden FILE` compares; `test_format_golden FILE --write` writes it anew, to be checked by hand.
 */
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES (UINT64_C(1) << 20)
#define LINE 16u

static const char *golden_path;

/* Everything that version 1 can put on the medium: an unnamed run, a live record, a freed one, log entries. */
static void make(struct model_region *region)
{
	struct pm_alloc_request plain = {.pages = 40};
	struct pm_alloc_request named = {
		.pages = 16, .align_order = 4, .name = "iommu", .owner = "tester", .purpose = "golden image"};
	struct pm_alloc_request gone = {.pages = 1, .name = "gone"};
	struct pm_run run;

	model_region_make(region, BYTES);
	assert_int_equal(pm_alloc(&region->pool, &plain, &model_act, &run), PM_OK);
	pm_log_append(&region->pool, PM_VERB_ALLOCATE, run.page, run.pages, "", &model_act);
	assert_int_equal(pm_alloc(&region->pool, &named, &model_act, &run), PM_OK);
	pm_log_append(&region->pool, PM_VERB_ALLOCATE, run.page, run.pages, "iommu", &model_act);
	assert_int_equal(pm_alloc(&region->pool, &gone, &model_act, &run), PM_OK);
	assert_int_equal(pm_free(&region->pool, run.page, &run), PM_OK);
	pm_log_append(&region->pool, PM_VERB_FREE, run.page, run.pages, "gone", &model_act);
}

static void write_image(FILE *file, const uint8_t *memory)
{
	static const uint8_t zero[LINE];

	fprintf(file,
		"# Pool format 1: a region of 1 MiB at 0x%llx, see docs/format.md. Lines of zeros are left out.\n",
		(unsigned long long)MODEL_BASE);
	for (size_t at = 0; at < BYTES; at += LINE) {
		if (memcmp(memory + at, zero, LINE) == 0)
			continue;
		fprintf(file, "%05zx:", at);
		for (size_t i = 0; i < LINE; i++)
			fprintf(file, " %02x", memory[at + i]);
		fprintf(file, "\n");
	}
}

static void read_image(uint8_t *memory)
{
	FILE *file = fopen(golden_path, "r");
	char line[256];
	size_t lines = 0;

	assert_non_null(file);
	memset(memory, 0, BYTES);
	while (fgets(line, sizeof(line), file)) {
		char *at = line;
		unsigned long offset;

		if (*line == '#')
			continue;
		offset = strtoul(at, &at, 16);
		assert_true(*at == ':' && offset % LINE == 0 && offset < BYTES);
		at++;
		for (size_t i = 0; i < LINE; i++)
			memory[offset + i] = (uint8_t)strtoul(at, &at, 16);
		lines++;
	}
	fclose(file);
	assert_true(lines > 50);
}

static void a_pool_made_today_is_the_golden_one(void **state)
{
	struct model_region region;
	uint8_t *golden = aligned_alloc(4096, BYTES);

	(void)state;
	make(&region);
	read_image(golden);
	for (size_t at = 0; at < BYTES; at++)
		if (golden[at] != region.memory[at])
			fail_msg("byte 0x%zx is 0x%02x, in the golden image 0x%02x", at, region.memory[at], golden[at]);
	free(golden);
	model_region_end(&region);
}

static void the_golden_one_attaches(void **state)
{
	uint8_t *golden = aligned_alloc(4096, BYTES);
	const struct pm_record *record;
	struct pm_log_entry entry;
	struct pm_usage usage;
	struct pm_pool pool;

	(void)state;
	read_image(golden);
	assert_int_equal(model_attach(&pool, golden, BYTES), PM_OK);
	assert_false(model_recovered_anything(&pool));
	pm_usage_get(&pool, &usage);
	assert_int_equal(usage.pages_metadata, 15);
	assert_int_equal(usage.pages_allocated, 56);
	assert_int_equal(usage.pages_free, 185);
	record = pm_record_find(&pool, "iommu");
	assert_non_null(record);
	assert_int_equal(record->id, 1);
	assert_int_equal(record->pages, 16);
	assert_string_equal(record->purpose, "golden image");
	assert_int_equal(pm_log_sequence(&pool), 4);
	assert_true(pm_log_read(&pool, 4, &entry));
	assert_int_equal(entry.verb, PM_VERB_FREE);
	assert_string_equal(entry.detail, "gone");
	free(golden);
}

static int write_golden(void)
{
	struct model_region region;
	FILE *file = fopen(golden_path, "w");

	if (!file)
		return 1;
	make(&region);
	write_image(file, region.memory);
	model_region_end(&region);
	return fclose(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_made_today_is_the_golden_one),
		cmocka_unit_test(the_golden_one_attaches),
	};

	if (argc < 2)
		return 2;
	golden_path = argv[1];
	if (argc > 2 && strcmp(argv[2], "--write") == 0)
		return write_golden();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

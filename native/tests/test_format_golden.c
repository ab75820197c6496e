/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format on the medium, pinned: pools made with fixed values have exactly the bytes of the golden images. These are
 * text, 16 bytes a line, all-zero lines left out, so that a change of the format shows in review. Where each run goes
 * is asked for by address: another way to search changes nothing here.
 * `test_format_golden ONE TWO` compares; `test_format_golden ONE TWO --write` writes both anew, to be checked by hand.
 */
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 16u
#define REGIONS_MAX 2
#define MIB (UINT64_C(1) << 20)

struct image {
	const char *says; /* in the first line of the file */
	const char *path;
	size_t regions;
	struct pm_mapping mappings[REGIONS_MAX];
	struct pm_pool pool;
};

/* --- making one --- */

static void map(struct image *image, uint64_t physical_base, uint64_t bytes)
{
	uint8_t *memory = aligned_alloc(4096, bytes);

	assert_non_null(memory);
	memset(memory, 0, bytes);
	image->mappings[image->regions++] =
		(struct pm_mapping){.base = memory, .bytes = bytes, .physical_base = physical_base};
}

static void unmap(struct image *image)
{
	if (image->pool.members)
		pm_pool_detach(&image->pool);
	for (size_t i = 0; i < image->regions; i++)
		free(image->mappings[i].base);
}

static void create(struct image *image, uint64_t log_slots)
{
	struct pm_pool_request request = model_request();

	request.physical_base = image->mappings[0].physical_base;
	request.medium = PM_MEDIUM_MEMMAP;
	request.log_slots = log_slots;
	assert_int_equal(pm_pool_format(image->mappings[0].base, image->mappings[0].bytes, &request, &model_act),
			 PM_OK);
	assert_int_equal(pm_pool_attach(&image->pool, image->mappings, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&image->pool, false, &model_act), PM_OK);
}

static void say(struct image *image, enum pm_verb verb, uint64_t page, uint64_t pages, const char *detail)
{
	assert_true(pm_log_append(&image->pool, verb, page, pages, detail, &model_act) > 0);
}

static void alloc(struct image *image, uint64_t page, uint64_t pages, const char *name)
{
	uint64_t address = pm_page_address(&image->pool, page);
	struct pm_alloc_request request = {
		.pages = pages,
		.address_from = address,
		.address_to = address + pages * PM_PAGE_SIZE,
		.name = name,
		.owner = name ? "tester" : NULL,
		.purpose = name ? "golden image" : NULL,
	};
	struct pm_run run;

	assert_int_equal(pm_alloc(&image->pool, &request, &model_act, &run), PM_OK);
	assert_int_equal(run.page, page);
	say(image, PM_VERB_ALLOCATE, page, pages, name ? name : "");
}

static void release(struct image *image, uint64_t page, const char *name)
{
	struct pm_run run;

	assert_int_equal(pm_free(&image->pool, page, 0, &run), PM_OK);
	say(image, PM_VERB_FREE, page, run.pages, name);
}

static void label(struct image *image, uint64_t page, const struct pm_label *label, enum pm_verb verb)
{
	struct pm_run run;

	assert_int_equal(pm_record_change(&image->pool, page, label, &model_act, &run), PM_OK);
	say(image, verb, page, run.pages, label->name ? label->name : "");
}

static void quarantine(struct image *image, uint64_t page, uint64_t pages)
{
	assert_int_equal(pm_quarantine(&image->pool, page, pages, "bit 5 stuck", &model_act), PM_OK);
	say(image, PM_VERB_QUARANTINE, page, pages, "bit 5 stuck");
}

/* One region at an odd place: runs in words, over words and over blocks, records of each kind of life. */
static void make_one(struct image *image)
{
	image->says = "a region of 8 MiB at 0x123457000";
	map(image, MODEL_BASE, 8 * MIB);
	create(image, 0);
	alloc(image, 9, 3, NULL);
	alloc(image, 12, 40, NULL);
	alloc(image, 64, 16, "iommu");
	alloc(image, 80, 1, "gone");
	release(image, 80, "gone");
	alloc(image, 400, 700, "over blocks");
	quarantine(image, 1200, 3);
	label(image, 64, &(struct pm_label){.name = "iommu tables"}, PM_VERB_RENAME);
	alloc(image, 2040, 7, NULL);
	pm_pool_end(&image->pool);
}

/* Two regions; all of the first is in use, so that its directory can grow in one place only. */
static void make_two(struct image *image)
{
	struct pm_pool_request second = model_request();
	const uint64_t first = 10, last = 254, named = 16;

	image->says = "a region of 1 MiB at 0x140000000, and behind its bytes one of 8 MiB at 0x150000000";
	map(image, UINT64_C(0x140000000), MIB);
	map(image, UINT64_C(0x150000000), 8 * MIB);
	create(image, 160);
	for (unsigned i = 0; i < 16; i++)
		second.region_uuid[i] = (uint8_t)(0xb0 + i);
	second.medium = PM_MEDIUM_PMEM;
	second.numa_node = 1;
	assert_int_equal(pm_pool_extend(&image->pool, &image->mappings[1], &second, &model_act), PM_OK);
	for (uint64_t i = 0; i < named; i++)
		alloc(image, first + i, 1, NULL);
	alloc(image, first + named, last - first - named, NULL);
	for (uint64_t i = 0; i < named; i++) {
		char name[8];

		snprintf(name, sizeof(name), "page %u", (unsigned)i);
		label(image, first + i, &(struct pm_label){.name = name}, PM_VERB_RENAME);
	}
	alloc(image, 1024, 512, "a block");
	alloc(image, 1536, 520, NULL);
	quarantine(image, 600, 1);
	assert_int_equal(pm_pool_rename(&image->pool, "lab of two"), PM_OK);
	say(image, PM_VERB_RENAME, 0, 0, "lab of two");
	pm_pool_end(&image->pool);
}

/* --- files --- */

static uint64_t bytes_of(const struct image *image)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < image->regions; i++)
		bytes += image->mappings[i].bytes;
	return bytes;
}

/* Offsets of the file go through all regions. */
static uint8_t *at_offset(const struct image *image, uint64_t offset)
{
	size_t i = 0;

	for (; offset >= image->mappings[i].bytes; i++)
		offset -= image->mappings[i].bytes;
	return (uint8_t *)image->mappings[i].base + offset;
}

static void write_image(FILE *file, const struct image *image)
{
	static const uint8_t zero[LINE];

	fprintf(file, "# Pool format 2: %s, see docs/format.md. Lines of zeros are left out.\n", image->says);
	for (uint64_t at = 0; at < bytes_of(image); at += LINE) {
		const uint8_t *memory = at_offset(image, at);

		if (memcmp(memory, zero, LINE) == 0)
			continue;
		fprintf(file, "%06llx:", (unsigned long long)at);
		for (size_t i = 0; i < LINE; i++)
			fprintf(file, " %02x", memory[i]);
		fprintf(file, "\n");
	}
}

/* Regions like those of `made`, filled from the file. */
static void read_image(struct image *image, const struct image *made)
{
	FILE *file = fopen(made->path, "r");
	char line[256];
	size_t lines = 0;

	*image = (struct image){.path = made->path};
	for (size_t i = 0; i < made->regions; i++)
		map(image, made->mappings[i].physical_base, made->mappings[i].bytes);
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *at = line;
		unsigned long offset;

		if (*line == '#')
			continue;
		offset = strtoul(at, &at, 16);
		assert_true(*at == ':' && offset % LINE == 0 && offset < bytes_of(image));
		at++;
		for (size_t i = 0; i < LINE; i++)
			at_offset(image, offset)[i] = (uint8_t)strtoul(at, &at, 16);
		lines++;
	}
	fclose(file);
	assert_true(lines > 50);
}

/* --- tests --- */

static struct image one = {.path = NULL}, two = {.path = NULL};

static void same_bytes(const struct image *made)
{
	struct image golden;

	read_image(&golden, made);
	for (uint64_t at = 0; at < bytes_of(made); at++)
		if (*at_offset(&golden, at) != *at_offset(made, at))
			fail_msg("%s: byte 0x%llx is 0x%02x, in the golden image 0x%02x", made->path,
				 (unsigned long long)at, *at_offset(made, at), *at_offset(&golden, at));
	unmap(&golden);
}

static void pools_made_today_are_the_golden_ones(void **state)
{
	(void)state;
	same_bytes(&one);
	same_bytes(&two);
}

static void attach(struct image *golden, const struct image *made)
{
	read_image(golden, made);
	assert_int_equal(pm_pool_attach(&golden->pool, golden->mappings, golden->regions, 0, &model_memory, &model_act),
			 PM_OK);
	assert_false(golden->pool.read_only);
	assert_false(model_recovered_anything(&golden->pool));
	model_assert_adds_up(&golden->pool);
}

static void one_attaches(void **state)
{
	const struct pm_record *record;
	struct pm_log_entry entry;
	struct pm_usage usage;
	struct image golden;
	uint64_t page;

	(void)state;
	attach(&golden, &one);
	pm_usage_get(&golden.pool, &usage);
	assert_int_equal(usage.pages_metadata, 10);
	assert_int_equal(usage.pages_allocated, 3 + 40 + 16 + 700 + 7);
	assert_int_equal(usage.pages_bad, 3);
	record = pm_record_find(&golden.pool, "iommu tables", &page);
	assert_non_null(record);
	assert_int_equal(page, 64);
	assert_int_equal(record->pages, 16);
	assert_string_equal(record->purpose, "golden image");
	assert_true(pm_log_read(&golden.pool, pm_log_sequence(&golden.pool), &entry));
	assert_int_equal(entry.verb, PM_VERB_ALLOCATE);
	unmap(&golden);
}

static void two_attach(void **state)
{
	const struct pm_record *record;
	struct pm_usage usage;
	struct image golden;
	uint64_t page;

	(void)state;
	attach(&golden, &two);
	assert_int_equal(golden.pool.region_count, 2);
	assert_int_equal(golden.pool.infos[1].first_pool_page, 512);
	assert_int_equal(golden.pool.infos[1].medium, PM_MEDIUM_PMEM);
	assert_int_equal(golden.pool.infos[1].numa_node, 1);
	assert_string_equal(golden.pool.sb.pool_name, "lab of two");
	pm_usage_get(&golden.pool, &usage);
	assert_int_equal(usage.records, 17);
	assert_true(usage.record_slots > 32);
	record = pm_record_find(&golden.pool, "a block", &page);
	assert_non_null(record);
	assert_int_equal(page, 1024);
	assert_int_equal(pm_page_state_get(&golden.pool, 600), PM_PAGE_BAD);
	unmap(&golden);
}

static int write_golden(const struct image *image)
{
	FILE *file = fopen(image->path, "w");

	if (!file)
		return 1;
	write_image(file, image);
	return fclose(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pools_made_today_are_the_golden_ones),
		cmocka_unit_test(one_attaches),
		cmocka_unit_test(two_attach),
	};
	int code;

	if (argc < 3)
		return 2;
	one.path = argv[1];
	two.path = argv[2];
	make_one(&one);
	make_two(&two);
	if (argc > 3 && strcmp(argv[3], "--write") == 0)
		return write_golden(&one) | write_golden(&two);
	code = cmocka_run_group_tests(tests, NULL, NULL);
	unmap(&one);
	unmap(&two);
	return code;
}

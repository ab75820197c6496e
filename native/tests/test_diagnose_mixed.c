// SPDX-License-Identifier: GPL-2.0-or-later
/* Several faults at once, and what many pages tell together. */
#include "pmpool/pattern.h"
#include "sanitized.h"
#include "snapshot/digest.h"
#include "test_diagnose_faults.h"
#include <stdio.h>
#include <string.h>

static void open_mixed(struct kit *kit, uint64_t seed, enum content content)
{
	printf("seed %llu\n", (unsigned long long)seed);
	kit_open(kit, seed);
	kit_content(kit, content);
}

static size_t entries(const struct kit *kit)
{
	return json_object_array_length(kit->entries);
}

static void nothing_changed_nothing_found(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 1, CONTENT_MIXED);
	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++) {
		kit_diagnose(&kit, (enum knowledge)knowledge);
		assert_int_equal(entries(&kit), 0);
	}
	kit_close(&kit);
}

/* Each class has its own part of the pool, so that all of them find pages that suit. */
static void each_class_has_its_entry(void **state)
{
	static const unsigned classes[] = {FAULT_BIT_FLIP, FAULT_STUCK,	  FAULT_ZEROED, FAULT_ONES,	  FAULT_ALIASED,
					   FAULT_MOVED,	   FAULT_SHIFTED, FAULT_TORN,	FAULT_ELF,	  FAULT_INITRD,
					   FAULT_TEXT,	   FAULT_PATTERN, FAULT_KERNEL, FAULT_OVERWRITTEN};
	enum { CLASSES = sizeof(classes) / sizeof(*classes), PART = KIT_PAGES / CLASSES };
	static struct injected injected[CLASSES];

	(void)state;
	for (uint64_t seed = 100; seed < ROUNDS(106, 102); seed++) /* an even and an odd one */ {
		struct kit kit;

		open_mixed(&kit, seed, CONTENT_CODE);
		for (unsigned i = 0; i < CLASSES; i++)
			assert_true(faults[classes[i]].inject(&kit, i * PART, (i + 1) * PART, 6, &injected[i]));
		kit.backwards = seed % 2;
		kit_diagnose(&kit, KNOWS_BYTES);
		for (unsigned i = 0; i < CLASSES; i++) {
			for (unsigned page = 0; page < injected[i].count; page++) {
				const char *wrong = wrong_about(&kit, &injected[i], injected[i].pages[page]);

				if (wrong)
					fail_msg("%s on page %u: %s", faults[classes[i]].name, injected[i].pages[page],
						 wrong);
			}
			if (kit_number(&kit, injected[i].pages[0], "pages") != injected[i].count)
				fail_msg("%s: not %u pages, %s", faults[classes[i]].name, injected[i].count,
					 kit_text(&kit, injected[i].pages[0], "title"));
		}
		assert_int_equal(entries(&kit), CLASSES);
		kit_close(&kit);
	}
}

static void order_of_pages_does_not_matter(void **state)
{
	static struct injected injected;
	struct json_object *forwards;
	struct kit kit;

	(void)state;
	open_mixed(&kit, 7, CONTENT_TEXT);
	assert_true(faults[FAULT_ALIASED].inject(&kit, 0, 200, 9, &injected));
	assert_true(faults[FAULT_BIT_FLIP].inject(&kit, 200, 400, 9, &injected));
	assert_true(faults[FAULT_SHIFTED].inject(&kit, 400, 512, 9, &injected));
	kit_diagnose(&kit, KNOWS_SYNDROME);
	forwards = json_object_get(kit.entries);
	kit.backwards = true;
	kit_diagnose(&kit, KNOWS_SYNDROME);
	assert_string_equal(json_object_to_json_string(forwards), json_object_to_json_string(kit.entries));
	json_object_put(forwards);
	kit_close(&kit);
}

/* One flip a page, always the same lane and way: that is no accident. */
static void single_flips_of_one_lane_are_a_weak_lane(void **state)
{
	(void)state;
	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++) {
		struct kit kit;
		unsigned hit = 0;

		open_mixed(&kit, 11, CONTENT_RANDOM);
		for (unsigned page = 3; page < KIT_PAGES && hit < 12; page += 40) {
			unsigned word = (unsigned)kit_below(&kit, 512);

			while (!(kit.then[page][8 * word + 2] & 2))
				word = (word + 1) % 512;
			kit.now[page][8 * word + 2] &= (uint8_t)~2;
			hit++;
		}
		kit_diagnose(&kit, (enum knowledge)knowledge);
		assert_int_equal(entries(&kit), 1);
		assert_string_equal(kit_kind(&kit, 3), "stuck-bit");
		assert_int_equal(kit_inner(&kit, 3, "bits", "toZero"), hit);
		assert_string_equal(kit_text(&kit, 3, "title"), "Lane 17 stuck at 0 on 12 pages: 12 wrong bits");
		assert_in_range(kit_number(&kit, 3, "confidence"), 90, 99);
		kit_close(&kit);
	}
}

static void random_flips_are_no_weak_lane(void **state)
{
	static struct injected injected;

	(void)state;
	for (uint64_t seed = 200; seed < 240; seed += ROUNDS(1, 13)) /* few and many pages */ {
		struct kit kit;

		kit_open(&kit, seed);
		kit_content(&kit, CONTENT_SPARSE);
		assert_true(faults[FAULT_BIT_FLIP].inject(&kit, 0, KIT_PAGES, 3 + (unsigned)(seed % 60), &injected));
		kit_diagnose(&kit, KNOWS_SYNDROME);
		if (strcmp(kit_kind(&kit, injected.pages[0]), "bit-flip") != 0 || entries(&kit) != 1)
			fail_msg("seed %llu: %s", (unsigned long long)seed, kit_text(&kit, injected.pages[0], "title"));
		kit_close(&kit);
	}
}

/* A page that reads as it should when it is looked at again, and one that cannot be read. */
static void what_cannot_be_compared_is_counted(void **state)
{
	struct pm_surroundings around = {.end_page = 2};
	struct pm_diagnosis *diagnosis = pm_diagnosis_new(&around);
	uint8_t page[PM_PAGE_SIZE] = "steady", digest[16];
	struct pm_suspect suspects[] = {{.page = 0, .now = page, .digest = digest}, {.page = 1, .digest = digest}};
	struct json_object *found;

	(void)state;
	pm_page_digest(page, digest);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pm_diagnosis_add(diagnosis, &suspects[i], NULL), PM_OK);
	found = pm_diagnosis_end(diagnosis);
	pm_diagnosis_free(diagnosis);
	assert_int_equal(json_object_array_length(found), 2);
	assert_string_equal(json_object_get_string(kit_get(json_object_array_get_idx(found, 0), "kind")), "unreadable");
	assert_string_equal(json_object_get_string(kit_get(json_object_array_get_idx(found, 1), "title")),
			    "1 page as expected when read again");
	json_object_put(found);
}

/* Nothing but the digest, and nobody to ask. */
static void without_surroundings(void **state)
{
	struct pm_surroundings around = {0};
	struct pm_diagnosis *diagnosis = pm_diagnosis_new(&around);
	uint8_t then[PM_PAGE_SIZE] = "then", now[PM_PAGE_SIZE], digest[16];
	struct pm_suspect suspect = {.page = UINT64_MAX, .address = UINT64_MAX - 7, .now = now, .digest = digest};
	struct json_object *found;

	(void)state;
	pm_page_digest(then, digest);
	memcpy(now, then, sizeof(now));
	now[4000] ^= 4;
	assert_int_equal(pm_diagnosis_add(diagnosis, &suspect, NULL), PM_OK);
	found = pm_diagnosis_end(diagnosis);
	pm_diagnosis_free(diagnosis);
	assert_string_equal(json_object_get_string(kit_get(json_object_array_get_idx(found, 0), "title")),
			    "1 flipped bit on 1 page, from 0 to 1 in lane 2");
	json_object_put(found);
}

/* Digests alone; but each page has a twin that is still there, so that every wrong byte is known after all. */
static void a_twin_tells_the_bytes(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 13, CONTENT_CODE);
	memcpy(kit.then[40], kit.then[20], PM_PAGE_SIZE);
	memcpy(kit.then[80], kit.then[20], PM_PAGE_SIZE);
	kit_restore(&kit);
	kit_digest(&kit);
	for (unsigned i = 640; i < 1280; i++)
		kit.now[20][i] = (uint8_t)~kit.then[20][i];
	kit.now[40][0] ^= 1; /* a twin that is of no use */
	kit_diagnose(&kit, KNOWS_DIGEST);
	assert_string_equal(kit_kind(&kit, 20), "torn");
	assert_int_equal(kit_number(&kit, 20, "confidence"), 100);
	assert_int_equal(kit_inner(&kit, 20, "offsets", "first"), 640);
	assert_int_equal(kit_inner(&kit, 20, "offsets", "last"), 1279);
	assert_string_equal(kit_kind(&kit, 40), "bit-flip");
	kit_close(&kit);
}

/* Equal pages stand everywhere: that one of them is an address bit away proves nothing. */
static void common_content_proves_no_address_line(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 17, CONTENT_RANDOM);
	for (unsigned i = 0; i < 200; i++)
		memcpy(kit.then[2 * i], kit.then[0], PM_PAGE_SIZE);
	kit_restore(&kit);
	kit_digest(&kit);
	memcpy(kit.now[9], kit.then[0], PM_PAGE_SIZE);
	kit_diagnose(&kit, KNOWS_DIGEST);
	assert_string_equal(kit_kind(&kit, 9), "overwritten");
	/* but pages that differ prove one, and then it explains the common one as well */
	memcpy(kit.now[31], kit.then[31 ^ 4], PM_PAGE_SIZE);
	memcpy(kit.now[57], kit.then[57 ^ 4], PM_PAGE_SIZE);
	memcpy(kit.now[9], kit.then[9], PM_PAGE_SIZE);
	memcpy(kit.now[5], kit.then[1], PM_PAGE_SIZE);
	kit_diagnose(&kit, KNOWS_DIGEST);
	assert_string_equal(kit_kind(&kit, 31), "aliased");
	assert_int_equal(kit_number(&kit, 31, "addressLine"), 14);
	assert_int_equal(kit_number(&kit, 31, "pages"), 3);
	kit_close(&kit);
}

/* Some pages are displaced at random, and one of them happens to come from an address bit away. */
static void one_bit_away_may_be_chance(void **state)
{
	static struct injected injected;
	struct kit kit;

	(void)state;
	open_mixed(&kit, 19, CONTENT_RANDOM);
	assert_true(faults[FAULT_DISPLACED].inject(&kit, 100, KIT_PAGES, 60, &injected));
	memcpy(kit.now[8], kit.then[24], PM_PAGE_SIZE);
	kit_diagnose(&kit, KNOWS_DIGEST);
	assert_string_equal(kit_kind(&kit, 8), "displaced");
	kit_close(&kit);
}

static void many_values_become_one_entry(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 23, CONTENT_RANDOM);
	for (unsigned page = 0; page < 200; page++)
		memset(kit.now[page], 1 + (int)page, PM_PAGE_SIZE);
	for (unsigned page = 200; page < 300; page++)
		memset(kit.now[page], 0x6b, PM_PAGE_SIZE);
	kit_diagnose(&kit, KNOWS_BYTES);
	assert_in_range(entries(&kit), 2, 16);
	assert_string_equal(kit_text(&kit, 250, "title"),
			    "101 pages filled with byte 0x6b (freed slab memory, POISON_FREE)");
	kit_close(&kit);
}

/* A lane of an 8-bit path, of a 32-bit path, and two lanes of the 64-bit one. */
static void narrower_paths_and_several_lanes(void **state)
{
	static const struct {
		uint64_t lanes;
		const char *title;
	} cases[] = {
		{UINT64_C(0x0808080808080808), "Bit 3 of every 8 stuck at 1 on 3 pages: "},
		{UINT64_C(0x0000020000000200), "Bit 9 of every 32 stuck at 1 on 3 pages: "},
		{UINT64_C(0x0000001000000000), "Lane 36 stuck at 1 on 3 pages: "},
		{UINT64_C(0x0002000000000000), "Lane 49 stuck at 1 on 3 pages: "},
		{UINT64_C(0x8000000000000020), "Lanes 5, 63 stuck at 1 on 3 pages: "},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kit kit;

		open_mixed(&kit, 29 + i, CONTENT_RANDOM);
		for (unsigned page = 7; page < 10; page++)
			for (unsigned byte = 0; byte < PM_PAGE_SIZE; byte++)
				kit.now[page][byte] |= (uint8_t)(cases[i].lanes >> 8 * (byte % 8));
		kit_diagnose(&kit, KNOWS_BYTES);
		assert_string_equal(kit_kind(&kit, 8), "stuck-bit");
		assert_int_equal(strncmp(kit_text(&kit, 8, "title"), cases[i].title, strlen(cases[i].title)), 0);
		kit_close(&kit);
	}
}

/* --- lanes without the bytes --- */

/* 32 bytes of which a lane stands still by nature: pointer, counters, zero, address. */
static void structs_page(struct kit *kit, uint8_t *page)
{
	for (unsigned i = 0; i < PM_PAGE_SIZE / 32; i++) {
		uint64_t counters = (kit_random(kit) & 0xff0000ff) << 32 | (kit_random(kit) & 0xffff);
		uint64_t words[4] = {UINT64_C(0xffff888000000000) | (kit_random(kit) & 0xfffff8), counters, 0,
				     UINT64_C(0x7f0000000000) | (kit_random(kit) & 0xfffff8)};

		memcpy(page + 32 * i, words, 32);
	}
}

static void stick(struct kit *kit, unsigned page, unsigned lane)
{
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++)
		kit->now[page][8 * i + lane / 8] |= (uint8_t)(1u << lane % 8);
}

/* Lane 36 on pages of code, structs and random data: no other line is named, and this one as what it is. */
static void nature_of_content_is_no_stuck_lane(void **state)
{
	(void)state;
	for (unsigned seed = 300; seed < ROUNDS(330, 302); seed++) /* an even and an odd one */ {
		struct kit kit;
		unsigned named = 0;

		open_mixed(&kit, seed, CONTENT_CODE);
		for (unsigned page = 150; page < 350; page++)
			structs_page(&kit, kit.then[page]);
		for (unsigned page = 350; page < KIT_PAGES; page++)
			kit_content_page(&kit, CONTENT_RANDOM, kit.then[page]);
		kit_restore(&kit);
		kit_digest(&kit);
		for (unsigned i = 0; i < 16; i++)
			stick(&kit, (unsigned)kit_below(&kit, KIT_PAGES), 36);
		kit_diagnose(&kit, seed % 2 ? KNOWS_SYNDROME : KNOWS_DIGEST);
		for (unsigned page = 0; page < KIT_PAGES; page++) {
			if (strcmp(kit_kind(&kit, page), "stuck-bit") != 0)
				continue;
			if (strncmp(kit_text(&kit, page, "title"), "Lane 36 stuck at 1", 18) != 0)
				fail_msg("seed %u: %s", seed, kit_text(&kit, page, "title"));
			named++;
		}
		printf("  %u pages\n", named);
		kit_close(&kit);
	}
}

/* Structs over random data: other content, and nothing else. */
static void other_content_is_no_stuck_lane(void **state)
{
	(void)state;
	for (unsigned seed = 330; seed < ROUNDS(340, 332); seed++) /* an even and an odd one */ {
		struct kit kit;

		open_mixed(&kit, seed, seed % 2 ? CONTENT_RANDOM : CONTENT_MIXED);
		for (unsigned i = 0; i < 12; i++)
			structs_page(&kit, kit.now[40 * i + 7]);
		kit_diagnose(&kit, KNOWS_DIGEST);
		for (unsigned i = 0; i < 12; i++)
			assert_string_equal(kit_kind(&kit, 40 * i + 7), "overwritten");
		if (seed % 2) {
			assert_string_equal(kit_text(&kit, 7, "title"), "12 pages changed, not known how");
			assert_in_range(kit_number(&kit, 7, "confidence"), 1, 30);
		}
		kit_close(&kit);
	}
}

/* One page of random data agrees with many: nothing but one nature, so no great confidence. */
static void pages_of_one_nature_prove_little(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 341, CONTENT_RANDOM);
	for (unsigned i = 0; i < 20; i++)
		stick(&kit, 20 * i + 5, 49);
	kit_diagnose(&kit, KNOWS_DIGEST);
	assert_string_equal(kit_text(&kit, 5, "title"), "Lane 49 stuck at 1 on 20 pages");
	assert_int_equal(kit_number(&kit, 5, "confidence"), 60);
	kit_close(&kit);
}

/* Few words hold the value: the two checks tell which of them are wrong. */
static void few_words_of_a_lane_are_solved(void **state)
{
	struct kit kit;

	(void)state;
	open_mixed(&kit, 347, CONTENT_TEXT);
	for (unsigned i = 0; i < 40; i++)
		kit.now[9][8 * (i * 12 + 5) + 3] |= 0x80;
	kit_diagnose(&kit, KNOWS_SYNDROME);
	assert_int_equal(kit_inner(&kit, 9, "bits", "toOne"), 40);
	assert_int_equal(kit_number(&kit, 9, "confidence"), 100);
	kit_close(&kit);
}

/* --- patterns --- */

static void patterns_are_told_by_name(void **state)
{
	struct pm_pattern pattern = {.kind = PM_PATTERN_RANDOM, .seed = 4};
	struct kit kit;

	(void)state;
	open_mixed(&kit, 353, CONTENT_RANDOM);
	pm_pattern_fill(&pattern, kit_address(9), kit.then[9], PM_PAGE_SIZE);
	pattern.kind = PM_PATTERN_ADDRESS;
	pm_pattern_fill(&pattern, kit_address(64), kit.then[64], 4 * PM_PAGE_SIZE);
	kit_restore(&kit);
	kit_digest(&kit);
	pattern = (struct pm_pattern){.kind = PM_PATTERN_RANDOM, .seed = 5};
	pm_pattern_fill(&pattern, kit_address(9), kit.now[9], PM_PAGE_SIZE);
	pattern.kind = PM_PATTERN_ADDRESS;
	/* pages one address bit away that are of no pool */
	for (unsigned page = 64; page < 68; page++)
		pm_pattern_fill(&pattern, kit_address(page) ^ UINT64_C(1) << 27, kit.now[page], PM_PAGE_SIZE);
	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++) {
		kit_diagnose(&kit, (enum knowledge)knowledge);
		assert_string_equal(kit_text(&kit, 9, "title"), "1 page holds the pattern random, seed 5");
		assert_string_equal(kit_kind(&kit, 65), "aliased");
		assert_int_equal(kit_number(&kit, 65, "addressLine"), 27);
		assert_int_equal(kit_number(&kit, 65, "pages"), 4);
		assert_null(strstr(kit_text(&kit, 65, "detail"), "are stored"));
	}
	kit_close(&kit);
}

/* What ran over the end of what was moved stands in a page that was zero. */
static void the_tail_of_a_shift_goes_with_it(void **state)
{
	(void)state;
	for (unsigned knowledge = 0; knowledge < KNOWLEDGE_COUNT; knowledge++)
		for (size_t by = 5; by < PM_PAGE_SIZE; by += 1000) {
			struct kit kit;

			open_mixed(&kit, 359 + by, CONTENT_CODE);
			memset(kit.then[24], 0, PM_PAGE_SIZE);
			kit_restore(&kit);
			kit_digest(&kit);
			memcpy(kit.now[20] + by, kit.then[20], 4 * PM_PAGE_SIZE);
			kit_diagnose(&kit, (enum knowledge)knowledge);
			assert_string_equal(kit_kind(&kit, 24), "shifted");
			assert_int_equal(kit_number(&kit, 24, "pages"), 5);
			kit_close(&kit);
		}
}

/* Every byte differs over many pages: the first ones closely, the others as fast as they can be read. */
static void more_pages_than_are_looked_at_closely(void **state)
{
	struct pm_surroundings around = {.end_page = 70000};
	struct pm_diagnosis *diagnosis = pm_diagnosis_new(&around);
	uint8_t page[PM_PAGE_SIZE] = {0}, digest[16] = {1};
	struct pm_suspect suspect = {.now = page, .digest = digest};
	struct json_object *found;
	int64_t pages = 0;

	(void)state;
	for (suspect.page = 0; suspect.page < 70000; suspect.page++) {
		page[0] = suspect.page >= 65536 && suspect.page % 2;
		assert_int_equal(pm_diagnosis_add(diagnosis, &suspect, NULL), PM_OK);
	}
	found = pm_diagnosis_end(diagnosis);
	pm_diagnosis_free(diagnosis);
	for (size_t i = 0; i < json_object_array_length(found); i++)
		pages += json_object_get_int64(kit_get(json_object_array_get_idx(found, i), "pages"));
	assert_int_equal(pages, 70000);
	assert_string_equal(json_object_get_string(kit_get(json_object_array_get_idx(found, 1), "title")),
			    "2232 pages changed, not looked at closer");
	json_object_put(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed_nothing_found),
		cmocka_unit_test(each_class_has_its_entry),
		cmocka_unit_test(order_of_pages_does_not_matter),
		cmocka_unit_test(single_flips_of_one_lane_are_a_weak_lane),
		cmocka_unit_test(random_flips_are_no_weak_lane),
		cmocka_unit_test(what_cannot_be_compared_is_counted),
		cmocka_unit_test(without_surroundings),
		cmocka_unit_test(a_twin_tells_the_bytes),
		cmocka_unit_test(common_content_proves_no_address_line),
		cmocka_unit_test(one_bit_away_may_be_chance),
		cmocka_unit_test(many_values_become_one_entry),
		cmocka_unit_test(narrower_paths_and_several_lanes),
		cmocka_unit_test(nature_of_content_is_no_stuck_lane),
		cmocka_unit_test(other_content_is_no_stuck_lane),
		cmocka_unit_test(pages_of_one_nature_prove_little),
		cmocka_unit_test(few_words_of_a_lane_are_solved),
		cmocka_unit_test(patterns_are_told_by_name),
		cmocka_unit_test(the_tail_of_a_shift_goes_with_it),
		cmocka_unit_test(more_pages_than_are_looked_at_closely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_diagnose_faults.h"
#include "pmpool/pattern.h"
#include <stdio.h>
#include <string.h>

#define NOT_ASKED INT64_MIN

static void start(struct injected *injected, const char *kind)
{
	injected->kind = kind;
	injected->count = 0;
	injected->lane = injected->to_one = injected->line = injected->distance = NOT_ASKED;
	injected->first = injected->last = NOT_ASKED;
}

static bool changed(const struct kit *kit, unsigned page)
{
	return memcmp(kit->now[page], kit->then[page], PM_PAGE_SIZE) != 0;
}

/* A page that no fault took yet, at random; KIT_PAGES when there is none. */
static unsigned pick(struct kit *kit, unsigned from, unsigned to)
{
	for (unsigned tries = 0; tries < 200; tries++) {
		unsigned page = from + (unsigned)kit_below(kit, to - from);

		if (!changed(kit, page))
			return page;
	}
	return KIT_PAGES;
}

static bool took(struct kit *kit, struct injected *injected, unsigned page)
{
	if (!changed(kit, page))
		return false;
	injected->pages[injected->count++] = page;
	return true;
}

static bool each(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected,
		 bool (*spoil)(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected))
{
	for (unsigned tries = 0; injected->count < wanted && tries < 20 * wanted; tries++) {
		unsigned page = pick(kit, from, to);

		if (page == KIT_PAGES)
			break;
		if (!spoil(kit, kit->now[page], kit->then[page], injected) || !took(kit, injected, page))
			memcpy(kit->now[page], kit->then[page], PM_PAGE_SIZE);
	}
	return injected->count > 0;
}

static bool uniform(const uint8_t *page)
{
	return memcmp(page, page + 1, PM_PAGE_SIZE - 1) == 0;
}

/* --- bits --- */

static void flip(uint8_t *page, uint64_t bit)
{
	page[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static bool spoil_flip(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	flip(page, kit_below(kit, 8 * PM_PAGE_SIZE));
	return true;
}

static bool bit_flip(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "bit-flip");
	return each(kit, from, to, wanted, injected, spoil_flip);
}

static bool spoil_two(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	uint64_t bit = kit_below(kit, 8 * PM_PAGE_SIZE);

	flip(page, bit);
	flip(page, (bit + 1 + kit_below(kit, 8 * PM_PAGE_SIZE - 1)) % (8 * PM_PAGE_SIZE));
	return true;
}

static bool two_flips(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "bit-flips");
	return each(kit, from, to, wanted, injected, spoil_two);
}

static bool spoil_flips(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	for (uint64_t count = 3 + kit_below(kit, 30); count > 0; count--)
		flip(page, kit_below(kit, 8 * PM_PAGE_SIZE));
	return !uniform(page);
}

static bool bit_flips(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "bit-flips");
	return each(kit, from, to, wanted, injected, spoil_flips);
}

/* Another value in one word, in all of its bytes. */
static bool spoil_word(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	uint64_t word = kit_below(kit, PM_PAGE_SIZE / 8);

	for (unsigned i = 0; i < 8; i++)
		page[8 * word + i] ^= (uint8_t)(1 + kit_below(kit, 255));
	return !uniform(page);
}

static bool one_word(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "torn");
	return each(kit, from, to, wanted, injected, spoil_word);
}

static bool spoil_stuck(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	uint64_t bit = UINT64_C(1) << injected->lane;
	unsigned hit = 0;

	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++) {
		uint64_t word, stuck;

		memcpy(&word, page + 8 * i, 8);
		stuck = injected->to_one ? word | bit : word & ~bit;
		hit += word != stuck;
		memcpy(page + 8 * i, &stuck, 8);
	}
	return hit >= 8 && !uniform(page);
}

static bool stuck(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	for (unsigned tries = 0; tries < 128; tries++) {
		start(injected, "stuck-bit");
		injected->lane = (int64_t)kit_below(kit, 64);
		injected->to_one = (int64_t)kit_below(kit, 2);
		if (each(kit, from, to, wanted, injected, spoil_stuck))
			return true;
	}
	return false;
}

/* --- fills --- */

static bool spoil_zeroed(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	memset(page, 0, PM_PAGE_SIZE);
	return true;
}

static bool zeroed(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "zeroed");
	return each(kit, from, to, wanted, injected, spoil_zeroed);
}

static bool spoil_ones(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	memset(page, 0xff, PM_PAGE_SIZE);
	return true;
}

static bool ones(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "ones");
	return each(kit, from, to, wanted, injected, spoil_ones);
}

static bool spoil_filled(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	static const uint64_t words[] = {UINT64_C(0x6b6b6b6b6b6b6b6b), UINT64_C(0xdead000000000100),
					 UINT64_C(0xdeadbeefdeadbeef), UINT64_C(0x0101010101010101)};
	uint64_t word = words[kit_below(kit, 4)];

	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++)
		memcpy(page + 8 * i, &word, 8);
	return true;
}

static bool filled(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "filled");
	return each(kit, from, to, wanted, injected, spoil_filled);
}

/* --- places --- */

static bool copy_of(struct kit *kit, unsigned page, unsigned source)
{
	if (source >= KIT_PAGES || uniform(kit->then[source]))
		return false;
	memcpy(kit->now[page], kit->then[source], PM_PAGE_SIZE);
	return changed(kit, page);
}

static bool aliased(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	unsigned line = (unsigned)kit_below(kit, 8);

	start(injected, "aliased");
	injected->line = 12 + line;
	for (unsigned tries = 0; injected->count < wanted && tries < 20 * wanted; tries++) {
		unsigned page = pick(kit, from, to);

		if (page != KIT_PAGES && copy_of(kit, page, page ^ 1u << line))
			took(kit, injected, page);
	}
	return injected->count > 0;
}

static bool displaced(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "displaced");
	for (unsigned tries = 0; injected->count < wanted && tries < 20 * wanted; tries++) {
		unsigned page = pick(kit, from, to), source = (unsigned)kit_below(kit, KIT_PAGES), bits = page ^ source;

		if (page != KIT_PAGES && (bits & (bits - 1)) && copy_of(kit, page, source))
			took(kit, injected, page);
	}
	return injected->count > 0;
}

/* A run of pages that stands some pages further on, at no power of two. */
static bool moved(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	unsigned first = from + (unsigned)kit_below(kit, to - from);
	unsigned by = 1 + (unsigned)kit_below(kit, 50);

	while ((by & (by - 1)) == 0)
		by++;
	start(injected, "displaced");
	injected->distance = (int64_t)by * (int64_t)PM_PAGE_SIZE;
	for (unsigned page = first; page < to && injected->count < wanted; page++)
		if (page >= by && !changed(kit, page) && copy_of(kit, page, page - by))
			took(kit, injected, page);
	return injected->count > 1;
}

/* As a copy with a wrong offset leaves a run of pages: its first bytes stay, what runs over its end is gone. At least two
 * pages: of a single one too much is gone. */
static bool shifted(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	size_t by = 1 + (size_t)kit_below(kit, PM_PAGE_SIZE - 1), bytes = (size_t)++wanted * PM_PAGE_SIZE;
	unsigned first = from + (unsigned)kit_below(kit, to - from - wanted + 1);
	bool on = kit_below(kit, 2);

	start(injected, "shifted");
	injected->distance = on ? (int64_t)by : -(int64_t)by;
	for (unsigned page = first; page < first + wanted; page++)
		if (changed(kit, page) || uniform(kit->then[page]))
			return false;
	memcpy(kit->now[first] + (on ? by : 0), kit->then[first] + (on ? 0 : by), bytes - by);
	for (unsigned page = first; page < first + wanted; page++)
		took(kit, injected, page);
	return true;
}

/* --- parts --- */

static bool spoil_torn(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	unsigned from = 64 * (1 + (unsigned)kit_below(kit, 61)), to = PM_PAGE_SIZE;

	if (kit_below(kit, 2))
		to = from + 64 * (1 + (unsigned)kit_below(kit, (to - from) / 64 - 1));
	/* in the first and the last byte for sure */
	for (unsigned i = from; i < to; i++)
		page[i] = i == from || i + 1 == to ? (uint8_t)(then[i] + 1 + kit_below(kit, 255))
						   : (uint8_t)kit_random(kit);
	return true;
}

static bool torn(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "torn");
	return each(kit, from, to, wanted, injected, spoil_torn);
}

/* Bytes written where zeros should be: with the syndrome this is proven, too. */
static bool over_zeros(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "torn");
	while (injected->count < wanted) {
		unsigned page = pick(kit, from, to), at = (unsigned)kit_below(kit, PM_PAGE_SIZE - 1200);

		if (page == KIT_PAGES)
			break;
		kit_content_page(kit, CONTENT_RANDOM, kit->then[page]);
		memset(kit->then[page] + at, 0, 1200);
		memcpy(kit->now[page], kit->then[page], PM_PAGE_SIZE);
		for (unsigned i = at + 100; i < at + 1100; i++)
			kit->now[page][i] = (uint8_t)(1 + kit_below(kit, 255));
		kit_digest(kit);
		took(kit, injected, page);
		injected->first = (int64_t)at + 100;
		injected->last = (int64_t)at + 1099;
		if (wanted > 1)
			injected->first = injected->last = NOT_ASKED;
	}
	return injected->count > 0;
}

/* --- known content --- */

static bool spoil_elf(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	FILE *file = fopen("/proc/self/exe", "rb");

	assert_non_null(file);
	assert_int_equal(fread(page, PM_PAGE_SIZE, 1, file), 1);
	fclose(file);
	return true;
}

static bool elf(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "elf");
	return each(kit, from, to, wanted, injected, spoil_elf);
}

static bool spoil_kernel(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	/* compressed, as kernels are: code would share lines with the code that should stand there, and be torn */
	kit_content_page(kit, CONTENT_RANDOM, page);
	memcpy(page, "MZ", 2);
	memcpy(page + 0x1fe, "\x55\xaa\xeb\x6aHdrS\x0f\x02", 10);
	return true;
}

static bool kernel(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "kernel");
	return each(kit, from, to, wanted, injected, spoil_kernel);
}

static bool spoil_initrd(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	static const struct {
		const char *bytes;
		size_t count;
	} magics[] = {
		{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03", 10},
		{"\x28\xb5\x2f\xfd\x04", 5},
		{"\xfd"
		 "7zXZ\0\0",
		 7},
		{"\x02\x21\x4c\x18", 4},
	};
	unsigned which = (unsigned)kit_below(kit, 5);

	kit_content_page(kit, CONTENT_RANDOM, page);
	if (which < 4)
		memcpy(page, magics[which].bytes, magics[which].count);
	else
		snprintf((char *)page, 130, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08Xinit", 1, 0x81ed,
			 0, 0, 1, 0, 700, 8, 1, 0, 0, 5, 0);
	return true;
}

static bool initrd(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "initrd");
	return each(kit, from, to, wanted, injected, spoil_initrd);
}

static bool spoil_page_table(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	uint64_t frame = kit_below(kit, 1u << 24), entries = 16 + kit_below(kit, 497);
	uint64_t flags = kit_below(kit, 2) ? UINT64_C(0x8000000000000063) : UINT64_C(0x67);

	memset(page, 0, PM_PAGE_SIZE);
	for (uint64_t i = 0; i < entries; i++) {
		uint64_t entry = (frame + i + kit_below(kit, 2)) << 12 | flags | (kit_below(kit, 3) ? 0 : 0x100);

		memcpy(page + 8 * i, &entry, 8);
	}
	return true;
}

static bool page_table(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "page-table");
	return each(kit, from, to, wanted, injected, spoil_page_table);
}

static bool spoil_text(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	kit_content_page(kit, CONTENT_TEXT, page);
	return true;
}

static bool text(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "text");
	return each(kit, from, to, wanted, injected, spoil_text);
}

static bool spoil_pattern(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	static const uint8_t kinds[] = {PM_PATTERN_ADDRESS,	  PM_PATTERN_ADDRESS_INVERTED, PM_PATTERN_WALKING_ONES,
					PM_PATTERN_WALKING_ZEROS, PM_PATTERN_CHECKERBOARD,     PM_PATTERN_RANDOM};
	struct pm_pattern pattern = {.kind = kinds[kit_below(kit, sizeof(kinds))], .seed = kit_random(kit)};

	pm_pattern_fill(&pattern, KIT_BASE + 4096 * kit_below(kit, 1000), page, PM_PAGE_SIZE);
	return true;
}

static bool pattern(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "pattern");
	return each(kit, from, to, wanted, injected, spoil_pattern);
}

static bool spoil_overwritten(struct kit *kit, uint8_t *page, const uint8_t *then, struct injected *injected)
{
	kit_content_page(kit, CONTENT_RANDOM, page);
	return true;
}

static bool overwritten(struct kit *kit, unsigned from, unsigned to, unsigned wanted, struct injected *injected)
{
	start(injected, "overwritten");
	return each(kit, from, to, wanted, injected, spoil_overwritten);
}

const struct fault faults[FAULT_COUNT] = {
	[FAULT_BIT_FLIP] = {"one flip", bit_flip},
	[FAULT_TWO_FLIPS] = {"two flips", two_flips},
	[FAULT_BIT_FLIPS] = {"3 to 32 flips", bit_flips},
	[FAULT_WORD] = {"one word", one_word},
	[FAULT_STUCK] = {"stuck lane", stuck},
	[FAULT_ZEROED] = {"zeroed", zeroed},
	[FAULT_ONES] = {"ones", ones},
	[FAULT_FILLED] = {"filled", filled},
	[FAULT_ALIASED] = {"aliased", aliased},
	[FAULT_DISPLACED] = {"displaced", displaced},
	[FAULT_MOVED] = {"moved", moved},
	[FAULT_SHIFTED] = {"shifted", shifted},
	[FAULT_TORN] = {"torn", torn},
	[FAULT_OVER_ZEROS] = {"torn over zeros", over_zeros},
	[FAULT_ELF] = {"elf", elf},
	[FAULT_KERNEL] = {"kernel", kernel},
	[FAULT_INITRD] = {"initrd", initrd},
	[FAULT_PAGE_TABLE] = {"page table", page_table},
	[FAULT_TEXT] = {"text", text},
	[FAULT_PATTERN] = {"pattern", pattern},
	[FAULT_OVERWRITTEN] = {"overwritten", overwritten},
};

static bool lane_is(const struct kit *kit, unsigned page, const struct injected *injected)
{
	struct json_object *bits = kit_get(kit->of[page], "bits"), *lanes;
	char title[48];

	if (!bits) { /* without the bytes only the title tells */
		snprintf(title, sizeof(title), "Lane %d stuck at %d", (int)injected->lane, (int)injected->to_one);
		return strncmp(kit_text(kit, page, "title"), title, strlen(title)) == 0;
	}
	lanes = kit_get(bits, "lanes");
	return json_object_array_length(lanes) == 1 &&
	       json_object_get_int64(kit_get(json_object_array_get_idx(lanes, 0), "lane")) == injected->lane &&
	       (kit_inner(kit, page, "bits", "toOne") > 0) == (injected->to_one == 1) &&
	       (kit_inner(kit, page, "bits", "toZero") > 0) == (injected->to_one == 0);
}

const char *wrong_about(const struct kit *kit, const struct injected *injected, unsigned page)
{
	if (strcmp(kit_kind(kit, page), injected->kind) != 0)
		return kit_kind(kit, page);
	if (injected->lane != NOT_ASKED && !lane_is(kit, page, injected))
		return "another lane";
	if (injected->line != NOT_ASKED && kit_number(kit, page, "addressLine") != injected->line)
		return "another address line";
	if (injected->distance != NOT_ASKED && kit_number(kit, page, "distance") != injected->distance)
		return "another distance";
	if (injected->first != NOT_ASKED && (kit_inner(kit, page, "offsets", "first") != injected->first ||
					     kit_inner(kit, page, "offsets", "last") != injected->last))
		return "other offsets";
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "test_diagnose_kit.h"
#include "snapshot/digest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const knowledge_names[KNOWLEDGE_COUNT] = {"bytes", "syndrome", "digest"};
const char *const content_names[CONTENT_COUNT + 1] = {
#define CONTENT_NAME(id, name) #name,
	CONTENTS(CONTENT_NAME)
#undef CONTENT_NAME
		"mixed",
};

uint64_t kit_random(struct kit *kit)
{
	uint64_t z = kit->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t kit_below(struct kit *kit, uint64_t bound)
{
	return kit_random(kit) % bound;
}

uint64_t kit_address(uint64_t page)
{
	return page < KIT_PAGES ? KIT_BASE + page * PM_PAGE_SIZE : UINT64_MAX;
}

void kit_open(struct kit *kit, uint64_t seed)
{
	memset(kit, 0, sizeof(*kit));
	kit->random = seed;
	kit->then = calloc(KIT_PAGES, PM_PAGE_SIZE);
	kit->now = calloc(KIT_PAGES, PM_PAGE_SIZE);
	assert_non_null(kit->then);
	assert_non_null(kit->now);
}

void kit_close(struct kit *kit)
{
	json_object_put(kit->entries);
	free(kit->then);
	free(kit->now);
}

/* --- contents --- */

static void put_word(uint8_t *page, unsigned at, uint64_t word)
{
	memcpy(page + 8 * at, &word, 8);
}

static void fill_random(struct kit *kit, uint8_t *page)
{
	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++)
		put_word(page, i, kit_random(kit));
}

static void fill_text(struct kit *kit, uint8_t *page)
{
	static const char *const words[] = {"memory", "kexec", "page",	 "the",	 "region", "of",     "kernel", "pool",
					    "a",      "boot",  "device", "next", "state",  "verify", "0x4f",   "is"};
	size_t at = 0;

	while (at < PM_PAGE_SIZE) {
		const char *word = words[kit_below(kit, 16)];
		size_t length = strlen(word);

		length = length < PM_PAGE_SIZE - at ? length : PM_PAGE_SIZE - at;
		memcpy(page + at, word, length);
		at += length;
		if (at < PM_PAGE_SIZE)
			page[at++] = kit_below(kit, 9) ? ' ' : '\n';
	}
}

/* Pages of this program itself: code and data, but for its first page. */
static void fill_code(struct kit *kit, uint8_t *page)
{
	FILE *file = fopen("/proc/self/exe", "rb");
	long pages;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	pages = ftell(file) / (long)PM_PAGE_SIZE;
	assert_true(pages > 2);
	assert_int_equal(fseek(file, (long)PM_PAGE_SIZE * (long)(1 + kit_below(kit, (uint64_t)pages - 1)), SEEK_SET),
			 0);
	assert_int_equal(fread(page, PM_PAGE_SIZE, 1, file), 1);
	fclose(file);
	/* programs have equal pages; what is meant here is another page each time */
	put_word(page, (unsigned)kit_below(kit, PM_PAGE_SIZE / 8), kit_random(kit));
}

static void fill_sparse(struct kit *kit, uint8_t *page)
{
	memset(page, 0, PM_PAGE_SIZE);
	for (unsigned i = 0; i < 40; i++)
		put_word(page, (unsigned)kit_below(kit, PM_PAGE_SIZE / 8), kit_random(kit) >> kit_below(kit, 56));
}

static void fill_pointers(struct kit *kit, uint8_t *page)
{
	uint64_t base = UINT64_C(0xffff888000000000) + (kit_random(kit) & 0x3ffff000);

	for (unsigned i = 0; i < PM_PAGE_SIZE / 8; i++)
		put_word(page, i, base + (kit_random(kit) & 0xfffff8));
}

void kit_content_page(struct kit *kit, enum content content, uint8_t *page)
{
	static void (*const fills[CONTENT_COUNT])(struct kit * kit, uint8_t * page) = {
		fill_random, fill_text, fill_code, fill_sparse, fill_pointers, NULL,
	};

	if (content == CONTENT_MIXED)
		content = (enum content)kit_below(kit, CONTENT_COUNT);
	if (fills[content])
		fills[content](kit, page);
	else
		memset(page, 0, PM_PAGE_SIZE);
}

void kit_digest(struct kit *kit)
{
	for (unsigned i = 0; i < KIT_PAGES; i++)
		pm_page_digest(kit->then[i], kit->digests[i]);
}

void kit_content(struct kit *kit, enum content content)
{
	for (unsigned i = 0; i < KIT_PAGES; i++)
		kit_content_page(kit, content, kit->then[i]);
	kit_restore(kit);
	kit_digest(kit);
}

void kit_restore(struct kit *kit)
{
	memcpy(kit->now, kit->then, KIT_PAGES * PM_PAGE_SIZE);
	memset(kit->unreadable, 0, sizeof(kit->unreadable));
}

/* --- surroundings --- */

static size_t expected_with(void *context, const uint8_t digest[16], uint64_t *pages, size_t max)
{
	const struct kit *kit = context;
	size_t count = 0;

	for (unsigned i = 0; i < KIT_PAGES && count < max; i++)
		if (memcmp(kit->digests[i], digest, 16) == 0)
			pages[count++] = i;
	return count;
}

static bool now(void *context, uint64_t page, uint8_t *bytes)
{
	const struct kit *kit = context;

	if (page >= KIT_PAGES || kit->unreadable[page])
		return false;
	memcpy(bytes, kit->now[page], PM_PAGE_SIZE);
	return true;
}

static bool then(void *context, uint64_t page, uint8_t *bytes)
{
	const struct kit *kit = context;

	if (page >= KIT_PAGES)
		return false;
	memcpy(bytes, kit->then[page], PM_PAGE_SIZE);
	return true;
}

static uint64_t address(void *context, uint64_t page)
{
	(void)context;
	return kit_address(page);
}

/* --- what comes out --- */

struct json_object *kit_get(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value;
}

static int64_t count_of(struct json_object *object, const char *key)
{
	struct json_object *value = kit_get(object, key);

	assert_true(json_object_is_type(value, json_type_int));
	assert_true(json_object_get_int64(value) >= 0);
	return json_object_get_int64(value);
}

static void check_text(struct json_object *entry, const char *key)
{
	const char *text = json_object_get_string(kit_get(entry, key));

	assert_non_null(text);
	assert_true(strlen(text) > 3);
	assert_null(strchr(text, '\n'));
	assert_true(text[strlen(text) - 1] != ' ');
}

static int64_t check_runs(struct kit *kit, struct json_object *entry)
{
	struct json_object *runs = kit_get(entry, "runs");
	int64_t pages = 0, end = -1;

	for (size_t i = 0; i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		int64_t first = count_of(run, "page"), length = count_of(run, "pages");

		assert_true(first > end && length >= 1);
		for (end = first; end < first + length; end++) {
			assert_true(end < KIT_PAGES);
			assert_null(kit->of[end]);
			kit->of[end] = entry;
		}
		pages += length;
	}
	return pages;
}

static void check_entry(struct kit *kit, struct json_object *entry)
{
	struct json_object *histogram = kit_get(entry, "histogram"), *bits = kit_get(entry, "bits");
	int64_t pages = count_of(entry, "pages"), sum = 0;

	check_text(entry, "title");
	check_text(entry, "detail");
	check_text(entry, "cause");
	assert_in_range(count_of(entry, "confidence"), 1, 100);
	assert_int_equal(check_runs(kit, entry), pages);
	assert_int_equal(json_object_array_length(histogram), 64);
	for (size_t i = 0; i < 64; i++)
		sum += json_object_get_int64(json_object_array_get_idx(histogram, i));
	assert_int_equal(sum, pages);
	assert_in_range(json_object_array_length(kit_get(entry, "samples")), 1, 8);
	if (bits) {
		struct json_object *lanes = kit_get(bits, "lanes");

		sum = 0;
		for (size_t i = 0; i < json_object_array_length(lanes); i++)
			sum += count_of(json_object_array_get_idx(lanes, i), "flips");
		assert_int_equal(sum, count_of(bits, "flips"));
		assert_int_equal(sum, count_of(bits, "toOne") + count_of(bits, "toZero"));
	}
}

static void check_entries(struct kit *kit, int64_t handed_in)
{
	int64_t all = 0, last = INT64_MAX;

	memset(kit->of, 0, sizeof(kit->of));
	for (size_t i = 0; i < json_object_array_length(kit->entries); i++) {
		struct json_object *entry = json_object_array_get_idx(kit->entries, i);

		check_entry(kit, entry);
		assert_true(count_of(entry, "pages") <= last);
		last = count_of(entry, "pages");
		all += last;
	}
	assert_int_equal(all, handed_in);
}

void kit_diagnose(struct kit *kit, enum knowledge knowledge)
{
	struct pm_surroundings around = {.context = kit,
					 .expected_with = expected_with,
					 .now = now,
					 .then = knowledge == KNOWS_BYTES ? then : NULL,
					 .address = address,
					 .end_page = KIT_PAGES};
	struct pm_diagnosis *diagnosis = pm_diagnosis_new(&around);
	int64_t handed_in = 0;

	assert_non_null(diagnosis);
	for (unsigned i = 0; i < KIT_PAGES; i++) {
		unsigned page = kit->backwards ? KIT_PAGES - 1 - i : i;
		struct pm_syndrome syndrome;
		struct pm_suspect suspect = {.page = page,
					     .address = kit_address(page),
					     .now = kit->unreadable[page] ? NULL : kit->now[page],
					     .then = knowledge == KNOWS_BYTES ? kit->then[page] : NULL,
					     .digest = kit->digests[page],
					     .syndrome = knowledge == KNOWS_SYNDROME ? &syndrome : NULL};

		if (suspect.now && memcmp(suspect.now, kit->then[page], PM_PAGE_SIZE) == 0)
			continue;
		pm_page_syndrome(kit->then[page], &syndrome);
		assert_int_equal(pm_diagnosis_add(diagnosis, &suspect, NULL), PM_OK);
		handed_in++;
	}
	json_object_put(kit->entries);
	kit->entries = pm_diagnosis_end(diagnosis);
	pm_diagnosis_free(diagnosis);
	assert_non_null(kit->entries);
	check_entries(kit, handed_in);
}

const char *kit_kind(const struct kit *kit, uint64_t page)
{
	return kit->of[page] ? kit_text(kit, page, "kind") : "";
}

const char *kit_text(const struct kit *kit, uint64_t page, const char *key)
{
	assert_non_null(kit->of[page]);
	return json_object_get_string(kit_get(kit->of[page], key));
}

int64_t kit_number(const struct kit *kit, uint64_t page, const char *key)
{
	struct json_object *value;

	assert_non_null(kit->of[page]);
	value = kit_get(kit->of[page], key);
	return value ? json_object_get_int64(value) : INT64_MIN;
}

int64_t kit_inner(const struct kit *kit, uint64_t page, const char *object, const char *key)
{
	struct json_object *inner;

	assert_non_null(kit->of[page]);
	inner = kit_get(kit->of[page], object);
	return inner ? json_object_get_int64(kit_get(inner, key)) : INT64_MIN;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The diagnosis of any bytes as pages. Whatever comes in, the entries add up, and are what the contract has.
 *
 *   byte 0    bit 0: the expected bytes are given; bit 1: the syndromes are; bit 2: the digests are noise;
 *             bit 3: nobody can be asked; bit 4: addresses are far apart; bits 5-7: pages, less one
 *   then      the bytes of the expected pages, over and over; at each 0xfd the two bytes behind it say how far to skip
 *   of which  the last 64 are edits of the pages as they are: page, offset (16 bits), value
 */
#include "diagnose/finding.h"
#include "pmpool/diagnose.h"
#include "pmpool/format.h"
#include "snapshot/digest.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define PAGES 8u
#define EDITS 16u

static struct {
	uint8_t flags;
	unsigned pages;
	uint8_t then[PAGES][PM_PAGE_SIZE], now[PAGES][PM_PAGE_SIZE], digests[PAGES][PM_DIGEST_BYTES];
} input;

static void must(int holds)
{
	if (!holds)
		abort();
}

static uint64_t address(void *context, uint64_t page)
{
	(void)context;
	return page >= PAGES ? UINT64_MAX : page * (input.flags & 16 ? UINT64_C(0x1fffffffffffe000) : PM_PAGE_SIZE);
}

static size_t expected_with(void *context, const uint8_t digest[16], uint64_t *pages, size_t max)
{
	size_t count = 0;

	(void)context;
	for (unsigned i = 0; i < input.pages && count < max; i++)
		if (memcmp(input.digests[i], digest, PM_DIGEST_BYTES) == 0)
			pages[count++] = i;
	return count;
}

static bool copy(uint8_t pages[PAGES][PM_PAGE_SIZE], uint64_t page, uint8_t *bytes)
{
	if (page >= input.pages)
		return false;
	memcpy(bytes, pages[page], PM_PAGE_SIZE);
	return true;
}

static bool now(void *context, uint64_t page, uint8_t *bytes)
{
	(void)context;
	return copy(input.now, page, bytes);
}

static bool then(void *context, uint64_t page, uint8_t *bytes)
{
	(void)context;
	return copy(input.then, page, bytes);
}

static void set_up(const uint8_t *data, size_t bytes)
{
	size_t edits = bytes - 1 < 4u * EDITS ? 0 : EDITS, count = bytes - 1 - 4 * edits;
	uint8_t *to = input.then[0], *end = to + sizeof(input.then);

	input.flags = data[0];
	input.pages = (data[0] >> 5) + 1u;
	memset(input.then, 0, sizeof(input.then));
	for (size_t i = 0; count && to < end; i = (i + 1) % count) {
		uint8_t byte = data[1 + i];

		if (byte == 0xfd && i + 2 < count) {
			size_t skip = data[2 + i] + 256u * (data[3 + i] & 31u) + 1;

			to += skip < (size_t)(end - to) ? skip : (size_t)(end - to);
			i += 2;
			continue;
		}
		*to++ = byte;
	}
	memcpy(input.now, input.then, sizeof(input.now));
	for (size_t i = 0; i < edits; i++) {
		const uint8_t *edit = data + bytes - 4 * (i + 1);
		uint8_t *page = input.now[edit[0] % PAGES];
		size_t at = (edit[1] + 256u * edit[2]) % PM_PAGE_SIZE;

		if (edit[2] < 0xc0)
			page[at] ^= edit[3];
		else if (edit[2] < 0xe0) /* content of another page */
			memcpy(page, input.then[edit[3] % PAGES], PM_PAGE_SIZE);
		else if (edit[2] < 0xf0) /* content further on */
			memmove(page + at, page, PM_PAGE_SIZE - at);
		else
			memset(page + at, edit[3], PM_PAGE_SIZE - at);
	}
	for (unsigned i = 0; i < PAGES; i++)
		pm_page_digest(input.flags & 4 ? input.now[PAGES - 1 - i] : input.then[i], input.digests[i]);
}

static int64_t number(struct json_object *object, const char *key)
{
	struct json_object *value;

	must(json_object_object_get_ex(object, key, &value) && json_object_is_type(value, json_type_int));
	return json_object_get_int64(value);
}

static void check(struct json_object *entries, int64_t pages)
{
	int64_t all = 0;

	for (size_t i = 0; i < json_object_array_length(entries); i++) {
		struct json_object *entry = json_object_array_get_idx(entries, i), *value;

		must(number(entry, "pages") >= 1 && number(entry, "confidence") >= 1 &&
		     number(entry, "confidence") <= 100);
		must(json_object_object_get_ex(entry, "addressLine", &value) && json_object_get_int64(value) < 64);
		must(json_object_object_get_ex(entry, "offsets", &value));
		must(!value || (number(value, "first") <= number(value, "last") && number(value, "last") <= 4095));
		must(json_object_object_get_ex(entry, "title", &value));
		for (const char *c = json_object_get_string(value); *c; c++)
			must(*c >= 0x20 && *c < 0x7f);
		must(json_object_object_get_ex(entry, "detail", &value));
		for (const char *c = json_object_get_string(value); *c; c++)
			must(*c >= 0x20 && *c < 0x7f);
		all += number(entry, "pages");
	}
	must(all == pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct pm_surroundings around = {.end_page = PAGES};
	struct pm_diagnosis *diagnosis;
	struct json_object *entries;

	if (!bytes)
		return 0;
	set_up(data, bytes);
	if (!(input.flags & 8))
		around = (struct pm_surroundings){NULL, expected_with, now, input.flags & 1 ? then : NULL, address,
						  0,	PAGES};
	diagnosis = pm_diagnosis_new(&around);
	must(diagnosis != NULL);
	/* milliseconds each when they fail: rarely */
	diagnosis->try_bit.left = diagnosis->try_lanes.left = bytes % 64 == 0;
	for (unsigned i = 0; i < input.pages; i++) {
		struct pm_syndrome syndrome;
		struct pm_suspect suspect = {i,
					     address(NULL, i),
					     input.now[i],
					     input.flags & 1 ? input.then[i] : NULL,
					     input.digests[i],
					     input.flags & 2 ? &syndrome : NULL};

		pm_page_syndrome(input.then[i], &syndrome);
		must(pm_diagnosis_add(diagnosis, &suspect, NULL) == PM_OK);
	}
	entries = pm_diagnosis_end(diagnosis);
	must(entries != NULL);
	check(entries, input.pages);
	json_object_put(entries);
	pm_diagnosis_free(diagnosis);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Digests are the same whatever the processor can do, and those that xxhsum prints. */
#include "snapshot/digest.h"
#include "snapshot_kit.h"
#include <string.h>
#include <xxhash.h>

static void digests_do_not_depend_on_the_processor(void **state)
{
	struct kit kit;
	uint64_t page;

	kit_open(&kit, 1, KIT_MIB);
	page = kit_take(&kit, "pages", 80);
	kit_fill(&kit, page, 40, KIT_NOISE, 1);
	kit_fill(&kit, page + 40, 38, KIT_TEXT, 2);
	kit_fill(&kit, page + 79, 1, KIT_ONES, 0);
	for (uint64_t i = 0; i < 80; i++) {
		XXH128_canonical_t expected;
		uint8_t digest[16];

		XXH128_canonicalFromHash(&expected, XXH3_128bits(kit_page(&kit, page + i), PM_PAGE_SIZE));
		for (unsigned n = 0; pm_digester_at(n); n++) {
			pm_digester_at(n)->digest(kit_page(&kit, page + i), digest);
			assert_memory_equal(digest, expected.digest, 16);
			assert_int_equal(pm_digester_at(n)->zero(kit_page(&kit, page + i)), i == 78);
		}
		pm_page_digest(kit_page(&kit, page + i), digest);
		assert_memory_equal(digest, expected.digest, 16);
		assert_int_equal(memcmp(digest, pm_zero_digest, 16) == 0, i == 78);
	}
	kit_close(&kit);
}

/* Any number of them, anywhere, in any order; and nothing is written but their digests. */
static void many_pages_at_once_have_the_digests_of_each(void **state)
{
	enum { PAGES = 23 };
	struct pm_page_due due[PAGES];
	uint8_t digests[PAGES + 1][PM_DIGEST_BYTES], one[PM_DIGEST_BYTES];
	struct kit kit;
	uint64_t page;

	kit_open(&kit, 1, KIT_MIB);
	page = kit_take(&kit, "pages", PAGES);
	kit_fill(&kit, page, PAGES - 3, KIT_NOISE, 4);
	kit_fill(&kit, page + PAGES - 3, 2, KIT_TEXT, 5);
	for (size_t i = 0; i < PAGES; i++)
		due[i] = (struct pm_page_due){kit_page(&kit, page + i * 7 % PAGES), digests[i]};
	for (unsigned n = 0; pm_digester_at(n); n++)
		for (size_t count = 0; count <= PAGES; count++) {
			memset(digests, 0xa5, sizeof(digests));
			pm_digester_at(n)->digests(due, count);
			for (size_t i = 0; i < count; i++) {
				pm_digester_at(n)->digest(due[i].page, one);
				assert_memory_equal(digests[i], one, sizeof(one));
			}
			for (size_t i = 0; i < sizeof(one); i++)
				assert_int_equal(digests[count][i], 0xa5);
		}
	kit_close(&kit);
}

static void one_bit_is_not_zero(void **state)
{
	static _Alignas(64) uint8_t page[PM_PAGE_SIZE];

	for (unsigned n = 0; pm_digester_at(n); n++) {
		assert_true(pm_digester_at(n)->zero(page));
		for (size_t i = 0; i < PM_PAGE_SIZE; i++) {
			page[i] = (uint8_t)(1u << i % 8);
			assert_false(pm_digester_at(n)->zero(page));
			page[i] = 0;
		}
	}
}

/* Never wrong, only slower: noise that is packed and text that is not. */
static void noise_is_told_from_what_packs(void **state)
{
	unsigned noise = 0, text = 0;
	struct kit kit;
	uint64_t page;

	kit_open(&kit, 1, 4 * KIT_MIB);
	page = kit_take(&kit, "pages", 500);
	kit_fill(&kit, page, 500, KIT_NOISE, 1);
	for (uint64_t i = 0; i < 500; i++)
		noise += pm_page_packs(kit_page(&kit, page + i));
	kit_fill(&kit, page, 500, KIT_TEXT, 1);
	for (uint64_t i = 0; i < 500; i++)
		text += pm_page_packs(kit_page(&kit, page + i));
	assert_true(noise <= 2);
	assert_int_equal(text, 500);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_do_not_depend_on_the_processor),
		cmocka_unit_test(many_pages_at_once_have_the_digests_of_each),
		cmocka_unit_test(one_bit_is_not_zero),
		cmocka_unit_test(noise_is_told_from_what_packs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* A file whose parts are each in order, but speak of pools of different sizes: every reader bounds a page by one of them. */
#include "snapshot_kit.h"
#include <json-c/json.h>
#include <string.h>

enum { BYTES = 32 << 20, SMALLER = 16 << 20 };

/* A pool of 32 MiB whose metadata in memory is by now that of one of 16 MiB at the same place. */
static void shrunk_open(struct kit *kit)
{
	struct kit smaller;

	kit_open(kit, 1, BYTES);
	kit_open(&smaller, 1, SMALLER);
	memcpy(kit->mappings[0].base, smaller.mappings[0].base, SMALLER);
	kit_close(&smaller);
}

static void metadata_of_a_smaller_pool_is_corrupt(void **state)
{
	const struct pm_snapshot_request request = {.all = true};
	struct pm_snapshot *images[2];
	struct json_object *comparison;
	struct kit_file files[2];
	const struct pm_pool *pool;
	struct pm_error err;
	struct kit kit;
	uint64_t last;

	shrunk_open(&kit);
	last = BYTES / PM_PAGE_SIZE - 20;
	for (unsigned i = 0; i < 2; i++) {
		memset((uint8_t *)kit.mappings[0].base + last * PM_PAGE_SIZE, 0x11 + (int)i, PM_PAGE_SIZE);
		kit_snapshot(&kit, &request, &files[i]);
		images[i] = kit_image(&files[i]);
	}
	{
		const struct pm_side before = {.snapshot = images[0]}, after = {.snapshot = images[1]};

		assert_int_equal(pm_compare(&before, &after, NULL, &comparison, &err), PM_E_FILE_CORRUPT);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pm_snapshot_pool(images[i], &pool, &err), PM_E_FILE_CORRUPT);
		pm_snapshot_close(images[i]);
		kit_file_close(&files[i]);
	}
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_of_a_smaller_pool_is_corrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

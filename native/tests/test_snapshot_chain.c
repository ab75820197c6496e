// SPDX-License-Identifier: GPL-2.0-or-later
/* Incremental snapshots: what the parent holds is not written again, and the whole chain gives every page. */
#include "snapshot/image.h"
#include "snapshot_kit.h"
#include <json-c/json.h>
#include <string.h>

enum { PAGES = 3000 };

struct chain {
	struct kit kit;
	uint64_t page;
	struct kit_file files[3];
	struct pm_snapshot *images[3];
};

static void add(struct chain *chain, unsigned n)
{
	struct pm_snapshot_request request = {
		.parent = n ? chain->images[n - 1] : NULL,
		.parent_name = "before.pmsnap",
	};

	kit_snapshot(&chain->kit, &request, &chain->files[n]);
	chain->images[n] = kit_image(&chain->files[n]);
	if (n)
		assert_int_equal(pm_snapshot_set_parent(chain->images[n], chain->images[n - 1], NULL), PM_OK);
}

static void chain_open(struct chain *chain)
{
	memset(chain, 0, sizeof(*chain));
	kit_open(&chain->kit, 1, 32 * KIT_MIB);
	chain->page = kit_take(&chain->kit, "content", PAGES);
	kit_fill(&chain->kit, chain->page, PAGES / 2, KIT_NOISE, 1);
	add(chain, 0);
}

static void chain_close(struct chain *chain)
{
	for (unsigned i = 3; i-- > 0;)
		if (chain->images[i]) {
			pm_snapshot_close(chain->images[i]);
			kit_file_close(&chain->files[i]);
		}
	kit_close(&chain->kit);
}

static void whole(struct chain *chain, unsigned n, uint64_t pages)
{
	struct kit_read read;
	struct pm_snapshot_result result;
	struct kit_file full;

	kit_read(&chain->kit, chain->images[n], &read);
	assert_int_equal(read.lost_windows, 0);
	assert_int_equal(read.pages, pages);
	assert_int_equal(kit_verify(&chain->files[n], n ? chain->images[n - 1] : NULL, &result), PM_OK);
	assert_memory_equal(&result, &chain->files[n].result, sizeof(result));
	/* the digest of the whole is that of a file without a parent */
	kit_snapshot(&chain->kit, NULL, &full);
	assert_memory_equal(full.result.digest, result.digest, 16);
	kit_file_close(&full);
}

static void nothing_changed_has_a_fixed_size(void **state)
{
	struct chain chain;

	chain_open(&chain);
	add(&chain, 1);
	assert_int_equal(chain.files[1].result.parent_pages, PAGES);
	assert_true(chain.files[1].bytes < 24 * 1024);
	whole(&chain, 1, PAGES);
	chain_close(&chain);
}

static void three_files_give_every_page(void **state)
{
	struct chain chain;
	uint8_t digest[16];
	char name[128];

	chain_open(&chain);
	for (uint64_t i = 0; i < PAGES; i += 100)
		kit_page(&chain.kit, chain.page + i)[i % PM_PAGE_SIZE] ^= 0x10;
	add(&chain, 1);
	assert_int_equal(chain.files[1].result.parent_pages, PAGES - PAGES / 100);
	whole(&chain, 1, PAGES);
	/* a page to zero, one back to zero, one that repeats, some more, and an allocation gone */
	kit_fill(&chain.kit, chain.page + 7, 1, KIT_ZERO, 0);
	kit_fill(&chain.kit, chain.page + 8, 300, KIT_TEXT, 9);
	memcpy(kit_page(&chain.kit, chain.page + 2000), kit_page(&chain.kit, chain.page + 9), PM_PAGE_SIZE);
	kit_fill(&chain.kit, kit_take(&chain.kit, "new", 20), 20, KIT_NOISE, 77);
	add(&chain, 2);
	assert_int_equal(chain.files[2].result.parent_pages, PAGES - 302);
	assert_int_equal(chain.files[2].result.repeated_pages, 1);
	whole(&chain, 2, PAGES + 20);
	assert_true(pm_snapshot_parent(chain.images[2], digest, name));
	assert_string_equal(name, "before.pmsnap");
	assert_memory_equal(digest, chain.files[1].result.digest, 16);
	assert_false(pm_snapshot_parent(chain.images[0], digest, name));
	chain_close(&chain);
}

static void without_the_parent_the_rest_is_there(void **state)
{
	struct pm_snapshot_result result;
	struct pm_snapshot *alone;
	struct kit_read read;
	struct chain chain;

	chain_open(&chain);
	kit_fill(&chain.kit, chain.page + 1000, 512, KIT_NOISE, 4);
	add(&chain, 1);
	alone = kit_image(&chain.files[1]);
	kit_read(&chain.kit, alone, &read);
	assert_int_equal(read.code, PM_E_SNAPSHOT_PARENT);
	assert_true(read.lost_windows > 0);
	assert_true(read.pages >= 256);
	/* what is its own can be verified */
	assert_int_equal(kit_verify(&chain.files[1], NULL, &result), PM_OK);
	assert_memory_equal(&result, &chain.files[1].result, sizeof(result));
	pm_snapshot_close(alone);
	chain_close(&chain);
}

static void another_parent_is_refused(void **state)
{
	struct kit_file file, other_file;
	struct pm_snapshot *other;
	struct pm_snapshot_request request;
	struct chain chain;
	struct kit stranger;

	chain_open(&chain);
	add(&chain, 1);
	kit_fill(&chain.kit, chain.page, 1, KIT_ONES, 0);
	kit_snapshot(&chain.kit, NULL, &file);
	other = kit_image(&file);
	assert_int_equal(pm_snapshot_set_parent(chain.images[1], other, NULL), PM_E_SNAPSHOT_PARENT);
	assert_int_equal(pm_snapshot_set_parent(other, chain.images[0], NULL), PM_E_SNAPSHOT_PARENT);
	assert_int_equal(kit_verify(&chain.files[1], other, NULL), PM_E_SNAPSHOT_PARENT);
	assert_int_equal(kit_verify(&file, chain.images[0], NULL), PM_E_SNAPSHOT_PARENT);
	pm_snapshot_close(other);
	kit_file_close(&file);
	/* an expectation of digests is none, and another pool's file neither */
	kit_expectation(&chain.kit, false, &file);
	other = kit_image(&file);
	request = (struct pm_snapshot_request){.parent = other};
	assert_int_equal(pm_snapshot_write(&chain.kit.pool, &request, -1, NULL, NULL, NULL), PM_E_SNAPSHOT_PARENT);
	pm_snapshot_close(other);
	kit_file_close(&file);
	kit_open(&stranger, 1, KIT_MIB);
	stranger.pool.sb.pool_uuid[3] = 9;
	request.parent = chain.images[0];
	assert_int_equal(pm_snapshot_write(&stranger.pool, &request, -1, NULL, NULL, NULL), PM_E_SNAPSHOT_FOREIGN);
	kit_close(&stranger);
	/* nor one that was cut off */
	kit_file_of(chain.files[0].data, chain.files[0].bytes - 1, &other_file);
	other = kit_image(&other_file);
	request.parent = other;
	assert_int_equal(pm_snapshot_write(&chain.kit.pool, &request, -1, NULL, NULL, NULL), PM_E_FILE_TRUNCATED);
	pm_snapshot_close(other);
	kit_file_close(&other_file);
	chain_close(&chain);
}

/* A page that the parent has lost to damage is written anew. */
static void a_damaged_parent_costs_only_its_window(void **state)
{
	struct chain chain;
	struct pm_snapshot *parent;
	struct pm_snapshot_request request;
	struct kit_file damaged, file;
	size_t at;

	chain_open(&chain);
	kit_file_of(chain.files[0].data, chain.files[0].bytes, &damaged);
	at = kit_chunk(&damaged, PM_CHUNK_DIGS, 2);
	damaged.data[at + sizeof(struct pm_chunk) + 100] ^= 1;
	kit_file_put(&damaged);
	parent = kit_image(&damaged);
	request = (struct pm_snapshot_request){.parent = parent, .parent_name = "damaged"};
	kit_snapshot(&chain.kit, &request, &file);
	assert_int_equal(file.result.parent_pages, PAGES - 256);
	pm_snapshot_close(parent);
	kit_file_close(&damaged);
	kit_file_close(&file);
	chain_close(&chain);
}

static void a_region_that_joined_is_written_whole(void **state)
{
	struct chain chain;
	uint64_t page;

	chain_open(&chain);
	kit_extend(&chain.kit, 2 * KIT_MIB);
	page = kit_take_in(&chain.kit, "there", 100, 1);
	kit_fill(&chain.kit, page, 100, KIT_NOISE, 3);
	add(&chain, 1);
	assert_int_equal(chain.files[1].result.parent_pages, PAGES);
	whole(&chain, 1, PAGES + 100);
	chain_close(&chain);
}

static void a_chain_has_an_end(void **state)
{
	enum { FILES = PM_CHAIN_MAX };
	struct kit kit;
	struct kit_file files[FILES];
	struct pm_snapshot *images[FILES];
	struct pm_snapshot_request request = {0};
	struct kit_read read;
	uint64_t page;

	kit_open(&kit, 1, KIT_MIB);
	page = kit_take(&kit, "one", 8);
	kit_fill(&kit, page, 8, KIT_TEXT, 1);
	for (unsigned i = 0; i < FILES; i++) {
		kit_snapshot(&kit, &request, &files[i]);
		images[i] = kit_image(&files[i]);
		if (i)
			assert_int_equal(pm_snapshot_set_parent(images[i], images[i - 1], NULL), PM_OK);
		request = (struct pm_snapshot_request){.parent = images[i], .parent_name = "one"};
	}
	kit_read(&kit, images[FILES - 1], &read);
	assert_int_equal(read.pages, 8);
	assert_int_equal(pm_snapshot_write(&kit.pool, &request, -1, NULL, NULL, NULL), PM_E_SNAPSHOT_PARENT);
	for (unsigned i = 0; i < FILES; i++) {
		pm_snapshot_close(images[i]);
		kit_file_close(&files[i]);
	}
	kit_close(&kit);
}

/* As a reader finds them: the file first, then what it builds on. */
static void a_chain_is_as_long_from_either_end(void **state)
{
	struct chain chain;
	struct pm_snapshot *images[3];

	chain_open(&chain);
	add(&chain, 1);
	add(&chain, 2);
	for (unsigned i = 0; i < 3; i++)
		images[i] = kit_image(&chain.files[i]);
	for (unsigned i = 2; i > 0; i--)
		assert_int_equal(pm_snapshot_set_parent(images[i], images[i - 1], NULL), PM_OK);
	assert_int_equal(pm_snapshot_depth(images[2]), 3);
	for (unsigned i = 3; i-- > 0;)
		pm_snapshot_close(images[i]);
	chain_close(&chain);
}

/* Of the same pages it has the same digest, but no bytes: what builds on the snapshot would read as zeros. */
static void an_expectation_of_digests_is_no_parent(void **state)
{
	struct chain chain;
	struct kit_file file;
	struct pm_snapshot *other, *child;

	chain_open(&chain);
	kit_expectation(&chain.kit, false, &file);
	assert_memory_equal(file.result.digest, chain.files[0].result.digest, 16);
	add(&chain, 1);
	child = kit_image(&chain.files[1]);
	other = kit_image(&file);
	assert_int_equal(pm_snapshot_set_parent(child, other, NULL), PM_E_SNAPSHOT_PARENT);
	pm_snapshot_close(child);
	pm_snapshot_close(other);
	kit_file_close(&file);
	chain_close(&chain);
}

/* Else a page that builds on the parent would read as its neighbour. */
static void the_same_pages_elsewhere_are_another_parent(void **state)
{
	struct pm_snapshot_request request = {.parent_name = "before"};
	struct kit_file files[3];
	struct pm_snapshot *images[3];
	uint64_t pages[4];
	struct kit kit;

	kit_open(&kit, 1, 2 * KIT_MIB);
	for (unsigned i = 0; i < 4; i++)
		pages[i] = kit_take(&kit, NULL, 1);
	kit_free(&kit, pages[3]);
	for (unsigned i = 0; i < 3; i++)
		kit_fill(&kit, pages[i], 1, KIT_NOISE, i);
	kit_snapshot(&kit, &request, &files[0]);
	images[0] = kit_image(&files[0]);
	request.parent = images[0];
	kit_free(&kit, pages[0]);
	kit_snapshot(&kit, &request, &files[1]);
	images[1] = kit_image(&files[1]);
	assert_int_equal(files[1].result.parent_pages, 2);
	/* all of it one page further */
	assert_int_equal(kit_take(&kit, NULL, 1), pages[0]);
	assert_int_equal(kit_take(&kit, NULL, 1), pages[3]);
	kit_free(&kit, pages[0]);
	for (unsigned i = 0; i < 3; i++)
		kit_fill(&kit, pages[i + 1], 1, KIT_NOISE, i);
	kit_snapshot(&kit, NULL, &files[2]);
	images[2] = kit_image(&files[2]);
	assert_int_equal(pm_snapshot_set_parent(images[1], images[2], NULL), PM_E_SNAPSHOT_PARENT);
	assert_int_equal(pm_snapshot_set_parent(images[1], images[0], NULL), PM_OK);
	for (unsigned i = 0; i < 3; i++) {
		pm_snapshot_close(images[i]);
		kit_file_close(&files[i]);
	}
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed_has_a_fixed_size),
		cmocka_unit_test(three_files_give_every_page),
		cmocka_unit_test(without_the_parent_the_rest_is_there),
		cmocka_unit_test(another_parent_is_refused),
		cmocka_unit_test(a_damaged_parent_costs_only_its_window),
		cmocka_unit_test(a_region_that_joined_is_written_whole),
		cmocka_unit_test(a_chain_has_an_end),
		cmocka_unit_test(a_chain_is_as_long_from_either_end),
		cmocka_unit_test(an_expectation_of_digests_is_no_parent),
		cmocka_unit_test(the_same_pages_elsewhere_are_another_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

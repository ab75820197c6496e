// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults are injected blindly, at places that the seed chooses, into a pool of two regions; the verdict has to see each
 * page of them and name what happened. And memory that nothing happened to gets no diagnosis.
 */
#include "test_snapshot_fixture.h"
#include "pmpool/fault.h"
#include "sanitized.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* --- varied content --- */

static void fill_noise(uint8_t *page, uint64_t *seed)
{
	for (size_t i = 0; i < PM_PAGE_SIZE; i += 8) {
		uint64_t word = random_next(seed);

		memcpy(page + i, &word, 8);
	}
}

static void fill_table(uint8_t *page, uint64_t *seed)
{
	uint64_t base = random_next(seed) >> 20;

	for (uint64_t i = 0; i < PM_PAGE_SIZE / 8; i++) {
		uint64_t word = base + i * 24;

		memcpy(page + i * 8, &word, 8);
	}
}

static void fill_log(uint8_t *page, uint64_t *seed)
{
	char *to = (char *)page;
	size_t used = 0;

	while (used < PM_PAGE_SIZE - 48)
		used += (size_t)snprintf(to + used, 48, "%llu unit started, state %u\n",
					 (unsigned long long)(random_next(seed) >> 30), (unsigned)(used % 7));
	memset(to + used, '.', PM_PAGE_SIZE - used);
}

static void fill_sparse(uint8_t *page, uint64_t *seed)
{
	memset(page, 0, PM_PAGE_SIZE);
	for (int i = 0; i < 20; i++)
		page[random_next(seed) % PM_PAGE_SIZE] = (uint8_t)random_next(seed);
}

static void fill_page(uint8_t *page, uint64_t *seed)
{
	switch (random_next(seed) % 6) {
	case 0:
		fill_table(page, seed);
		break;
	case 1:
		fill_log(page, seed);
		break;
	case 2:
		fill_sparse(page, seed);
		break;
	case 3:
		memset(page, 0, PM_PAGE_SIZE);
		break;
	default:
		fill_noise(page, seed);
	}
}

static void fill_pool(struct lab *lab, uint64_t seed)
{
	struct pm_alloc_request request = {.placement = PM_PLACE_REGION};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	for (unsigned i = 0; i < 40; i++) {
		request.node = (int32_t)(i % 2);
		request.pages = 1 + random_next(&seed) % 24;
		assert_int_equal(pm_alloc(&lab->pool, &request, &lab_act, &run), PM_OK);
		for (uint64_t page = run.page; page < run.page + run.pages; page++)
			fill_page(lab_page(lab, page), &seed);
	}
	pm_pool_end(&lab->pool);
}

static void lab_varied(struct lab *lab, uint64_t seed, bool content)
{
	lab_open(lab);
	lab_extend(lab);
	fill_pool(lab, seed);
	lab_expect_with(lab, lab_facts(lab), content);
}

/* --- faults --- */

struct injection {
	struct lab *lab;
	struct pm_fault_request request;
	uint8_t spoilt[2048]; /* by pool page */
	uint64_t pages;
	enum pm_code code;
};

static void spoilt(void *context, const struct pm_fault *fault)
{
	struct injection *injection = context;

	assert_true(fault->page < sizeof(injection->spoilt));
	injection->pages += !injection->spoilt[fault->page];
	injection->spoilt[fault->page] = 1;
}

static void inject_body(void *argument)
{
	struct injection *injection = argument;

	injection->code = pm_fault_inject(&injection->lab->pool, &injection->request, spoilt, injection, NULL);
}

static void inject(struct injection *injection)
{
	struct lab *lab = injection->lab;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_region_guarded(inject_body, injection, NULL), PM_OK);
	pm_pool_end(&lab->pool);
	assert_int_equal(injection->code, PM_OK);
}

static uint64_t diagnosed(struct json_object *verdict, const char *kind)
{
	struct json_object *diagnoses = lab_get(verdict, "diagnoses");
	uint64_t pages = 0;

	for (size_t i = 0; i < json_object_array_length(diagnoses); i++) {
		struct json_object *diagnosis = json_object_array_get_idx(diagnoses, i);

		if (!kind || strcmp(lab_text(diagnosis, "kind"), kind) == 0)
			pages += (uint64_t)lab_number(diagnosis, "pages");
	}
	return pages;
}

static void check_pages(const struct injection *injection, struct json_object *verdict)
{
	struct json_object *runs = lab_get(verdict, "changedRuns");
	uint64_t seen = 0;

	for (size_t i = 0; i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);

		for (int64_t j = 0; j < lab_number(run, "pages"); j++, seen++)
			assert_true(injection->spoilt[lab_number(run, "page") + j]);
	}
	assert_int_equal(seen, injection->pages);
	assert_int_equal(lab_number(verdict, "pages.changed"), injection->pages);
	assert_int_equal(diagnosed(verdict, NULL), injection->pages);
}

/*
 * What it is called with the expected bytes, and with digests and syndromes alone; NULL: it cannot always be told. All
 * pages are called so, or most: the edge of shifted content and a page of few bytes look like something smaller, and
 * content that is shifted by whole pages is displaced.
 */
static const struct {
	enum pm_fault_kind kind;
	const char *content, *digests, *also;
	bool most;
} named[] = {
	{PM_FAULT_BIT_FLIP, "bit-flip", "bit-flip"},
	{PM_FAULT_BIT_FLIPS, "bit-flips", NULL},
	{PM_FAULT_STUCK_BIT, "stuck-bit", "stuck-bit", .most = true},
	{PM_FAULT_ZEROED, "zeroed", "zeroed"},
	{PM_FAULT_ONES, "ones", "ones"},
	{PM_FAULT_FILLED, "filled", "filled"},
	{PM_FAULT_ALIASED, "aliased", "aliased"},
	{PM_FAULT_DISPLACED, "displaced", "displaced"},
	{PM_FAULT_SHIFTED, "shifted", "shifted", "displaced", true},
	{PM_FAULT_TORN, "torn", NULL},
	{PM_FAULT_ELF, "elf", "elf"},
	{PM_FAULT_KERNEL, "kernel", "kernel"},
	{PM_FAULT_INITRD, "initrd", "initrd"},
	{PM_FAULT_PAGE_TABLE, "page-table", "page-table"},
	{PM_FAULT_TEXT, "text", "text"},
	{PM_FAULT_OVERWRITTEN, "overwritten", "overwritten"},
};

static void check_named(size_t i, uint64_t seed, bool content)
{
	const char *kind = content ? named[i].content : named[i].digests;
	struct injection injection = {.request = {.kind = named[i].kind, .seed = seed}};
	struct json_object *verdict;
	uint64_t right;
	struct lab lab;

	lab_varied(&lab, seed * 31 + i, content);
	injection.lab = &lab;
	inject(&injection);
	lab_boot(&lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
	verdict = lab_verdict(&lab);
	assert_string_equal(lab_text(verdict, "class"), "content-changed");
	assert_int_equal(json_object_get_boolean(lab_get(verdict, "content")), content);
	check_pages(&injection, verdict);
	right = kind ? diagnosed(verdict, kind) : injection.pages;
	right += named[i].also ? diagnosed(verdict, named[i].also) : 0;
	if (named[i].most ? 2 * right <= injection.pages : right != injection.pages)
		fail_msg("%s, seed %llu, %s: %llu of %llu pages: %s", pm_fault_name(named[i].kind),
			 (unsigned long long)seed, content ? "content" : "digests", (unsigned long long)right,
			 (unsigned long long)injection.pages,
			 json_object_to_json_string_ext(lab_get(verdict, "diagnoses"), JSON_C_TO_STRING_PRETTY));
	json_object_put(verdict);
	lab_close(&lab);
}

enum { SEEDS = ROUNDS(5, 1) };

static void each_fault_is_named_with_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			check_named(i, seed, true);
}

static void each_fault_is_named_with_digests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			check_named(i, seed, false);
}

static const struct {
	enum pm_fault_kind kind;
	const char *classes[2];
} of_metadata[] = {
	{PM_FAULT_SUPERBLOCK, {"superblock-lost", "metadata-torn"}},
	{PM_FAULT_STATES, {"metadata-torn", "metadata-torn"}},
	{PM_FAULT_RECORD, {"metadata-torn", "records-changed"}},
};

static void faults_of_metadata_have_their_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(of_metadata) / sizeof(of_metadata[0]); i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct injection injection = {.request = {.kind = of_metadata[i].kind, .seed = seed}};
			struct json_object *verdict;
			const char *class;
			struct lab lab;

			lab_varied(&lab, seed, false);
			injection.lab = &lab;
			inject(&injection);
			lab_boot(&lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
			verdict = lab_verdict(&lab);
			class = lab_text(verdict, "class");
			if (strcmp(class, of_metadata[i].classes[0]) && strcmp(class, of_metadata[i].classes[1]))
				fail_msg("%s, seed %llu: %s", pm_fault_name(of_metadata[i].kind),
					 (unsigned long long)seed, json_object_to_json_string(verdict));
			assert_int_equal(lab_number(verdict, "pages.changed"), 0);
			assert_int_equal(diagnosed(verdict, NULL), 0);
			json_object_put(verdict);
			lab_close(&lab);
		}
}

static void intact_pools_have_no_diagnosis(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < ROUNDS(160, 112); seed++) {
		struct json_object *verdict;
		struct lab lab;

		lab_varied(&lab, seed, seed % 2);
		lab_boot(&lab, LAB_MEMMAP " " LAB_OTHER_MEMMAP, true);
		verdict = lab_verdict(&lab);
		assert_string_equal(lab_text(verdict, "class"), "intact");
		assert_int_equal(diagnosed(verdict, NULL), 0);
		assert_int_equal(json_object_array_length(lab_get(verdict, "changedRuns")), 0);
		json_object_put(verdict);
		lab_close(&lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_named_with_content),
		cmocka_unit_test(each_fault_is_named_with_digests),
		cmocka_unit_test(faults_of_metadata_have_their_class),
		cmocka_unit_test(intact_pools_have_no_diagnosis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "act_memory.h"
#include "json_build.h"
#include "snapshot/digest.h"
#include <endian.h>
#include <inttypes.h>
#include <pmpool/diagnose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool test_findings_begin(struct test_findings *findings)
{
	memset(findings, 0, sizeof(*findings));
	findings->errors = json_object_new_array();
	return findings->errors != NULL;
}

void test_findings_free(struct test_findings *findings)
{
	for (size_t i = 0; i < findings->page_count; i++)
		free(findings->pages[i]);
	json_object_put(findings->errors);
	memset(findings, 0, sizeof(*findings));
}

/* The page's place in the list; NULL when the list is full and it is not in it. */
static struct failed_page *failed_page(struct test_findings *findings, uint64_t page)
{
	size_t low = 0, high = findings->page_count;
	struct failed_page *failed;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (findings->pages[middle]->page < page)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < findings->page_count && findings->pages[low]->page == page)
		return findings->pages[low];
	failed = findings->page_count < TEST_PAGES_MAX ? calloc(1, sizeof(*failed)) : NULL;
	if (!failed)
		return NULL;
	memmove(&findings->pages[low + 1], &findings->pages[low],
		(findings->page_count++ - low) * sizeof(findings->pages[0]));
	findings->pages[low] = failed;
	failed->page = page;
	return failed;
}

static struct json_object *error_object(uint64_t page, const struct pm_memory_error *error)
{
	struct json_object *object = json_object_new_object();
	char digits[17];

	json_set_count(object, "page", page);
	json_set_count(object, "address", error->address);
	json_set_text(object, "test", pm_memory_test_name((enum pm_memory_test)error->test));
	json_set_count(object, "pass", error->pass);
	snprintf(digits, sizeof(digits), "%016" PRIx64, error->expected);
	json_set_text(object, "expected", digits);
	snprintf(digits, sizeof(digits), "%016" PRIx64, error->found);
	json_set_text(object, "found", digits);
	return object;
}

static bool failed_at(const struct failed_page *failed, size_t word)
{
	return failed->wrong[word / 64] >> (word % 64) & 1;
}

void test_findings_word(struct test_findings *findings, uint64_t page, const struct pm_memory_error *error)
{
	size_t word = (size_t)(error->address % PM_PAGE_SIZE / sizeof(uint64_t));
	struct failed_page *failed = failed_page(findings, page);

	if (json_object_array_length(findings->errors) < TEST_ERRORS_MAX)
		json_object_array_add(findings->errors, error_object(page, error));
	if (!failed || failed_at(failed, word))
		return;
	failed->address = error->address - error->address % PM_PAGE_SIZE;
	failed->wrong[word / 64] |= UINT64_C(1) << (word % 64);
	failed->expected[word] = error->expected;
	failed->found[word] = error->found;
}

static bool joins(const struct bad_run *run, uint64_t page, uint64_t pages, bool quarantined)
{
	return run->quarantined == quarantined && run->page <= page + pages && page <= run->page + run->pages;
}

void test_findings_run(struct test_findings *findings, uint64_t page, uint64_t pages, bool quarantined)
{
	size_t at = 0, end;

	while (at < findings->run_count && findings->runs[at].page < page &&
	       !joins(&findings->runs[at], page, pages, quarantined))
		at++;
	end = at;
	/* a later pass finds the same pages again */
	while (end < findings->run_count && joins(&findings->runs[end], page, pages, quarantined)) {
		uint64_t first = page < findings->runs[end].page ? page : findings->runs[end].page;
		uint64_t past = findings->runs[end].page + findings->runs[end].pages;

		pages = (page + pages > past ? page + pages : past) - first;
		page = first;
		end++;
	}
	if (at == end && findings->run_count == TEST_RUNS_MAX)
		return;
	memmove(&findings->runs[at + 1], &findings->runs[end], (findings->run_count - end) * sizeof(findings->runs[0]));
	findings->run_count = findings->run_count - (end - at) + 1;
	findings->runs[at] = (struct bad_run){page, pages, quarantined};
}

struct json_object *test_bad_pages(const struct test_findings *findings)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < findings->run_count; i++) {
		struct json_object *run = json_object_new_object();

		json_set_count(run, "page", findings->runs[i].page);
		json_set_count(run, "pages", findings->runs[i].pages);
		json_set_bool(run, "quarantined", findings->runs[i].quarantined);
		json_object_array_add(list, run);
	}
	return list;
}

/* The failing words as two pages, what was written and what was read back. The other words are noise, alike in both:
 * zeros around a bit that reads as 0 would make a page of zeros. */
static enum pm_code add_suspect(struct pm_diagnosis *diagnosis, const struct failed_page *failed, struct pm_error *err)
{
	uint64_t now[512], then[512];
	struct pm_suspect suspect = {failed->page, failed->address, (const uint8_t *)now, (const uint8_t *)then};
	struct pm_syndrome syndrome;
	uint64_t noise = failed->page;
	uint8_t digest[16];

	for (size_t i = 0; i < 512; i++) {
		noise = noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		now[i] = htole64(failed_at(failed, i) ? failed->found[i] : noise);
		then[i] = htole64(failed_at(failed, i) ? failed->expected[i] : noise);
	}
	pm_page_digest(then, digest);
	pm_page_syndrome(then, &syndrome);
	suspect.digest = digest;
	suspect.syndrome = &syndrome;
	return pm_diagnosis_add(diagnosis, &suspect, err);
}

static uint64_t address(void *context, uint64_t page)
{
	const struct pm_free_range *range = context;

	if (!range->pool && (page < range->first || page >= range->end))
		return UINT64_MAX;
	return pm_free_address(range, page);
}

struct json_object *test_diagnoses(const struct test_findings *findings, const struct pm_free_range *range,
				   struct pm_error *err)
{
	struct pm_surroundings surroundings = {
		.context = (void *)(uintptr_t)range,
		.address = address,
		.first_page = range->pool ? 0 : range->first,
		.end_page = pm_free_end(range),
	};
	struct pm_diagnosis *diagnosis = pm_diagnosis_new(&surroundings);
	struct json_object *list = NULL;
	enum pm_code code = PM_OK;

	if (!diagnosis) {
		pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to diagnose pages");
		return NULL;
	}
	for (size_t i = 0; code == PM_OK && i < findings->page_count; i++)
		code = add_suspect(diagnosis, findings->pages[i], err);
	if (code == PM_OK)
		list = pm_diagnosis_end(diagnosis);
	pm_diagnosis_free(diagnosis);
	return list;
}

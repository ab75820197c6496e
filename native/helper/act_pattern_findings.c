/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that hold something else than their pattern. What each page should be is made anew: nothing was stored. */
#include "act_pattern.h"
#include "json_build.h"
#include "snapshot/digest.h"
#include <endian.h>
#include <string.h>

#define DIAGNOSED_MAX 65536u

static bool in_range(const struct pattern_findings *findings, uint64_t page)
{
	return page >= findings->range.first && page < findings->range.end;
}

static bool is_free(const struct pattern_findings *findings, uint64_t page)
{
	const struct pm_pool *pool = findings->range.pool;
	uint64_t states, first = page - page % PM_PAGES_PER_WORD;

	if (!pool)
		return in_range(findings, page);
	return in_range(findings, page) && guarded_states(pool, first, 1, &states, NULL) == PM_OK &&
	       (states >> (page % PM_PAGES_PER_WORD * 2) & 3) == PM_PAGE_FREE;
}

static bool then(void *context, uint64_t page, uint8_t *bytes)
{
	const struct pattern_findings *findings = context;

	if (!is_free(findings, page))
		return false;
	pm_pattern_fill(findings->pattern, pm_free_address(&findings->range, page), bytes, PM_PAGE_SIZE);
	return true;
}

static bool now(void *context, uint64_t page, uint8_t *bytes)
{
	const struct pattern_findings *findings = context;
	const void *at = in_range(findings, page) ? pm_free_bytes(&findings->range, page) : NULL;

	return at && pm_region_copy(bytes, at, PM_PAGE_SIZE, NULL) == PM_OK;
}

static uint64_t address(void *context, uint64_t page)
{
	const struct pattern_findings *findings = context;

	if (!findings->range.pool && !in_range(findings, page))
		return UINT64_MAX;
	return pm_free_address(&findings->range, page);
}

/* The address that the first word of a page would have under the pattern; UINT64_MAX when it does not tell. */
static uint64_t address_told(const struct pattern_findings *findings)
{
	uint64_t word;

	memcpy(&word, findings->now, sizeof(word));
	word = le64toh(word);
	if (findings->pattern->kind == PM_PATTERN_ADDRESS)
		return word;
	return findings->pattern->kind == PM_PATTERN_ADDRESS_INVERTED ? ~word : UINT64_MAX;
}

/* A page that holds addresses says where it belongs. */
static size_t expected_with(void *context, const uint8_t digest[16], uint64_t *pages, size_t max)
{
	struct pattern_findings *findings = context;
	uint64_t at = address_told(findings), page = UINT64_MAX;
	uint8_t bytes[PM_PAGE_SIZE], own[16];

	if (at != UINT64_MAX)
		page = pm_free_page(&findings->range, at);
	if (max == 0 || page == UINT64_MAX || !then(context, page, bytes))
		return 0;
	pm_page_digest(bytes, own);
	if (memcmp(own, digest, sizeof(own)) != 0)
		return 0;
	pages[0] = page;
	return 1;
}

enum pm_code pattern_findings_begin(struct pattern_findings *findings, const struct pm_free_range *range,
				    const struct pm_pattern *pattern, struct pm_error *err)
{
	struct pm_surroundings surroundings = {
		findings, expected_with, now, then, address, range->pool ? 0 : range->first, pm_free_end(range)};

	memset(findings, 0, sizeof(*findings));
	findings->range = *range;
	findings->range.end = range->end ? range->end : pm_free_end(range);
	findings->pattern = pattern;
	findings->diagnosis = pm_diagnosis_new(&surroundings);
	if (!findings->diagnosis)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to diagnose pages");
	findings->runs = json_object_new_array();
	return PM_OK;
}

static void close_run(struct pattern_findings *findings)
{
	struct json_object *run;

	if (!findings->run.kind || json_object_array_length(findings->runs) >= RUNS_MAX)
		return;
	run = json_object_new_object();
	json_set_count(run, "page", findings->run.page);
	json_set_count(run, "pages", findings->run.pages);
	json_set_count(run, "address", findings->run.address);
	json_set_text(run, "kind", findings->run.kind);
	json_object_array_add(findings->runs, run);
	findings->run.kind = NULL;
}

static void add_to_run(struct pattern_findings *findings, const struct pm_wrong_page *page)
{
	const char *kind = pm_page_zero(page->now) ? "zeroed" : pm_page_filled(page->now, 0xff) ? "ones" : "changed";

	if (findings->run.kind && strcmp(findings->run.kind, kind) == 0 &&
	    findings->run.page + findings->run.pages == page->page) {
		findings->run.pages++;
		return;
	}
	close_run(findings);
	findings->run.kind = kind;
	findings->run.page = page->page;
	findings->run.pages = 1;
	findings->run.address = page->address;
}

void pattern_findings_add(void *context, const struct pm_wrong_page *page)
{
	struct pattern_findings *findings = context;
	struct pm_suspect suspect = {page->page, page->address, page->now, page->then};
	struct pm_syndrome syndrome;
	uint8_t digest[16];

	add_to_run(findings, page);
	if (findings->changed++ >= DIAGNOSED_MAX || findings->err.code != PM_OK)
		return;
	pm_page_digest(page->then, digest);
	pm_page_syndrome(page->then, &syndrome);
	suspect.digest = digest;
	suspect.syndrome = &syndrome;
	findings->now = page->now;
	pm_diagnosis_add(findings->diagnosis, &suspect, &findings->err);
}

struct json_object *pattern_findings_end(struct pattern_findings *findings)
{
	close_run(findings);
	return pm_diagnosis_end(findings->diagnosis);
}

void pattern_findings_free(struct pattern_findings *findings)
{
	if (findings->diagnosis)
		pm_diagnosis_free(findings->diagnosis);
	json_object_put(findings->runs);
	findings->diagnosis = NULL;
	findings->runs = NULL;
}

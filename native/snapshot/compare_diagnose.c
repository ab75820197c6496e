// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_diagnose.h"
#include "compare_cache.h"
#include "compare_where.h"
#include "digest.h"
#include "pmpool/format.h"
#include <stdlib.h>
#include <string.h>

struct work {
	const struct pm_evidence *evidence;
	struct pm_cache cache; /* of evidence->before */
	struct pm_where *where; /* NULL: no page changed to something else */
	bool syndromes; /* the file has them */
	struct pm_diagnosis *diagnosis;
	uint8_t now[PM_PAGE_SIZE], then[PM_PAGE_SIZE];
};

static size_t expected_with(void *context, const uint8_t digest[16], uint64_t *pages, size_t max)
{
	const struct work *work = context;

	return work->where ? pm_where_find(work->where, digest, pages, max) : 0;
}

static bool now(void *context, uint64_t page, uint8_t *bytes)
{
	const struct work *work = context;

	return work->evidence->now(work->evidence->context, page, bytes);
}

static bool then(void *context, uint64_t page, uint8_t *bytes)
{
	struct work *work = context;
	const struct pm_evidence *evidence = work->evidence;

	return pm_cache_bytes(&work->cache, page, bytes) ||
	       (evidence->pattern && evidence->pattern(evidence->context, page, bytes));
}

static uint64_t address(void *context, uint64_t page)
{
	const struct work *work = context;

	return work->evidence->address(work->evidence->context, page);
}

static enum pm_code add_pattern(struct work *work, struct pm_suspect *suspect, struct pm_error *err)
{
	const struct pm_evidence *evidence = work->evidence;
	uint8_t digest[PM_DIGEST_BYTES];

	if (!evidence->pattern(evidence->context, suspect->page, work->then))
		return pm_fail(err, PM_E_INTERNAL, "No pattern was expected on a page that was checked.");
	pm_page_digest(work->then, digest);
	suspect->then = work->then;
	suspect->digest = digest;
	return pm_diagnosis_add(work->diagnosis, suspect, err);
}

static enum pm_code add(struct work *work, const struct pm_changed_page *page, struct pm_error *err)
{
	const struct pm_evidence *evidence = work->evidence;
	struct pm_suspect suspect = {
		.page = page->page,
		.address = evidence->address(evidence->context, page->page),
	};
	const struct pm_window *window;
	unsigned i = (unsigned)(page->page % PM_WINDOW_PAGES);
	uint8_t digest[PM_DIGEST_BYTES];
	struct pm_syndrome syndrome;

	if (page->kind != PM_CHANGE_UNREADABLE && evidence->now(evidence->context, page->page, work->now))
		suspect.now = work->now;
	if (page->pattern)
		return add_pattern(work, &suspect, err);
	window = pm_cache_window(&work->cache, page->page);
	if (!window || window->held[i] == PM_HELD_NOT)
		return pm_fail(err, PM_E_FILE_CORRUPT, "A page of the file cannot be read again.");
	/* the engine asks for other pages meanwhile, and this window may leave the cache */
	memcpy(digest, window->digests[i], sizeof(digest));
	suspect.digest = digest;
	if (work->syndromes && window->held[i] == PM_HELD_DIGEST) {
		syndrome = window->syndromes[i];
		suspect.syndrome = &syndrome;
	}
	if (pm_cache_bytes(&work->cache, page->page, work->then))
		suspect.then = work->then;
	return pm_diagnosis_add(work->diagnosis, &suspect, err);
}

static bool any_to_look_for(const struct pm_changes *changes)
{
	for (size_t i = 0; i < changes->suspect_count; i++)
		if (changes->suspects[i].kind == PM_CHANGE_CHANGED)
			return true;
	return false;
}

static enum pm_code prepare(struct work *work, struct pm_error *err)
{
	const struct pm_evidence *evidence = work->evidence;
	const struct pm_surroundings surroundings = {
		.context = work,
		.expected_with = expected_with,
		.now = now,
		.then = then,
		.address = address,
		.end_page = evidence->end_page,
	};

	work->cache.file = evidence->before;
	work->syndromes = pm_snapshot_is_expectation(evidence->before) && !pm_snapshot_has_bytes(evidence->before);
	work->diagnosis = pm_diagnosis_new(&surroundings);
	if (!work->diagnosis)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to diagnose changed pages.");
	if (!any_to_look_for(evidence->changes))
		return PM_OK;
	work->where = pm_where_new(evidence->before, evidence->changes, evidence->task, err);
	return work->where ? PM_OK : err->code;
}

enum pm_code pm_changes_diagnose(const struct pm_evidence *evidence, struct json_object **diagnoses,
				 struct pm_error *err)
{
	const struct pm_changes *changes = evidence->changes;
	struct work *work = calloc(1, sizeof(*work));
	struct pm_error own = {0};
	enum pm_code code;

	if (!work)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to diagnose changed pages.");
	work->evidence = evidence;
	code = prepare(work, &own);
	for (size_t i = 0; !code && i < changes->suspect_count; i++) {
		if (evidence->task && atomic_load(&evidence->task->cancelled))
			code = pm_fail(&own, PM_E_CANCELLED, "Cancelled.");
		else
			code = add(work, &changes->suspects[i], &own);
	}
	*diagnoses = code ? json_object_new_array() : pm_diagnosis_end(work->diagnosis);
	if (code && err)
		*err = own;
	pm_diagnosis_free(work->diagnosis);
	pm_where_free(work->where);
	pm_cache_free(&work->cache);
	free(work);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the acts on free pages share: a pattern from a request, and the pages that are not as they should be. */
#ifndef PMPOOL_HELPER_ACT_PATTERN_H
#define PMPOOL_HELPER_ACT_PATTERN_H

#include "pool_worker.h"
#include <pmpool/diagnose.h>

#define RUNS_MAX 4096u /* of ChangedRun in an answer */

/* `object` is a Pattern of main/api whose shape has been checked. INVALID_PARAMS names what is wrong with it.
 * pattern->data is malloc'd. */
enum pm_code pattern_read(struct json_object *object, struct pm_pattern *pattern, struct pm_error *err);
void pattern_free(struct pm_pattern *pattern);
/* "random, seed 7" */
void pattern_words(const struct pm_pattern *pattern, char text[64]);

/* Pages that hold something else than a pattern: runs of them, and a diagnosis. */
struct pattern_findings {
	struct pm_free_range range; /* that was looked at */
	const struct pm_pattern *pattern;
	struct pm_diagnosis *diagnosis;
	struct json_object *runs; /* ChangedRun[] */
	uint64_t changed;
	const uint8_t *now; /* of the page that is being diagnosed */
	struct { /* the run that may still grow */
		uint64_t page, pages, address;
		const char *kind; /* NULL: none */
	} run;
	struct pm_error err; /* of the first page that could not be diagnosed */
};
enum pm_code pattern_findings_begin(struct pattern_findings *findings, const struct pm_free_range *range,
				    const struct pm_pattern *pattern, struct pm_error *err);
/* For pm_free_check, with the findings as context. */
void pattern_findings_add(void *context, const struct pm_wrong_page *page);
/* Closes the last run. Diagnoses as an array, to be put. */
struct json_object *pattern_findings_end(struct pattern_findings *findings);
void pattern_findings_free(struct pattern_findings *findings);

#endif

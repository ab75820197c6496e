/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations and records of two states, beside each other by the page they start at. */
#ifndef PMPOOL_COMPARE_BOOKS_H
#define PMPOOL_COMPARE_BOOKS_H

#include "compare_side.h"
#include <json-c/json.h>

#define PM_COMPARED_MAX 4096u /* of each list */

struct pm_compared_books {
	struct json_object *allocations, *records; /* as in Comparison, the first PM_COMPARED_MAX that differ */
	bool differ;
};

/* changed: a bit for each pool page that changed, `words` of them. The lists are the caller's after PM_OK. */
enum pm_code pm_compared_books(const struct pm_compared *before, const struct pm_compared *after,
			       const uint64_t *changed, uint64_t words, struct pm_task *task,
			       struct pm_compared_books *books, struct pm_error *err);

#endif

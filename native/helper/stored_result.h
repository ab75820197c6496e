/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts and results of memory tests, kept in the state directory as the JSON objects that the protocol answers. */
#ifndef PMPOOL_HELPER_STORED_RESULT_H
#define PMPOOL_HELPER_STORED_RESULT_H

#include "store.h"

/* All at once: nobody ever reads half of one. */
enum pm_code stored_result_put(const struct pm_host *host, const struct store_kind *kind, const char *name,
			       struct json_object *result, struct pm_error *err);

/* Newest first, at most `max` and no more than one answer has room for; at least the newest. What is no whole object
 * with all of the members `keys` (ends with NULL) is left out: another version wrote it, or somebody else. */
enum pm_code stored_results(const struct pm_host *host, const struct store_kind *kind, const char *const *keys,
			    size_t max, struct json_object **list, struct pm_error *err);

#endif

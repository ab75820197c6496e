/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where else is it expected: pages of a file that have the digest that a changed page has now, or should have. Only
 * these digests are looked for, so that its memory does not grow with the file.
 */
#ifndef PMPOOL_COMPARE_WHERE_H
#define PMPOOL_COMPARE_WHERE_H

#include "compare_changes.h"
#include "pmpool/snapshot.h"

#define PM_WHERE_EACH 64u /* pages that are remembered of one digest */

struct pm_where;

/* Reads all digests of the file. NULL with the code in *err. */
struct pm_where *pm_where_new(struct pm_snapshot *file, const struct pm_changes *changes, struct pm_task *task,
			      struct pm_error *err);
void pm_where_free(struct pm_where *where);
size_t pm_where_find(const struct pm_where *where, const uint8_t digest[PM_DIGEST_BYTES], uint64_t *pages, size_t max);

#endif

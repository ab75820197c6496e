/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that came before, by digest: a table of fixed size that the writer and a reader of the stream keep alike, so
 * both know which page may be told by the number of an earlier one.
 */
#ifndef PMPOOL_REPEAT_H
#define PMPOOL_REPEAT_H

#include "container.h"

struct pm_repeats;
struct pm_repeats *pm_repeats_new(void); /* NULL without memory */
void pm_repeats_free(struct pm_repeats *repeats);

#define PM_NO_REPEAT UINT64_MAX
/* The pool page with this digest; where the table has none, PM_NO_REPEAT, and from now on `page` is it. */
uint64_t pm_repeats_look(struct pm_repeats *repeats, const uint8_t digest[PM_DIGEST_BYTES], uint64_t page);
/* The same, but nothing is put in. */
uint64_t pm_repeats_find(const struct pm_repeats *repeats, const uint8_t digest[PM_DIGEST_BYTES]);

#endif

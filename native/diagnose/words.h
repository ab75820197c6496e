/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an entry says to people: title, evidence, cause. */
#ifndef PMPOOL_DIAGNOSE_WORDS_H
#define PMPOOL_DIAGNOSE_WORDS_H

#include "group.h"

#define WORDS_BYTES 2048u
void words_title(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES]);
void words_detail(const struct pm_diagnosis *diagnosis, const struct group *group, char text[WORDS_BYTES]);
const char *words_cause(const struct group *group);

void words_add(char text[WORDS_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *words_plural(uint64_t count); /* "" or "s" */
const char *words_fill(uint64_t word); /* of a known poison; else NULL */
void words_lanes(uint64_t lanes, char text[WORDS_BYTES]);
void words_distance(int64_t distance, char text[WORDS_BYTES]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps by which a page is looked at. */
#ifndef PMPOOL_LOOKS_H
#define PMPOOL_LOOKS_H

#include "finding.h"

/* Room for one more item behind `count` in a growing array; `array` is the address of the pointer to it. */
bool pm_room(void *array, size_t *room, size_t count, size_t item);
bool pm_page_repeats(const uint8_t *page, size_t period); /* it is its first `period` bytes over and over */
bool pm_part_repeats(const uint8_t *part, size_t bytes); /* all of it is one byte */
/* Only described by what stands there now, so that what many pages tell together may say more. */
bool finding_unexplained(const struct finding *finding);
void sample_take(struct look *look);

bool purse_open(const struct purse *purse);
bool purse_pay(struct purse *purse, bool success); /* a failure costs one; returns success */

/* Find the expected bytes: look->then and the finding's basis are set when they are found. */
void expected_cheaply(struct look *look);
void expected_dearly(struct look *look);

/* --- hypotheses: true when the page is explained; then the finding is filled in --- */
bool look_uniform(struct look *look); /* zeroed, ones */
bool look_filled(struct look *look);
bool look_elsewhere(struct look *look); /* what is here is expected at other places */
bool look_pattern_elsewhere(struct look *look); /* the address pattern of another page */
bool look_shifted_known(struct look *look); /* with the expected bytes */
bool look_shifted_blind(struct look *look); /* with the digest alone */
bool look_recognised(struct look *look);

/* What the bytes are; PM_DIAGNOSIS_COUNT: nothing known. `note` gets more about it, "" when there is no more. A part of
 * a page is only known by its beginning. */
struct recognised {
	enum pm_diagnosis_kind kind;
	unsigned confidence;
	char note[NOTE_BYTES];
};
void pm_recognise(const uint8_t *bytes, size_t count, uint64_t address, struct recognised *recognised);
unsigned pm_entropy(const uint8_t *page); /* tenths of a bit a byte */

/* --- after the last page: what many pages tell together --- */
void settle_places(struct pm_diagnosis *diagnosis);
void settle_shifted(struct pm_diagnosis *diagnosis);
void settle_lanes(struct pm_diagnosis *diagnosis);
void settle_still(struct pm_diagnosis *diagnosis); /* lanes, where the bytes are not known */

#endif

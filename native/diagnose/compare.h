/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page as it is beside the page as it should be, both known. */
#ifndef PMPOOL_DIAGNOSE_COMPARE_H
#define PMPOOL_DIAGNOSE_COMPARE_H

#include "looks.h"

struct difference {
	unsigned flips; /* wrong bits */
	uint64_t to_one, to_zero; /* lanes of 64-bit words in which a bit went this way */
	uint64_t lines; /* of 64 bytes, with a wrong bit in them */
	uint16_t first, last; /* wrong bytes; first is NO_OFFSET when there is none */
};
void difference_map(const uint8_t *now, const uint8_t *then, struct difference *map);

/* Each one fills in the finding when the page is explained by it. */
bool compare_one_bit(struct look *look, const struct difference *map);
bool compare_stuck(struct look *look, const struct difference *map);
bool compare_flips(struct look *look, const struct difference *map);
/* recognised: the whole page is known as something, which then needs better evidence to be called torn. */
bool compare_torn(struct look *look, const struct difference *map, bool recognised);

#endif

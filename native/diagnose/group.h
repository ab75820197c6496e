/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages found alike: one entry of the result. */
#ifndef PMPOOL_GROUP_H
#define PMPOOL_GROUP_H

#include "finding.h"

struct group {
	struct finding *findings; /* in page order */
	size_t pages;
	uint8_t kind;
	uint64_t parameter, parameter2;
	bool mixed; /* the rest of a kind: parameters differ from page to page */
	/* sums over the pages */
	unsigned confidence;
	bool bits_known; /* of every page */
	uint64_t to_one, to_zero, lanes[64];
	uint16_t first, last; /* NO_OFFSET: not known of every page */
	size_t runs;
	size_t by_basis[BASIS_SHALLOW + 1];
};

struct json_object *group_json(const struct pm_diagnosis *diagnosis, const struct group *group);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding room in one member and taking it. */
#ifndef PMPOOL_ROOM_H
#define PMPOOL_ROOM_H

#include "claim.h"

/* A request, as it is for one member. */
struct pm_need {
	uint64_t pages;
	uint32_t align; /* as pm_alloc_request.align_order */
	uint32_t within; /* 64: any */
	uint32_t order; /* of the aligned place that is looked for first: no less than pages and align */
	uint32_t lane;
	enum pm_page_state head; /* PM_PAGE_HEAD for good, PM_PAGE_BAD to be committed */
	uint64_t address_from, address_to; /* UINT64_MAX: no bound */
};

/* PM_OK and *page, NO_SPACE, or REGION_BUSY when every place found was lost to other threads. */
enum pm_code pm_room_take(struct pm_member *member, const struct pm_need *need, uint64_t *page);

/* --- its ways --- */

/* By the hints: an aligned place of need->order. False when there is none. */
bool pm_small_take(struct pm_member *member, const struct pm_need *need, uint64_t *page); /* order < 9 */
bool pm_groups_take(struct pm_member *member, const struct pm_need *need, uint64_t *page); /* the others */
/* By the states: the first place that fits. */
enum pm_code pm_fit_take(struct pm_member *member, const struct pm_need *need, uint64_t *page);

/* First page at or after `page` whose physical page frame number is a multiple of 2^order. */
uint64_t pm_page_align(const struct pm_member *member, uint64_t page, uint32_t order);

#endif

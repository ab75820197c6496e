// SPDX-License-Identifier: GPL-2.0-or-later
#include "group.h"
#include "pmpool/diagnose.h"
#include <string.h>

_Static_assert(sizeof(struct pm_syndrome) == 8, "syndrome, as it stands in DIGS");

static bool run_sane(const struct pm_group *group, const struct pm_group_rules *rules)
{
	if (rules->book || (group->form == PM_FORM_PARENT && !rules->parent))
		return false;
	return group->count && group->count <= PM_RUN_PAGES && group->count % PM_GROUP_PAGES == 0;
}

static bool store_known(uint8_t store, const struct pm_group_rules *rules)
{
	switch (store) {
	case PM_STORE_ABSENT:
	case PM_STORE_DATA:
	case PM_STORE_ZERO:
		return true;
	case PM_STORE_SAME:
	case PM_STORE_PACKED:
		return rules->bytes && !rules->book;
	case PM_STORE_PARENT:
		return rules->bytes && rules->parent && !rules->book;
	default:
		return false;
	}
}

static bool stores_count(struct pm_group_view *view, const struct pm_group_rules *rules)
{
	for (uint32_t i = 0; i < view->group.count; i++) {
		if (!store_known(view->stores[i], rules))
			return false;
		view->counts[view->stores[i]]++;
	}
	return view->counts[PM_STORE_ABSENT] < view->group.count;
}

static const char *mixed_parse(struct pm_group_view *view, const struct pm_group_rules *rules, const uint8_t *data,
			       uint64_t bytes)
{
	const struct pm_group *group = &view->group;
	uint64_t with_digest, expected;

	if (!group->count || group->count > PM_GROUP_PAGES || bytes < sizeof(*group) + group->count)
		return "is too short for the pages that it tells of";
	view->stores = data + sizeof(*group);
	if (!stores_count(view, rules))
		return "holds pages of a kind that cannot be here";
	with_digest =
		rules->book ? 0
			    : view->counts[PM_STORE_DATA] + view->counts[PM_STORE_PACKED] + view->counts[PM_STORE_SAME];
	view->digests = view->stores + group->count;
	view->syndromes = view->digests + with_digest * PM_DIGEST_BYTES;
	view->same = view->syndromes;
	if (!rules->bytes && !rules->book)
		view->same += view->counts[PM_STORE_DATA] * sizeof(struct pm_syndrome);
	view->bytes = view->same + view->counts[PM_STORE_SAME] * sizeof(uint64_t);
	expected = (uint64_t)(view->bytes - data);
	if (rules->book)
		expected += view->counts[PM_STORE_DATA] * PM_PAGE_SIZE;
	return bytes == expected ? NULL : "has a length that its pages do not have";
}

const char *pm_group_parse(struct pm_group_view *view, const struct pm_group_rules *rules, const uint8_t *data,
			   uint64_t bytes)
{
	static const uint8_t zeros[sizeof(view->group.reserved)];
	const struct pm_group *group = &view->group;

	*view = (struct pm_group_view){0};
	if (bytes < sizeof(*group))
		return "is too short for a group of pages";
	memcpy(&view->group, data, sizeof(view->group));
	if (group->first % PM_GROUP_PAGES || group->first >= PM_POOL_PAGES_MAX ||
	    memcmp(group->reserved, zeros, sizeof(zeros)) != 0)
		return "is a group of pages that cannot stand here";
	if (group->form == PM_FORM_MIXED)
		return mixed_parse(view, rules, data, bytes);
	if (group->form > PM_FORM_PARENT || !run_sane(group, rules) || bytes != sizeof(*group))
		return "is a run of pages that cannot stand here";
	view->counts[group->form == PM_FORM_ZERO ? PM_STORE_ZERO : PM_STORE_PARENT] = group->count;
	return NULL;
}

/* Inside the data of its region: all pages of a run, those that are held of a window. */
static bool in_data(const struct pm_group_view *view, uint64_t data_first, uint64_t data_end)
{
	const struct pm_group *group = &view->group;

	if (group->form != PM_FORM_MIXED)
		return group->first >= data_first && group->first + group->count <= data_end;
	for (uint32_t i = 0; i < group->count; i++) {
		uint64_t page = group->first + i;

		if (view->stores[i] != PM_STORE_ABSENT && (page < data_first || page >= data_end))
			return false;
	}
	return true;
}

const char *pm_group_place(const struct pm_group_view *view, const struct pm_group_rules *rules,
			   const struct pm_superblock *region)
{
	const struct pm_group *group = &view->group;
	uint64_t end, left;

	if (!region)
		return "is a group of pages of no region";
	end = region->first_pool_page + region->page_count;
	left = end - group->first;
	if (group->form == PM_FORM_MIXED && group->count != (left < PM_GROUP_PAGES ? left : PM_GROUP_PAGES))
		return "is not the whole of a window";
	if (!rules->book &&
	    !in_data(view, region->first_pool_page + region->data_first, region->first_pool_page + region->data_end))
		return "holds pages that cannot be allocated";
	return NULL;
}

uint32_t pm_group_pages(const struct pm_group_view *view)
{
	return view->group.count - view->counts[PM_STORE_ABSENT];
}

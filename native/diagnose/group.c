// SPDX-License-Identifier: GPL-2.0-or-later
/* Sorts the findings into entries: by kind, and by what the pages of a kind have in common. */
#include "group.h"
#include <stdlib.h>
#include <string.h>

#define ENTRIES_KEPT 12u /* of one kind */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_entry(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int order = compare_numbers(a->kind, b->kind);

	order = order ? order : compare_numbers(a->mixed, b->mixed);
	order = order ? order : compare_numbers(a->parameter, b->parameter);
	order = order ? order : compare_numbers(a->parameter2, b->parameter2);
	return order ? order : compare_numbers(a->page, b->page);
}

static bool same_entry(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->mixed == b->mixed && a->parameter == b->parameter &&
	       a->parameter2 == b->parameter2;
}

static void sum_bits(const struct pm_diagnosis *diagnosis, const struct finding *finding, struct group *group)
{
	if (!finding->cells)
		group->bits_known = false;
	for (unsigned i = 0; i < finding->cells; i++) {
		const struct cell *cell = &diagnosis->cells[finding->cells_at + i];

		*(cell->to_one ? &group->to_one : &group->to_zero) += cell->count;
		group->lanes[cell->lane] += cell->count;
	}
}

static void sum(const struct pm_diagnosis *diagnosis, struct group *group)
{
	bool known = true;
	uint64_t confidence = 0;

	group->bits_known = true;
	group->first = NO_OFFSET;
	group->last = 0;
	for (size_t i = 0; i < group->pages; i++) {
		const struct finding *finding = &group->findings[i];

		confidence += finding->confidence;
		known &= finding->first != NO_OFFSET;
		if (finding->first < group->first)
			group->first = finding->first;
		if (finding->last > group->last)
			group->last = finding->last;
		group->by_basis[finding->basis]++;
		if (i == 0 || finding->page > finding[-1].page + 1)
			group->runs++;
		sum_bits(diagnosis, finding, group);
	}
	if (!known)
		group->first = group->last = NO_OFFSET;
	group->confidence = (unsigned)(confidence / group->pages);
}

/* Most pages first; then the order of kinds and pages. */
static int by_pages(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int order = compare_numbers(b->pages, a->pages);

	order = order ? order : compare_numbers(a->kind, b->kind);
	return order ? order : compare_numbers(a->findings[0].page, b->findings[0].page);
}

static size_t groups_of(struct pm_diagnosis *diagnosis, struct group *groups)
{
	size_t count = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];

		if (i == 0 || !same_entry(finding, finding - 1)) {
			groups[count++] = (struct group){.findings = finding,
							 .kind = finding->kind,
							 .mixed = finding->mixed,
							 .parameter = finding->parameter,
							 .parameter2 = finding->parameter2};
		}
		groups[count - 1].pages++;
	}
	return count;
}

static size_t entry_count(const struct pm_diagnosis *diagnosis)
{
	size_t count = diagnosis->count > 0;

	for (size_t i = 1; i < diagnosis->count; i++)
		count += !same_entry(&diagnosis->findings[i], &diagnosis->findings[i - 1]);
	return count;
}

static void sort(struct pm_diagnosis *diagnosis)
{
	if (diagnosis->count)
		qsort(diagnosis->findings, diagnosis->count, sizeof(*diagnosis->findings), by_entry);
}

/* Of each kind the largest groups stay apart; the pages of the others become one group. */
static void merge_small(struct group *groups, size_t count)
{
	size_t kept[PM_DIAGNOSIS_COUNT] = {0};
	uint64_t lanes_to_one = 0, lanes_to_zero = 0;

	for (unsigned round = 0; round < 2; round++) {
		memset(kept, 0, sizeof(kept));
		for (size_t i = 0; i < count; i++) {
			struct group *group = &groups[i];
			bool stuck = group->kind == PM_DIAGNOSIS_STUCK_BIT;

			if (++kept[group->kind] <= ENTRIES_KEPT)
				continue;
			if (round == 0 && stuck) {
				lanes_to_one |= group->parameter;
				lanes_to_zero |= group->parameter2;
			}
			for (size_t page = 0; round == 1 && page < group->pages; page++) {
				group->findings[page].mixed = true;
				group->findings[page].parameter = stuck ? lanes_to_one : PARAMETER_MANY;
				group->findings[page].parameter2 = stuck ? lanes_to_zero : 0;
			}
		}
	}
}

/* NULL without memory; the number of groups goes to *count. */
static struct group *make_groups(struct pm_diagnosis *diagnosis, size_t *count)
{
	struct group *groups;

	sort(diagnosis);
	*count = entry_count(diagnosis);
	groups = calloc(*count ? *count : 1, sizeof(*groups));
	if (!groups)
		return NULL;
	groups_of(diagnosis, groups);
	qsort(groups, *count, sizeof(*groups), by_pages);
	return groups;
}

struct json_object *diagnosis_entries(struct pm_diagnosis *diagnosis)
{
	struct json_object *entries = json_object_new_array();
	struct group *groups;
	size_t count;

	groups = make_groups(diagnosis, &count);
	if (groups) {
		merge_small(groups, count);
		free(groups);
		groups = make_groups(diagnosis, &count);
	}
	if (!groups || !entries) {
		free(groups);
		json_object_put(entries);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		sum(diagnosis, &groups[i]);
		json_object_array_add(entries, group_json(diagnosis, &groups[i]));
	}
	free(groups);
	return entries;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heapsort: no memory, no recursion, and no order of the input that makes it slow. */
#include "check_work.h"

static bool before(const struct pm_check_record *a, const struct pm_check_record *b)
{
	return a->page != b->page ? a->page < b->page : a->id < b->id;
}

static void sift(struct pm_check_record *records, size_t root, size_t count)
{
	for (;;) {
		size_t child = 2 * root + 1;
		struct pm_check_record swap;

		if (child >= count)
			return;
		if (child + 1 < count && before(&records[child], &records[child + 1]))
			child++;
		if (!before(&records[root], &records[child]))
			return;
		swap = records[root];
		records[root] = records[child];
		records[child] = swap;
		root = child;
	}
}

void check_sort(struct pm_check_record *records, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(records, i, count);
	for (size_t end = count; end-- > 1;) {
		struct pm_check_record swap = records[0];

		records[0] = records[end];
		records[end] = swap;
		sift(records, 0, end);
	}
}

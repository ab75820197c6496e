// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_windows.h"
#include <stdlib.h>

enum pm_code pm_windows_add(struct pm_windows *windows, uint64_t window, struct pm_error *err)
{
	if (windows->count == windows->capacity) {
		size_t capacity = windows->capacity ? 2 * windows->capacity : 1024;
		uint64_t *list = realloc(windows->list, capacity * sizeof(*list));

		if (!list)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to go through the pages.");
		windows->list = list;
		windows->capacity = capacity;
	}
	windows->list[windows->count++] = window;
	return PM_OK;
}

enum pm_code pm_windows_of(const struct pm_snapshot *file, struct pm_windows *windows, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	*windows = (struct pm_windows){0};
	for (uint64_t window = 0; !code && pm_snapshot_next_window(file, &window); window++)
		code = pm_windows_add(windows, window, err);
	return code;
}

void pm_windows_free(struct pm_windows *windows)
{
	free(windows->list);
	*windows = (struct pm_windows){0};
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declared in memory.h and not written yet; goes when it is. */
#include <pmpool/memory.h>

__attribute__((weak)) enum pm_code pm_free_test(const struct pm_free_range *range, const struct pm_free_test *test,
						struct pm_test_counts *counts, struct pm_error *err)
{
	return pm_fail(err, PM_E_UNSUPPORTED, "not written yet");
}

__attribute__((weak)) const char *pm_memory_test_name(enum pm_memory_test test)
{
	static const char *const names[] = {
#define NAME(id, name) name,
		PM_MEMORY_TESTS(NAME)
#undef NAME
	};

	return names[test];
}

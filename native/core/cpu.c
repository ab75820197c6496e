/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpu.h"

#define DETECTED 0x80000000u /* so that "none" is remembered too */

#if defined(__x86_64__)
#include <cpuid.h>

static unsigned detect(void)
{
	unsigned a, b, c, d, found = 0;

	if (__get_cpuid(1, &a, &b, &c, &d)) {
		found |= c & bit_SSE4_2 ? PM_CPU_SSE42 : 0u;
		found |= d & (1u << 19) ? PM_CPU_CLFLUSH : 0u;
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		found |= b & (1u << 23) ? PM_CPU_CLFLUSHOPT : 0u;
		found |= b & (1u << 24) ? PM_CPU_CLWB : 0u;
	}
	return found;
}
#else
static unsigned detect(void)
{
	return 0;
}
#endif

atomic_uint pm_cpu_known;

unsigned pm_cpu_detect(void)
{
	unsigned features = detect() | DETECTED;

	atomic_store_explicit(&pm_cpu_known, features, memory_order_relaxed);
	return features;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions this processor has, of those that core chooses between at run time. */
#ifndef PMPOOL_CPU_H
#define PMPOOL_CPU_H

#include <stdatomic.h>

enum pm_cpu_feature { PM_CPU_SSE42 = 1, PM_CPU_CLFLUSH = 2, PM_CPU_CLFLUSHOPT = 4, PM_CPU_CLWB = 8 };

extern atomic_uint pm_cpu_known; /* 0: not looked yet */
unsigned pm_cpu_detect(void);

static inline unsigned pm_cpu_features(void)
{
	unsigned features = atomic_load_explicit(&pm_cpu_known, memory_order_relaxed);

	return __builtin_expect(features != 0, 1) ? features : pm_cpu_detect();
}

/* In a loop that waits for another thread. */
static inline void pm_cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

#endif

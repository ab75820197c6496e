/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions this processor has, of those that core chooses between at run time. */
#ifndef PMPOOL_CPU_H
#define PMPOOL_CPU_H

enum pm_cpu_feature { PM_CPU_SSE42 = 1, PM_CPU_CLFLUSH = 2, PM_CPU_CLFLUSHOPT = 4, PM_CPU_CLWB = 8 };

unsigned pm_cpu_features(void);

#endif

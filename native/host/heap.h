/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HEAP_H
#define PMPOOL_HEAP_H

#include "pmpool/core.h"

/* Memory for core from the C library. */
extern const struct pm_memory pm_heap;

#endif

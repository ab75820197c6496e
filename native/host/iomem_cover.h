/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HOST_IOMEM_COVER_H
#define PMPOOL_HOST_IOMEM_COVER_H

#include "pmpool/host.h"

bool pm_iomem_is_ram(const struct pm_iomem_entry *entry);
/* The first stretch of System RAM inside [base, base+bytes), inclusive, with fragments that touch merged (a kexec
 * leaves several); false when there is none. */
bool pm_iomem_first_ram(const struct pm_iomem *iomem, uint64_t base, uint64_t bytes, uint64_t *first, uint64_t *last);

#endif

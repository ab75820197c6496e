/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_SUPERBLOCK_H
#define PMPOOL_SUPERBLOCK_H

#include "pmpool/core.h"

struct pm_superblock_choice {
	struct pm_superblock sb; /* a copy: the newer valid one */
	bool mend_a, mend_b; /* that place does not hold this copy; mend_b only when the place is mapped */
};

enum pm_code pm_superblock_choose(const void *base, uint64_t bytes, struct pm_superblock_choice *choice);
void pm_superblock_seal(struct pm_superblock *sb);
/* Write a sealed superblock; its magic comes last, so that a torn one is none. */
void pm_superblock_write(void *place, const struct pm_superblock *sb, bool flush);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A good pool of two regions for a fuzz target to damage, and what must be true whatever attach makes of it: a typed
 * error and not one byte changed, or a pool that works.
 */
#ifndef PMPOOL_FUZZ_HOSTILE_H
#define PMPOOL_FUZZ_HOSTILE_H

#include "pmpool/core.h"

enum { HOSTILE_REGIONS = 2 };

struct hostile_region {
	uint8_t *memory;
	uint64_t bytes;
	struct pm_superblock sb; /* as it was before the damage */
};

/* The pool as good as new, for the target to damage. */
struct hostile_region *hostile_start(void);
/* Section of a region, where the good superblock says. */
void *hostile_section(struct hostile_region *region, enum pm_section_type type, uint64_t *bytes);
/* The n-th byte of all metadata of both regions, directory extents included, modulo their number. */
uint8_t *hostile_byte(uint64_t n);
/* The n-th slot of both directories, modulo their number. */
struct pm_record *hostile_record(uint64_t n);
void hostile_seal_superblocks(void);
void hostile_seal_records(void);
void hostile_seal_blocks(void); /* codes of four equal bytes, checks of split blocks */
enum pm_code hostile_judge(void); /* what attach says; aborts when core does not behave */

/* Little-endian number from the input; 0 past its end. */
uint64_t hostile_take(const uint8_t **data, size_t *size, unsigned bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif

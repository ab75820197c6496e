/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of two regions with some history, whole and at rest: what check finds nothing in. */
#ifndef PMPOOL_TESTS_HISTORY_H
#define PMPOOL_TESTS_HISTORY_H

#include "model.h"
#include "pmpool/check.h"

enum { HISTORY_REGIONS = 2 };

struct history {
	struct pm_mapping mappings[HISTORY_REGIONS];
	uint8_t *good[HISTORY_REGIONS]; /* copies of the regions as they were made */
	struct pm_superblock sb[HISTORY_REGIONS];
	uint64_t named_page, quarantine_page, unnamed_page; /* in region 0, in split blocks */
};

/* Allocations with and without names, inside a word, over words, of a block and over blocks; freed and renamed ones; a
 * quarantine; a directory that grew; a log that went round. */
void history_make(struct history *history);
void history_end(struct history *history);
/* All their metadata as it was made again. */
void history_reset(struct history *history);
bool history_is_good(const struct history *history);

const struct pm_section *history_section(const struct history *history, unsigned region, enum pm_section_type type);
/* Offset of the slot of a live record with this name (of kind QUARANTINE, DIRECTORY or MEMBER when NULL). */
uint64_t history_slot(const struct history *history, unsigned region, enum pm_record_kind kind, const char *name);
struct pm_record *history_record(const struct history *history, unsigned region, uint64_t offset);
void history_seal(struct pm_record *record);
/* State of a page of a split block, with the check of the block. */
void history_set_page(const struct history *history, unsigned region, uint64_t page, unsigned state);

/* Whether check and repair leave this byte alone, because nothing that it says is a fact; why, or NULL. */
const char *history_no_fact(const struct history *history, unsigned region, uint64_t offset);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of history.h, made once for a test program and as good as new before each test; and where its parts stand. */
#ifndef PMPOOL_TESTS_DAMAGED_H
#define PMPOOL_TESTS_DAMAGED_H

#include "core/superblock.h"
#include "history.h"
#include <stdlib.h>
#include <string.h>

static struct history history;
static struct pm_check check;

static inline uint8_t *base(unsigned region)
{
	return history.mappings[region].base;
}

static inline uint8_t *section(unsigned region, enum pm_section_type type)
{
	return base(region) + history_section(&history, region, type)->offset;
}

static inline struct pm_record *named(const char *name)
{
	return history_record(&history, 0, history_slot(&history, 0, PM_RECORD_ALLOCATION, name));
}

static inline struct pm_record *of_kind(enum pm_record_kind kind)
{
	return history_record(&history, 0, history_slot(&history, 0, kind, NULL));
}

static inline struct pm_superblock *superblock(unsigned region, bool b)
{
	return (struct pm_superblock *)(void *)(base(region) + (b ? history.mappings[region].bytes - PM_PAGE_SIZE : 0));
}

static inline struct pm_log_entry *log_slot(uint64_t slot)
{
	return (struct pm_log_entry *)(void *)section(0, PM_SECTION_LOG) + slot;
}

static inline uint64_t log_slots(void)
{
	return history_section(&history, 0, PM_SECTION_LOG)->bytes / sizeof(struct pm_log_entry);
}

static inline uint64_t log_newest(void)
{
	uint64_t newest = 0;

	for (uint64_t i = 0; i < log_slots(); i++)
		newest = log_slot(i)->sequence > newest ? log_slot(i)->sequence : newest;
	return newest;
}

static inline void set_busy(void)
{
	((struct pm_shared *)(void *)section(0, PM_SECTION_SHARED))->busy = PM_BUSY;
}

static inline void check_with(const struct pm_check_options *options, size_t regions)
{
	assert_int_equal(pm_check(history.mappings, regions, options, &model_memory, &check), PM_OK);
}

static inline int make(void **state)
{
	(void)state;
	history_make(&history);
	return 0;
}

static inline int reset(void **state)
{
	(void)state;
	history_reset(&history);
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	history_end(&history);
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of two regions with some history, the acts that the crash tests stop in the middle of, and what must be true
 * of whatever attaches then.
 */
#ifndef PMPOOL_TESTS_WORLD_H
#define PMPOOL_TESTS_WORLD_H

#include "model.h"
#include "replay.h"

#define WORLD_MIB (UINT64_C(1) << 20)
#define WORLD_FIRST_BYTES (32 * WORLD_MIB) /* 16 blocks */
#define WORLD_SECOND_BYTES (3 * WORLD_MIB - 5 * 4096)
#define WORLD_BYTES (WORLD_FIRST_BYTES + WORLD_SECOND_BYTES)

struct act;

struct world {
	uint8_t *memory; /* both regions, one behind the other */
	uint8_t *history; /* the same before any act */
	uint8_t *start; /* before the act, prepared for it */
	bool flush; /* persistent memory */
	struct pm_mapping mappings[2];
	struct pm_pool pool; /* while attached */
	uint64_t log_before, log_slots;
	struct model_view before, after, now;
	const struct act *act;
	struct trace prepared, recorded; /* what preparing for the act did, and the act */
	struct trace looked; /* what looking at the pool did */
	struct replay replay; /* from `start` */
};

struct act {
	const char *name;
	void (*prepare)(struct world *world); /* more history, may be NULL */
	void (*run)(struct world *world, const struct act *act); /* on the attached pool, between begin and end */
	uint64_t page, pages; /* for `run` */
	uint32_t order;
	const char *label;
	bool extends; /* the second region joins: it is not there before */
	bool appends; /* to the log */
};

extern const struct act acts[];
extern const size_t act_count;

/* Allocate at exactly this pool page of the first region; free. */
uint64_t world_alloc(struct world *world, uint64_t from, uint64_t pages, uint32_t order, const char *name);
void world_free(struct world *world, uint64_t page);

/* Make the second region part of the pool. */
void world_join(struct world *world);

/* The history; `joined`: the second region is part of the pool. */
void world_begin(struct world *world, bool flush, bool joined);
/* Prepare for this act, and record it from begin to end, with its mark. Sets `before`, `after` and `recorded`; memory
 * then is as before it, and the replay begins there. */
void world_act(struct world *world, const struct act *act, replay_check check, void *context);
/* After the replay: forget the act. */
void world_act_end(struct world *world);
void world_end(struct world *world);

/* Attach what is in memory, with the second region when it is formatted for this pool. */
enum pm_code world_attach(struct world *world, struct pm_pool *pool);
/* What attaches is the pool before the act or after it (after, when acknowledged), whole; and the log is there. NULL,
 * or what is wrong. */
const char *world_check(struct world *world, bool acknowledged);
/* Another attach finds nothing to do. NULL, or what is wrong. */
const char *world_check_clean(struct world *world);

/* The recovery from the image in memory, recorded, and stopped in its turn. NULL, or what is wrong. */
const char *world_recovery_check(struct replay *replay, struct world *world, enum replay_mode mode);

/* Each act in turn, looked at by `each` after world_act; in worlds as its acts want them. */
void world_each_act(bool flush, replay_check check, void (*each)(struct world *world, void *context), void *context);

#endif

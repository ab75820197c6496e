/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images of memory that a crash may leave, made from a trace.
 *
 * REPLAY_PROGRAM: all stores up to some point, in program order: what a kexec or a dead process leaves.
 * REPLAY_ORDERS: what a power loss leaves on persistent memory. What was flushed before the last fence is there. A line
 * of 64 bytes that was stored to since (or flushed, but not fenced) may hold any prefix of its stores, in program order,
 * independently of all other lines: caches write lines back whole, and whenever they like.
 *
 * Between two fences the set of images only grows, so looking at all of them right before each fence, at the mark and
 * at the end looks at all images of all points. When they are more than exhaustive_max (REPLAY_EXHAUSTIVE) at one point, it takes each
 * line at each of its prefixes while all others are at their first, and while all others are at their last, and a
 * number of random ones. An image that was seen in this replay is not looked at twice.
 */
#ifndef PMPOOL_TESTS_REPLAY_H
#define PMPOOL_TESTS_REPLAY_H

#include "trace.h"

#define REPLAY_EXHAUSTIVE 4096u

enum replay_mode { REPLAY_PROGRAM, REPLAY_ORDERS };
#define REPLAY_SKIP_NONE SIZE_MAX
#define REPLAY_DEPTH 2u

struct replay;
/* Look at the memory, which holds one image and may be changed through core. NULL, or what is wrong. */
typedef const char *(*replay_check)(struct replay *replay, void *context, bool acknowledged);

struct replay {
	uint8_t *memory; /* where the check looks */
	uint8_t *image; /* the same, before the check changed it */
	uint64_t bytes;
	replay_check check;
	void *context;
	unsigned depth; /* of replay_run in itself */
	size_t *at[REPLAY_DEPTH]; /* for replay_run: of each line of memory */
	uint64_t hash; /* of the image */
	uint64_t *seen; /* hashes; 0: empty */
	size_t seen_count, seen_capacity;
	uint64_t failed[256]; /* hashes of images that were wrong: seen, but not good */
	size_t failed_count;
	uint64_t random;
	uint64_t exhaustive_max, random_images; /* of a point; of one that is sampled */
	struct trace touched; /* what the check changed */
	uint64_t points, exhaustive, sampled, images;
};

/* Images are changes of `start`; the check looks at them in `memory`. */
void replay_begin(struct replay *replay, const void *start, void *memory, uint64_t bytes, replay_check check,
		  void *context);
/* Begin once more from the same start, or one that the caller has put into image and memory. */
void replay_again(struct replay *replay, replay_check check, void *context);
/* Look at all images of a trace that began at the image that there is now. Of its flushes and fences the one with number
 * `skip` is left out, as if core had forgotten it. Memory and image are as before when it returns. A check may call it once more. */
const char *replay_run(struct replay *replay, const struct trace *trace, enum replay_mode mode, size_t skip);
/* Inside a check: take back what was done to the memory. */
void replay_restore(struct replay *replay, const struct trace *done);
void replay_end(struct replay *replay);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_IMAGES 256u
#define COMPARE_EVERY 4096u /* images: did the check change memory behind our back */

/* A line that was stored to since it was last certain. */
struct line {
	uint64_t offset;
	uint8_t before[TRACE_LINE]; /* when the replay met it first */
	uint8_t (*contents)[TRACE_LINE]; /* [0]: what certainly is there; then after each store that changed it */
	size_t count, capacity;
	size_t flushed; /* index of what stood there at the last flush */
	size_t now; /* index of what the image has */
};

struct orders {
	struct replay *replay;
	struct line *lines; /* all that were ever stored to */
	size_t count, capacity;
	size_t *at; /* of each line of memory: its index in lines + 1 */
	bool acknowledged;
};

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint64_t random_below(struct replay *replay, uint64_t limit)
{
	return mix(replay->random += UINT64_C(0x9e3779b97f4a7c15)) % limit;
}

static uint64_t line_hash(uint64_t offset, const uint8_t *content)
{
	uint64_t hash = mix(offset + 1), word;

	for (unsigned i = 0; i < TRACE_LINE; i += 8) {
		memcpy(&word, content + i, 8);
		hash = mix(hash ^ word) + i;
	}
	return hash;
}

/* --- images --- */

static void image_set(struct replay *replay, uint64_t offset, const uint8_t *content)
{
	replay->hash ^= line_hash(offset, replay->image + offset) ^ line_hash(offset, content);
	memcpy(replay->image + offset, content, TRACE_LINE);
	memcpy(replay->memory + offset, content, TRACE_LINE);
}

/* True when it is new. */
static bool seen_add(uint64_t *seen, size_t capacity, uint64_t hash)
{
	size_t at = hash % capacity;

	while (seen[at] && seen[at] != hash)
		at = at + 1 == capacity ? 0 : at + 1;
	if (seen[at] == hash)
		return false;
	seen[at] = hash;
	return true;
}

static uint64_t image_hash(const struct replay *replay, bool acknowledged)
{
	return mix(replay->hash + 2 * replay->depth + acknowledged) | 1;
}

static const char *failed_before(const struct replay *replay, bool acknowledged)
{
	for (size_t i = 0; i < replay->failed_count; i++)
		if (replay->failed[i] == image_hash(replay, acknowledged))
			return "as said of the same image before";
	return NULL;
}

static bool is_new(struct replay *replay, bool acknowledged)
{
	uint64_t hash = image_hash(replay, acknowledged);

	if (2 * replay->seen_count >= replay->seen_capacity) {
		size_t capacity = replay->seen_capacity ? 2 * replay->seen_capacity : 1024;
		uint64_t *seen = calloc(capacity, sizeof(*seen));

		for (size_t i = 0; i < replay->seen_capacity; i++)
			if (replay->seen[i])
				seen_add(seen, capacity, replay->seen[i]);
		free(replay->seen);
		replay->seen = seen;
		replay->seen_capacity = capacity;
	}
	if (!seen_add(replay->seen, replay->seen_capacity, hash))
		return false;
	replay->seen_count++;
	return true;
}

static const char *image_check(struct replay *replay, bool acknowledged)
{
	const char *wrong;

	if (!is_new(replay, acknowledged))
		return failed_before(replay, acknowledged);
	replay->images++;
	wrong = replay->check(replay, replay->context, acknowledged);
	if (!wrong && replay->images % COMPARE_EVERY == 0 && memcmp(replay->memory, replay->image, replay->bytes) != 0)
		wrong = "core stored something that did not go through persist.h";
	if (wrong && replay->failed_count < sizeof(replay->failed) / sizeof(replay->failed[0]))
		replay->failed[replay->failed_count++] = image_hash(replay, acknowledged);
	return wrong;
}

void replay_restore(struct replay *replay, const struct trace *done)
{
	trace_lines_copy(done, replay->memory, replay->image);
}

/* --- lines --- */

static struct line *line_at(struct orders *orders, uint64_t offset)
{
	size_t *at = &orders->at[offset / TRACE_LINE];

	if (!*at) {
		struct line *line;

		if (orders->count == orders->capacity) {
			orders->capacity = orders->capacity ? 2 * orders->capacity : 64;
			orders->lines = realloc(orders->lines, orders->capacity * sizeof(*orders->lines));
		}
		line = &orders->lines[orders->count++];
		memset(line, 0, sizeof(*line));
		line->offset = offset / TRACE_LINE * TRACE_LINE;
		line->capacity = 8;
		line->contents = malloc(line->capacity * TRACE_LINE);
		memcpy(line->contents[0], orders->replay->image + line->offset, TRACE_LINE);
		memcpy(line->before, line->contents[0], TRACE_LINE);
		line->count = 1;
		*at = orders->count;
	}
	return &orders->lines[*at - 1];
}

static void line_store(struct line *line, const struct trace_event *event)
{
	uint8_t content[TRACE_LINE];

	memcpy(content, line->contents[line->count - 1], TRACE_LINE);
	memcpy(content + event->offset % TRACE_LINE, &event->value, event->bytes);
	if (memcmp(content, line->contents[line->count - 1], TRACE_LINE) == 0)
		return;
	if (line->count == line->capacity) {
		line->capacity *= 2;
		line->contents = realloc(line->contents, line->capacity * TRACE_LINE);
	}
	memcpy(line->contents[line->count++], content, TRACE_LINE);
}

static void line_choose(struct orders *orders, struct line *line, size_t choice)
{
	if (line->now != choice)
		image_set(orders->replay, line->offset, line->contents[choice]);
	line->now = choice;
}

/* What was flushed is certain. */
static void line_fence(struct orders *orders, struct line *line)
{
	line_choose(orders, line, line->flushed);
	memmove(line->contents, line->contents[line->flushed], (line->count - line->flushed) * TRACE_LINE);
	line->count -= line->flushed;
	line->flushed = line->now = 0;
}

/* --- choosing --- */

static uint64_t product(const struct orders *orders)
{
	uint64_t product = 1;

	for (size_t i = 0; i < orders->count && product <= orders->replay->exhaustive_max; i++)
		product *= orders->lines[i].count;
	return product;
}

static const char *all_images(struct orders *orders)
{
	for (;;) {
		const char *wrong = image_check(orders->replay, orders->acknowledged);
		size_t i = 0;

		if (wrong)
			return wrong;
		while (i < orders->count && orders->lines[i].now + 1 == orders->lines[i].count)
			line_choose(orders, &orders->lines[i++], 0);
		if (i == orders->count)
			return NULL;
		line_choose(orders, &orders->lines[i], orders->lines[i].now + 1);
	}
}

static void choose_all(struct orders *orders, bool last)
{
	for (size_t i = 0; i < orders->count; i++)
		line_choose(orders, &orders->lines[i], last ? orders->lines[i].count - 1 : 0);
}

static const char *extreme_images(struct orders *orders, bool last)
{
	const char *wrong = NULL;

	choose_all(orders, last);
	wrong = image_check(orders->replay, orders->acknowledged);
	for (size_t i = 0; !wrong && i < orders->count; i++) {
		size_t rest = orders->lines[i].now;

		for (size_t choice = 0; !wrong && choice < orders->lines[i].count; choice++) {
			line_choose(orders, &orders->lines[i], choice);
			wrong = image_check(orders->replay, orders->acknowledged);
		}
		line_choose(orders, &orders->lines[i], rest);
	}
	return wrong;
}

static const char *random_images(struct orders *orders)
{
	const char *wrong = NULL;

	for (uint64_t n = 0; !wrong && n < orders->replay->random_images; n++) {
		uint64_t odds = 1 + random_below(orders->replay, 7); /* of 8: a line is at one of its ends */

		for (size_t i = 0; i < orders->count; i++) {
			size_t count = orders->lines[i].count;
			bool end = random_below(orders->replay, 8) < odds;

			line_choose(orders, &orders->lines[i],
				    !end			      ? random_below(orders->replay, count)
				    : random_below(orders->replay, 2) ? count - 1
								      : 0);
		}
		wrong = image_check(orders->replay, orders->acknowledged);
	}
	return wrong;
}

static const char *point_check(struct orders *orders)
{
	const char *wrong;

	orders->replay->points++;
	if (product(orders) <= orders->replay->exhaustive_max) {
		orders->replay->exhaustive++;
		wrong = all_images(orders);
	} else {
		orders->replay->sampled++;
		wrong = extreme_images(orders, false);
		if (!wrong)
			wrong = extreme_images(orders, true);
		if (!wrong)
			wrong = random_images(orders);
	}
	choose_all(orders, false);
	return wrong;
}

static const char *orders_run(struct orders *orders, const struct trace *trace, size_t skip)
{
	const char *wrong = NULL;
	size_t orders_seen = 0;

	for (size_t i = 0; !wrong && i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if ((event->kind == TRACE_FLUSH || event->kind == TRACE_FENCE) && orders_seen++ == skip)
			continue;
		switch (event->kind) {
		case TRACE_STORE:
			line_store(line_at(orders, event->offset), event);
			break;
		case TRACE_FLUSH:
			if (orders->at[event->offset / TRACE_LINE]) {
				struct line *line = line_at(orders, event->offset);

				line->flushed = line->count - 1;
			}
			break;
		case TRACE_FENCE:
			wrong = point_check(orders);
			for (size_t n = 0; n < orders->count; n++)
				line_fence(orders, &orders->lines[n]);
			break;
		case TRACE_MARK:
			orders->acknowledged = true;
			wrong = point_check(orders);
			break;
		}
	}
	return wrong ? wrong : point_check(orders);
}

static const char *program_run(struct orders *orders, const struct trace *trace)
{
	const char *wrong = image_check(orders->replay, false);

	for (size_t i = 0; !wrong && i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];

		if (event->kind == TRACE_MARK)
			orders->acknowledged = true;
		if (event->kind == TRACE_STORE) {
			struct line *line = line_at(orders, event->offset);

			line_store(line, event);
			line_choose(orders, line, line->count - 1);
		}
		if (event->kind == TRACE_MARK || event->kind == TRACE_STORE) {
			orders->replay->points++;
			orders->replay->exhaustive++;
			wrong = image_check(orders->replay, orders->acknowledged);
		}
	}
	return wrong;
}

/* --- whole replays --- */

void replay_begin(struct replay *replay, const void *start, void *memory, uint64_t bytes, replay_check check,
		  void *context)
{
	memset(replay, 0, sizeof(*replay));
	replay->memory = memory;
	replay->image = malloc(bytes);
	replay->bytes = bytes;
	replay->check = check;
	replay->context = context;
	replay->exhaustive_max = REPLAY_EXHAUSTIVE;
	replay->random_images = RANDOM_IMAGES;
	memcpy(replay->image, start, bytes);
	memcpy(replay->memory, start, bytes);
}

void replay_again(struct replay *replay, replay_check check, void *context)
{
	free(replay->seen);
	replay->seen = NULL;
	replay->seen_count = replay->seen_capacity = replay->failed_count = 0;
	replay->points = replay->exhaustive = replay->sampled = replay->images = 0;
	replay->exhaustive_max = REPLAY_EXHAUSTIVE;
	replay->random_images = RANDOM_IMAGES;
	replay->check = check;
	replay->context = context;
}

const char *replay_run(struct replay *replay, const struct trace *trace, enum replay_mode mode, size_t skip)
{
	struct orders orders = {.replay = replay};
	const char *wrong;

	if (!replay->at[replay->depth])
		replay->at[replay->depth] = calloc(replay->bytes / TRACE_LINE, sizeof(size_t));
	orders.at = replay->at[replay->depth++];
	wrong = mode == REPLAY_ORDERS ? orders_run(&orders, trace, skip) : program_run(&orders, trace);
	replay->depth--;
	for (size_t i = 0; i < orders.count; i++) {
		image_set(replay, orders.lines[i].offset, orders.lines[i].before);
		orders.at[orders.lines[i].offset / TRACE_LINE] = 0;
		free(orders.lines[i].contents);
	}
	free(orders.lines);
	return wrong;
}

void replay_end(struct replay *replay)
{
	for (unsigned i = 0; i < REPLAY_DEPTH; i++)
		free(replay->at[i]);
	free(replay->image);
	free(replay->seen);
	trace_end(&replay->touched);
}

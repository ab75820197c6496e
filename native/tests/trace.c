/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"
#include "core/persist.h"
#include <stdlib.h>
#include <string.h>

static struct trace *recording;

static struct trace_event *event_add(enum trace_kind kind)
{
	if (recording->count == recording->capacity) {
		recording->capacity = recording->capacity ? 2 * recording->capacity : 256;
		recording->events = realloc(recording->events, recording->capacity * sizeof(*recording->events));
		if (!recording->events)
			abort();
	}
	recording->events[recording->count] = (struct trace_event){.kind = kind};
	return &recording->events[recording->count++];
}

static bool inside(const void *at, size_t bytes)
{
	const uint8_t *from = at;

	return from >= recording->base && from + bytes <= recording->base + recording->bytes;
}

static void on_store(const void *at, size_t bytes)
{
	uint64_t offset = (uint64_t)((const uint8_t *)at - recording->base);

	if (!inside(at, bytes))
		return;
	while (bytes) {
		size_t part = 8 - offset % 8 < bytes ? 8 - offset % 8 : bytes;
		struct trace_event *event = event_add(TRACE_STORE);

		event->offset = offset;
		event->bytes = (uint32_t)part;
		memcpy(&event->value, recording->base + offset, part);
		offset += part;
		bytes -= part;
	}
}

static void on_flush(const void *at, size_t bytes)
{
	uint64_t offset = (uint64_t)((const uint8_t *)at - recording->base);

	if (!inside(at, bytes))
		return;
	for (uint64_t line = offset / TRACE_LINE * TRACE_LINE; line < offset + bytes; line += TRACE_LINE)
		event_add(TRACE_FLUSH)->offset = line;
}

static void on_fence(void)
{
	event_add(TRACE_FENCE);
}

void trace_start(struct trace *trace, const void *base, uint64_t bytes)
{
	trace->base = base;
	trace->bytes = bytes;
	trace->count = 0;
	recording = trace;
	pm_store_hook = on_store;
	pm_flush_hook = on_flush;
	pm_fence_hook = on_fence;
}

void trace_mark(void)
{
	if (recording)
		event_add(TRACE_MARK);
}

void trace_stop(void)
{
	pm_store_hook = NULL;
	pm_flush_hook = NULL;
	pm_fence_hook = NULL;
	recording = NULL;
}

void trace_lines_copy(const struct trace *trace, uint8_t *to, const uint8_t *from)
{
	uint64_t last = UINT64_MAX;

	for (size_t i = 0; i < trace->count; i++) {
		uint64_t line = trace->events[i].offset / TRACE_LINE * TRACE_LINE;

		if (trace->events[i].kind == TRACE_STORE && line != last)
			memcpy(to + line, from + line, TRACE_LINE);
		if (trace->events[i].kind == TRACE_STORE)
			last = line;
	}
}

size_t trace_count(const struct trace *trace, enum trace_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < trace->count; i++)
		count += trace->events[i].kind == kind;
	return count;
}

void trace_end(struct trace *trace)
{
	free(trace->events);
	memset(trace, 0, sizeof(*trace));
}

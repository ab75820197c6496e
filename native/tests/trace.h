/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What core does to a piece of memory: each store, flush and fence, in program order. */
#ifndef PMPOOL_TESTS_TRACE_H
#define PMPOOL_TESTS_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_LINE 64u /* bytes of a cache line: what a machine writes back in one go */

enum trace_kind {
	TRACE_STORE,
	TRACE_FLUSH, /* of the line at `offset` */
	TRACE_FENCE,
	TRACE_MARK, /* from here on the act counts as acknowledged */
};

struct trace_event {
	enum trace_kind kind;
	uint32_t bytes; /* of a store: at most 8, inside 8 aligned bytes */
	uint64_t offset; /* from the start of the memory */
	uint64_t value;
};

struct trace {
	const uint8_t *base;
	uint64_t bytes;
	struct trace_event *events;
	size_t count, capacity;
};

/* Record what is done to the memory by this thread until trace_stop; earlier events are forgotten. One at a time. */
void trace_start(struct trace *trace, const void *base, uint64_t bytes);
void trace_mark(void); /* on the trace that is being recorded, if any */
void trace_stop(void);
/* Copy each line that was stored to. */
void trace_lines_copy(const struct trace *trace, uint8_t *to, const uint8_t *from);
size_t trace_count(const struct trace *trace, enum trace_kind kind);
void trace_end(struct trace *trace);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where another form of a snapshot goes: a file that keeps zeros as holes, or a pipe that gets them written out. */
#ifndef PMPOOL_EXPORT_SINK_H
#define PMPOOL_EXPORT_SINK_H

#include "pmpool/error.h"
#include "pmpool/task.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pm_sink {
	int fd;
	bool sparse; /* a regular file, empty and from its start */
	uint64_t at; /* bytes so far, holes included */
	struct pm_task *task; /* a pipe may have to take many zeros: it can be cancelled there. May be NULL */
};

void pm_sink_open(struct pm_sink *sink, int fd, struct pm_task *task);
/* offset ascends from call to call; what lies between is zeros. */
enum pm_code pm_sink_put(struct pm_sink *sink, uint64_t offset, const void *data, size_t bytes, struct pm_error *err);
/* The whole has `bytes` bytes. */
enum pm_code pm_sink_end(struct pm_sink *sink, uint64_t bytes, struct pm_error *err);

#endif

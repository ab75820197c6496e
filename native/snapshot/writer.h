/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a container in one pass to a file descriptor. */
#ifndef PMPOOL_WRITER_H
#define PMPOOL_WRITER_H

#include "container.h"
#include <stdbool.h>
#include "pmpool/error.h"

struct pm_writer {
	int fd; /* the caller's */
	uint64_t bytes; /* written so far */
	void *zstd; /* ZSTD_CCtx */
	uint8_t *packed;
	size_t packed_capacity;
};

/* Writes the file header. pm_writer_close is due after any result. */
enum pm_code pm_writer_open(struct pm_writer *writer, int fd, struct pm_error *err);
void pm_writer_close(struct pm_writer *writer);

/* One chunk of at most PM_CHUNK_BYTES. `pack`: compress it when that makes it smaller. */
enum pm_code pm_writer_chunk(struct pm_writer *writer, uint32_t type, const void *data, size_t bytes, bool pack,
			     struct pm_error *err);

#endif

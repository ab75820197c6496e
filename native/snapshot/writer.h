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

/* A ZSTD_CCtx, to be freed as such; NULL without memory. */
void *pm_packer_new(bool fast);

/* A chunk that another thread has made ready: all but its place in the file. */
struct pm_ready {
	struct pm_chunk head; /* but for `crc` */
	const void *data; /* head.stored bytes */
};
/* As it is; or in `packed`, which has ZSTD_compressBound(bytes), when that makes it smaller. zstd: of pm_packer_new, NULL: as it is. */
void pm_ready_make(struct pm_ready *ready, uint32_t type, const void *data, size_t bytes, void *zstd, uint8_t *packed);
enum pm_code pm_writer_put(struct pm_writer *writer, struct pm_ready *chunks, size_t count, struct pm_error *err);

/* Checksum of a chunk header at its place. */
uint32_t pm_chunk_crc(const struct pm_chunk *chunk, uint64_t offset);

#endif

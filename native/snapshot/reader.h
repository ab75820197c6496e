/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a container chunk by chunk; what it reads is hostile. Knows checksums and bounds, not what chunks mean. */
#ifndef PMPOOL_READER_H
#define PMPOOL_READER_H

#include "container.h"
#include "pmpool/error.h"
#include <stdbool.h>

struct pm_reader {
	int fd; /* the caller's */
	uint64_t offset; /* of the next unread byte */
	uint64_t chunk_offset; /* where the current chunk's header stands */
	struct pm_chunk chunk; /* the current one, checked */
	const uint8_t *data; /* its plain payload, chunk.plain bytes */
	void *zstd; /* ZSTD_DCtx, when something was compressed */
	uint8_t *stored, *plain; /* as large as a chunk needed */
	size_t stored_capacity, plain_capacity;
};

/* Reads the file header: FILE_FOREIGN, FILE_CORRUPT, FILE_TRUNCATED. pm_reader_close is due after any result. */
enum pm_code pm_reader_open(struct pm_reader *reader, int fd, struct pm_error *err);
void pm_reader_close(struct pm_reader *reader);
/* The next chunk: FILE_TRUNCATED when the file ends before it does, FILE_CORRUPT on any wrong sum or length. */
enum pm_code pm_reader_next(struct pm_reader *reader, struct pm_error *err);
/* FILE_CORRUPT when something follows. */
enum pm_code pm_reader_end(struct pm_reader *reader, struct pm_error *err);

/* Check a file header, or a chunk header, by itself. */
enum pm_code pm_file_header_check(const struct pm_file_header *header, struct pm_error *err);
enum pm_code pm_chunk_check(const struct pm_chunk *chunk, uint64_t offset, struct pm_error *err);

#endif

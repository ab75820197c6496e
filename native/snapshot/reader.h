/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a container chunk by chunk; what it reads is hostile. Knows checksums and bounds, not what chunks mean. */
#ifndef PMPOOL_READER_H
#define PMPOOL_READER_H

#include "container.h"
#include "pmpool/error.h"
#include <stdbool.h>

/* Memory that grows to what a chunk needs. */
struct pm_grow {
	uint8_t *bytes; /* NULL: none was needed */
	size_t capacity;
};
/* At least so many bytes; what was in it is lost when it grows. OUT_OF_MEMORY. free(room->bytes) is due. */
enum pm_code pm_grow_take(struct pm_grow *room, size_t bytes, struct pm_error *err);

struct pm_reader {
	int fd; /* the caller's */
	bool anywhere; /* read at `offset`, which may be set at will, and leave the file's own position alone */
	uint64_t offset; /* of the next unread byte */
	uint64_t chunk_offset; /* where the current chunk's header stands */
	struct pm_chunk chunk; /* the current one, checked */
	const uint8_t *data; /* its plain payload, chunk.plain bytes */
	void *zstd; /* ZSTD_DCtx, when something was compressed */
	struct pm_grow stored, plain;
};

/* Reads the file header: FILE_FOREIGN, FILE_CORRUPT, FILE_TRUNCATED. pm_reader_close is due after any result. */
enum pm_code pm_reader_open(struct pm_reader *reader, int fd, bool anywhere, struct pm_error *err);
void pm_reader_close(struct pm_reader *reader);
/* The next chunk: FILE_TRUNCATED when the file ends before it does, FILE_CORRUPT on any wrong sum or length. */
enum pm_code pm_reader_next(struct pm_reader *reader, struct pm_error *err);
/* The same in two steps: its header, then all else. */
enum pm_code pm_reader_head(struct pm_reader *reader, struct pm_error *err);
enum pm_code pm_reader_body(struct pm_reader *reader, struct pm_error *err);
/* Or, instead of the second: its stored bytes into memory of the caller, for pm_payload_check and pm_payload_unpack. */
enum pm_code pm_reader_stored(struct pm_reader *reader, uint8_t *to, struct pm_error *err);
/* FILE_CORRUPT when something follows. */
enum pm_code pm_reader_end(struct pm_reader *reader, struct pm_error *err);

/* Check a file header, or a chunk header at its place, by itself. */
enum pm_code pm_file_header_check(const struct pm_file_header *header, struct pm_error *err);
enum pm_code pm_chunk_check(const struct pm_chunk *chunk, uint64_t offset, struct pm_error *err);
/* Of a chunk whose header stands at `offset`: its sum; what its stored bytes stand for, chunk->plain bytes long.
 * *zstd: a ZSTD_DCtx of the caller, made when it is needed. */
enum pm_code pm_payload_check(const struct pm_chunk *chunk, uint64_t offset, const uint8_t *stored,
			      struct pm_error *err);
enum pm_code pm_payload_unpack(const struct pm_chunk *chunk, uint64_t offset, const uint8_t *stored, void **zstd,
			       uint8_t *plain, struct pm_error *err);

/* "The chunk at byte N WHAT." */
enum pm_code pm_chunk_corrupt(uint64_t offset, const char *what, struct pm_error *err);

/* Reads at a place of the file until `bytes` or its end; *got says how far. */
enum pm_code pm_file_read_at(int fd, uint64_t offset, void *data, size_t bytes, size_t *got, struct pm_error *err);

#endif

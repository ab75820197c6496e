// SPDX-License-Identifier: GPL-2.0-or-later
#include "reader.h"
#include "pmpool/core.h"
#include "writer.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

static enum pm_code failed(uint64_t offset, struct pm_error *err)
{
	return pm_fail(err, PM_E_IO_FAILED, "Reading stopped at byte %llu: %s.", (unsigned long long)offset,
		       strerror(errno));
}

enum pm_code pm_file_read_at(int fd, uint64_t offset, void *data, size_t bytes, size_t *got, struct pm_error *err)
{
	*got = 0;
	while (*got < bytes) {
		ssize_t done = pread(fd, (uint8_t *)data + *got, bytes - *got, (off_t)(offset + *got));

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return failed(offset + *got, err);
		if (done == 0)
			break;
		*got += (size_t)done;
	}
	return PM_OK;
}

/* Reads until `bytes` or the end of the file; *got says how far. */
static enum pm_code get(struct pm_reader *reader, void *data, size_t bytes, size_t *got, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	*got = 0;
	if (reader->anywhere)
		code = pm_file_read_at(reader->fd, reader->offset, data, bytes, got, err);
	while (!reader->anywhere && *got < bytes) {
		ssize_t done = read(reader->fd, (uint8_t *)data + *got, bytes - *got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return failed(reader->offset + *got, err);
		if (done == 0)
			break;
		*got += (size_t)done;
	}
	reader->offset += *got;
	return code;
}

static enum pm_code truncated(const struct pm_reader *reader, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends at byte %llu, before its trailer.",
		       (unsigned long long)reader->offset);
}

enum pm_code pm_file_header_check(const struct pm_file_header *header, struct pm_error *err)
{
	if (memcmp(header->magic, PM_FILE_MAGIC, sizeof(header->magic)) != 0)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file does not start like a snapshot or an expectation.");
	if (header->crc != pm_crc32c(0, header, offsetof(struct pm_file_header, crc)))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The checksum of the file's header does not match.");
	if (header->version < PM_FILE_VERSION)
		return pm_fail(err, PM_E_FILE_FOREIGN,
			       "The file has format %u, from before the first release of pmpool; here it is %u.",
			       header->version, PM_FILE_VERSION);
	if (header->version != PM_FILE_VERSION || header->bytes != sizeof(*header) || header->incompat)
		return pm_fail(err, PM_E_FILE_FOREIGN,
			       "The file has format %u with features %#llx, newer than known here.", header->version,
			       (unsigned long long)header->incompat);
	return PM_OK;
}

enum pm_code pm_reader_open(struct pm_reader *reader, int fd, bool anywhere, struct pm_error *err)
{
	struct pm_file_header header;
	enum pm_code code;
	size_t got;

	*reader = (struct pm_reader){.fd = fd, .anywhere = anywhere};
	code = get(reader, &header, sizeof(header), &got, err);
	if (code)
		return code;
	if (got < sizeof(header)) {
		size_t start = got < sizeof(header.magic) ? got : sizeof(header.magic);

		if (memcmp(header.magic, PM_FILE_MAGIC, start) == 0)
			return truncated(reader, err);
		return pm_fail(err, PM_E_FILE_FOREIGN, "The file does not start like a snapshot or an expectation.");
	}
	return pm_file_header_check(&header, err);
}

void pm_reader_close(struct pm_reader *reader)
{
	ZSTD_freeDCtx(reader->zstd);
	free(reader->stored.bytes);
	free(reader->plain.bytes);
	*reader = (struct pm_reader){.fd = -1};
}

enum pm_code pm_grow_take(struct pm_grow *room, size_t bytes, struct pm_error *err)
{
	if (room->bytes && bytes <= room->capacity)
		return PM_OK;
	free(room->bytes);
	room->bytes = malloc(bytes ? bytes : 1);
	room->capacity = room->bytes ? bytes : 0;
	return room->bytes ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to read the file with.");
}

enum pm_code pm_chunk_check(const struct pm_chunk *chunk, uint64_t offset, struct pm_error *err)
{
	if (chunk->crc != pm_chunk_crc(chunk, offset))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The checksum of the chunk header at byte %llu does not match.",
			       (unsigned long long)offset);
	if (chunk->flags & ~(uint32_t)PM_CHUNK_ZSTD)
		return pm_fail(err, PM_E_FILE_FOREIGN, "The chunk at byte %llu has flags %#x, unknown here.",
			       (unsigned long long)offset, chunk->flags);
	if (chunk->stored > PM_CHUNK_BYTES || chunk->plain > PM_CHUNK_BYTES ||
	    (!(chunk->flags & PM_CHUNK_ZSTD) && chunk->stored != chunk->plain))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The chunk at byte %llu has an impossible length.",
			       (unsigned long long)offset);
	return PM_OK;
}

enum pm_code pm_chunk_corrupt(uint64_t offset, const char *what, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_CORRUPT, "The chunk at byte %llu %s.", (unsigned long long)offset, what);
}

enum pm_code pm_payload_check(const struct pm_chunk *chunk, uint64_t offset, const uint8_t *stored,
			      struct pm_error *err)
{
	if (chunk->payload_crc != pm_crc32c(0, stored, (size_t)chunk->stored))
		return pm_fail(err, PM_E_FILE_CORRUPT, "The checksum of the chunk at byte %llu does not match.",
			       (unsigned long long)offset);
	return PM_OK;
}

enum pm_code pm_payload_unpack(const struct pm_chunk *chunk, uint64_t offset, const uint8_t *stored, void **zstd,
			       uint8_t *plain, struct pm_error *err)
{
	size_t got;

	if (!*zstd)
		*zstd = ZSTD_createDCtx();
	if (!*zstd)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to unpack with.");
	got = ZSTD_decompressDCtx(*zstd, plain, (size_t)chunk->plain, stored, (size_t)chunk->stored);
	if (ZSTD_isError(got) || got != chunk->plain)
		return pm_chunk_corrupt(offset, "does not unpack to its length", err);
	return PM_OK;
}

enum pm_code pm_reader_head(struct pm_reader *reader, struct pm_error *err)
{
	enum pm_code code;
	size_t got;

	reader->chunk_offset = reader->offset;
	code = get(reader, &reader->chunk, sizeof(reader->chunk), &got, err);
	if (code)
		return code;
	if (got < sizeof(reader->chunk))
		return truncated(reader, err);
	return pm_chunk_check(&reader->chunk, reader->chunk_offset, err);
}

enum pm_code pm_reader_stored(struct pm_reader *reader, uint8_t *to, struct pm_error *err)
{
	size_t got;
	enum pm_code code = get(reader, to, (size_t)reader->chunk.stored, &got, err);

	return !code && got < reader->chunk.stored ? truncated(reader, err) : code;
}

enum pm_code pm_reader_body(struct pm_reader *reader, struct pm_error *err)
{
	struct pm_chunk *chunk = &reader->chunk;
	enum pm_code code = pm_grow_take(&reader->stored, (size_t)chunk->stored, err);

	if (!code)
		code = pm_reader_stored(reader, reader->stored.bytes, err);
	if (!code)
		code = pm_payload_check(chunk, reader->chunk_offset, reader->stored.bytes, err);
	if (code)
		return code;
	reader->data = reader->stored.bytes;
	if (!(chunk->flags & PM_CHUNK_ZSTD))
		return PM_OK;
	code = pm_grow_take(&reader->plain, (size_t)chunk->plain, err);
	reader->data = reader->plain.bytes;
	return code ? code
		    : pm_payload_unpack(chunk, reader->chunk_offset, reader->stored.bytes, &reader->zstd,
					reader->plain.bytes, err);
}

enum pm_code pm_reader_next(struct pm_reader *reader, struct pm_error *err)
{
	enum pm_code code = pm_reader_head(reader, err);

	return code ? code : pm_reader_body(reader, err);
}

enum pm_code pm_reader_end(struct pm_reader *reader, struct pm_error *err)
{
	uint64_t end = reader->offset;
	uint8_t extra;
	size_t got;
	enum pm_code code = get(reader, &extra, 1, &got, err);

	if (!code && got)
		return pm_fail(err, PM_E_FILE_CORRUPT, "Something follows the trailer at byte %llu.",
			       (unsigned long long)end);
	return code;
}

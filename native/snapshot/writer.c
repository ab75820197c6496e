// SPDX-License-Identifier: GPL-2.0-or-later
#include "writer.h"
#include "pmpool/core.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

/* Level 1 keeps up with a disk; snapshots of a lab are read once, if at all. */
#define ZSTD_LEVEL 1

static enum pm_code put(struct pm_writer *writer, const void *data, size_t bytes, struct pm_error *err)
{
	const uint8_t *at = data;

	while (bytes) {
		ssize_t done = write(writer->fd, at, bytes);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && (errno == ENOSPC || errno == EDQUOT))
			return pm_fail(err, PM_E_DISK_FULL, "Writing stopped after %llu bytes: %s.",
				       (unsigned long long)writer->bytes, strerror(errno));
		if (done <= 0)
			return pm_fail(err, PM_E_IO_FAILED, "Writing stopped after %llu bytes: %s.",
				       (unsigned long long)writer->bytes, strerror(errno));
		at += done;
		bytes -= (size_t)done;
		writer->bytes += (uint64_t)done;
	}
	return PM_OK;
}

enum pm_code pm_writer_open(struct pm_writer *writer, int fd, struct pm_error *err)
{
	struct pm_file_header header = {.version = PM_FILE_VERSION, .bytes = sizeof(header)};

	*writer = (struct pm_writer){.fd = fd, .packed_capacity = ZSTD_compressBound(PM_CHUNK_BYTES)};
	writer->packed = malloc(writer->packed_capacity);
	writer->zstd = ZSTD_createCCtx();
	if (!writer->packed || !writer->zstd)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compress with.");
	memcpy(header.magic, PM_FILE_MAGIC, sizeof(header.magic));
	header.crc = pm_crc32c(0, &header, offsetof(struct pm_file_header, crc));
	return put(writer, &header, sizeof(header), err);
}

void pm_writer_close(struct pm_writer *writer)
{
	ZSTD_freeCCtx(writer->zstd);
	free(writer->packed);
	writer->zstd = NULL;
	writer->packed = NULL;
}

enum pm_code pm_writer_chunk(struct pm_writer *writer, uint32_t type, const void *data, size_t bytes, bool pack,
			     struct pm_error *err)
{
	struct pm_chunk head = {.type = type, .stored = bytes, .plain = bytes};
	enum pm_code code;

	if (bytes > PM_CHUNK_BYTES)
		return pm_fail(err, PM_E_INTERNAL, "A chunk of %zu bytes was to be written.", bytes);
	if (pack) {
		size_t packed = ZSTD_compressCCtx(writer->zstd, writer->packed, writer->packed_capacity, data, bytes,
						  ZSTD_LEVEL);

		if (!ZSTD_isError(packed) && packed < bytes) {
			head.flags = PM_CHUNK_ZSTD;
			head.stored = packed;
			data = writer->packed;
		}
	}
	head.payload_crc = pm_crc32c(0, data, (size_t)head.stored);
	head.crc = pm_crc32c(0, &head, offsetof(struct pm_chunk, crc));
	code = put(writer, &head, sizeof(head), err);
	return code ? code : put(writer, data, (size_t)head.stored, err);
}

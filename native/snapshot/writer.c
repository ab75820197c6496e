// SPDX-License-Identifier: GPL-2.0-or-later
#include "writer.h"
#include "pmpool/core.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <zstd.h>

#define PARTS_MAX 8u /* of one write */

static enum pm_code failed(const struct pm_writer *writer, int error, struct pm_error *err)
{
	bool full = error == ENOSPC || error == EDQUOT;

	return pm_fail(err, full ? PM_E_DISK_FULL : PM_E_IO_FAILED, "Writing stopped after %llu bytes: %s.",
		       (unsigned long long)writer->bytes, strerror(error));
}

static enum pm_code put(struct pm_writer *writer, struct iovec *parts, int count, struct pm_error *err)
{
	while (count) {
		ssize_t done = writev(writer->fd, parts, count);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return failed(writer, errno, err);
		writer->bytes += (uint64_t)done;
		for (; count && (size_t)done >= parts->iov_len; parts++, count--)
			done -= (ssize_t)parts->iov_len;
		if (count) {
			parts->iov_base = (uint8_t *)parts->iov_base + done;
			parts->iov_len -= (size_t)done;
		}
	}
	return PM_OK;
}

enum pm_code pm_writer_open(struct pm_writer *writer, int fd, struct pm_error *err)
{
	struct pm_file_header header = {.version = PM_FILE_VERSION, .bytes = sizeof(header)};

	*writer = (struct pm_writer){.fd = fd, .packed_capacity = ZSTD_compressBound(PM_CHUNK_BYTES)};
	writer->packed = malloc(writer->packed_capacity);
	writer->zstd = pm_packer_new(false);
	if (!writer->packed || !writer->zstd)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to compress with.");
	memcpy(header.magic, PM_FILE_MAGIC, sizeof(header.magic));
	header.crc = pm_crc32c(0, &header, offsetof(struct pm_file_header, crc));
	return put(writer, &(struct iovec){&header, sizeof(header)}, 1, err);
}

void pm_writer_close(struct pm_writer *writer)
{
	ZSTD_freeCCtx(writer->zstd);
	free(writer->packed);
	writer->zstd = NULL;
	writer->packed = NULL;
}

/*
 * Level 1 keeps up with a disk; snapshots of a lab are read once, if at all. `fast`, for pages: a table of matches that
 * stays in the first cache beside what another thread has there, and shorter looks where nothing matches. Of C headers
 * it makes 0.43 where level 1 makes 0.31, in three quarters of the time.
 */
void *pm_packer_new(bool fast)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	if (!zstd)
		return NULL;
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1);
	if (fast) {
		ZSTD_CCtx_setParameter(zstd, ZSTD_c_hashLog, 12);
		ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, 7);
		ZSTD_CCtx_setParameter(zstd, ZSTD_c_targetLength, 2);
	}
	return zstd;
}

uint32_t pm_chunk_crc(const struct pm_chunk *chunk, uint64_t offset)
{
	return pm_crc32c(pm_crc32c(0, &offset, sizeof(offset)), chunk, offsetof(struct pm_chunk, crc));
}

void pm_ready_make(struct pm_ready *ready, uint32_t type, const void *data, size_t bytes, void *zstd, uint8_t *packed)
{
	*ready = (struct pm_ready){{.type = type, .stored = bytes, .plain = bytes}, data};
	if (zstd) {
		size_t small = ZSTD_compress2(zstd, packed, ZSTD_compressBound(bytes), data, bytes);

		if (!ZSTD_isError(small) && small < bytes) {
			ready->head.flags = PM_CHUNK_ZSTD;
			ready->head.stored = small;
			ready->data = packed;
		}
	}
	ready->head.payload_crc = pm_crc32c(0, ready->data, (size_t)ready->head.stored);
}

enum pm_code pm_writer_put(struct pm_writer *writer, struct pm_ready *chunks, size_t count, struct pm_error *err)
{
	struct iovec parts[PARTS_MAX];
	uint64_t offset = writer->bytes;

	if (count > PARTS_MAX / 2)
		return pm_fail(err, PM_E_INTERNAL, "%zu chunks were to be written at once.", count);
	for (size_t i = 0; i < count; i++) {
		struct pm_chunk *head = &chunks[i].head;

		head->crc = pm_chunk_crc(head, offset);
		offset += sizeof(*head) + head->stored;
		parts[2 * i] = (struct iovec){head, sizeof(*head)};
		parts[2 * i + 1] = (struct iovec){(void *)(uintptr_t)chunks[i].data, (size_t)head->stored};
	}
	return put(writer, parts, (int)(2 * count), err);
}

enum pm_code pm_writer_chunk(struct pm_writer *writer, uint32_t type, const void *data, size_t bytes, bool pack,
			     struct pm_error *err)
{
	struct pm_ready ready;

	if (bytes > PM_CHUNK_BYTES)
		return pm_fail(err, PM_E_INTERNAL, "A chunk of %zu bytes was to be written.", bytes);
	pm_ready_make(&ready, type, data, bytes, pack ? writer->zstd : NULL, writer->packed);
	return pm_writer_put(writer, &ready, 1, err);
}

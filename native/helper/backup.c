/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backup of all metadata before a repair. The file, little-endian:
 *   "PMPOOLBK", version 1 (4 bytes), number of regions (4), time in ns (8), boot id (16), pool UUID (16)
 *   extents: physical address of the region (8), offset in it (8), bytes (8), then those bytes as they stood
 *   an extent of 0 bytes, then the CRC32C of all before (4)
 * Writing the bytes of each extent back where they stood undoes the repair (docs/safety.md).
 */
#include "checked.h"
#include "store.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (UINT64_C(1) << 20)

struct head {
	char magic[8];
	uint32_t version, regions;
	uint64_t time_ns;
	uint8_t boot_id[16], pool_uuid[16];
};
_Static_assert(sizeof(struct head) == 56, "as the comment above says");

struct extent {
	uint64_t physical_base, offset, bytes;
};

struct writer {
	int fd;
	uint32_t crc;
	uint8_t *chunk;
	struct pm_error *err;
};

static enum pm_code put(struct writer *writer, const void *bytes, size_t count)
{
	const uint8_t *at = bytes;

	writer->crc = pm_crc32c(writer->crc, bytes, count);
	while (count > 0) {
		ssize_t wrote = write(writer->fd, at, count);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return fail_errno(writer->err, wrote < 0 ? errno : ENOSPC, "cannot write the backup");
		at += wrote;
		count -= (size_t)wrote;
	}
	return PM_OK;
}

static enum pm_code put_extent(struct writer *writer, const struct pm_mapping *mapping, uint64_t offset, uint64_t bytes)
{
	struct extent extent = {mapping->physical_base, offset, bytes};
	enum pm_code code = put(writer, &extent, sizeof(extent));

	for (uint64_t done = 0; done < bytes && code == PM_OK; done += CHUNK) {
		size_t count = (size_t)(bytes - done < CHUNK ? bytes - done : CHUNK);

		code = pm_region_copy(writer->chunk, (const uint8_t *)mapping->base + offset + done, count,
				      writer->err);
		if (code == PM_OK)
			code = put(writer, writer->chunk, count);
	}
	return code;
}

static enum pm_code put_all(struct writer *writer, const struct checked *checked, const struct pm_act *act)
{
	struct head head = {
		.magic = "PMPOOLBK", .version = 1, .regions = (uint32_t)checked->mapped.count, .time_ns = act->time_ns};
	struct extent end = {0};
	enum pm_code code;
	uint32_t crc;

	memcpy(head.boot_id, act->boot_id, sizeof(head.boot_id));
	memcpy(head.pool_uuid, checked->check.regions[0].sb.pool_uuid, sizeof(head.pool_uuid));
	code = put(writer, &head, sizeof(head));
	for (uint32_t i = 0; i < checked->mapped.count && code == PM_OK; i++) {
		uint64_t cursor = 0, offset, bytes;

		while (code == PM_OK && pm_check_extent(&checked->check, i, &cursor, &offset, &bytes))
			code = put_extent(writer, &checked->mappings[i], offset, bytes);
	}
	if (code == PM_OK)
		code = put(writer, &end, sizeof(end));
	crc = writer->crc;
	return code == PM_OK ? put(writer, &crc, sizeof(crc)) : code;
}

enum pm_code backup_write(const struct pm_host *host, const struct checked *checked, const struct pm_act *act,
			  const char *name, struct pm_error *err)
{
	struct writer writer = {.chunk = malloc(CHUNK), .err = err};
	struct store_file file;
	enum pm_code code;

	if (!writer.chunk)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to write a backup");
	code = store_create(host, &store_backups, name, &file, err);
	if (code == PM_OK) {
		writer.fd = file.fd;
		code = put_all(&writer, checked, act);
		if (code == PM_OK)
			code = store_commit(&file, err);
		store_discard(&file);
	}
	free(writer.chunk);
	return code;
}

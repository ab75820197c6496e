/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at single pages of a region without mapping all of it. A file is read, never mapped: a mapping would make
 * tmpfs allocate each page that is only looked at, and holes of a sparse file need not be looked at at all.
 */
#include "look.h"
#include "host/files.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum pm_code pm_look_begin(struct pm_look *look, const struct pm_region_info *info, int fd, struct pm_error *err)
{
	struct stat status;

	memset(look, 0, sizeof(*look));
	look->info = info;
	look->fd = fd;
	look->at = pm_region_is_dax(info) ? 0 : info->base;
	if (fstat(fd, &status) != 0)
		return pm_fail_errno(err, "examine", info->id);
	look->file = S_ISREG(status.st_mode);
	if (look->file && (uint64_t)status.st_size < look->at + info->bytes)
		return pm_fail(err, PM_E_DEVMEM_REFUSED, "the file behind %s ends before 0x%llx", info->id,
			       (unsigned long long)(look->at + info->bytes));
	return PM_OK;
}

static enum pm_code read_file(const struct pm_look *look, uint64_t offset, void *to, size_t bytes, struct pm_error *err)
{
	uint8_t *at = to;

	while (bytes) {
		ssize_t got = pread(look->fd, at, bytes, (off_t)(look->at + offset));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pm_fail_errno(err, "read", look->info->id);
		if (got == 0)
			return pm_fail(err, PM_E_REGION_LOST, "the file behind %s became shorter", look->info->id);
		at += got;
		offset += (uint64_t)got;
		bytes -= (size_t)got;
	}
	return PM_OK;
}

/* A device maps at its own alignment, which the grain is a multiple of. */
static enum pm_code read_mapped(const struct pm_look *look, uint64_t offset, void *to, size_t bytes,
				struct pm_error *err)
{
	uint64_t unit = pm_region_is_dax(look->info) ? look->info->grain : 4096;
	uint64_t from = offset - offset % unit, end = offset + bytes, over = end % unit;
	enum pm_code code;
	uint8_t *map;

	if (over)
		end = unit - over < look->info->bytes - end ? end + unit - over : look->info->bytes;
	code = pm_region_map(look->info, look->fd, from, end - from, false, &map, err);
	if (code)
		return code;
	code = pm_region_copy(to, map + (offset - from), bytes, err);
	munmap(map, end - from);
	return code;
}

enum pm_code pm_look_read(const struct pm_look *look, uint64_t offset, void *to, size_t bytes, struct pm_error *err)
{
	if (offset > look->info->bytes || bytes > look->info->bytes - offset)
		return pm_fail(err, PM_E_OUT_OF_RANGE, "a look behind the end of %s", look->info->id);
	if (!bytes)
		return PM_OK;
	return look->file ? read_file(look, offset, to, bytes, err) : read_mapped(look, offset, to, bytes, err);
}

uint64_t pm_look_next(const struct pm_look *look, uint64_t offset)
{
	off_t data;

	if (!look->file || offset >= look->info->bytes)
		return offset;
	data = lseek(look->fd, (off_t)(look->at + offset), SEEK_DATA);
	if (data < 0)
		return errno == ENXIO ? look->info->bytes : offset;
	return (uint64_t)data - look->at;
}

uint64_t pm_look_end(const struct pm_look *look, uint64_t offset)
{
	off_t hole;

	if (!look->file || offset >= look->info->bytes)
		return look->info->bytes;
	hole = lseek(look->fd, (off_t)(look->at + offset), SEEK_HOLE);
	if (hole < 0 || (uint64_t)hole - look->at > look->info->bytes)
		return look->info->bytes;
	return (uint64_t)hole - look->at;
}

void pm_region_next_data(const struct pm_region *region, uint64_t from, uint64_t *first, uint64_t *end)
{
	struct pm_look look;

	*first = from < region->bytes ? from : region->bytes;
	*end = region->bytes;
	if (pm_look_begin(&look, &region->info, region->fd, NULL) != PM_OK)
		return; /* whoever touches it hears of it */
	*first = pm_look_next(&look, region->offset + *first) - region->offset;
	*first = *first < region->bytes ? *first : region->bytes;
	*end = pm_look_end(&look, region->offset + *first) - region->offset;
	*end = *end < region->bytes ? *end : region->bytes;
}

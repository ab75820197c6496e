/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place that maps physical memory. */
#include "host/files.h"
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool pm_region_is_dax(const struct pm_region_info *info)
{
	return strncmp(info->id, "dax:", 4) == 0;
}

static enum pm_code fail_open(const struct pm_host *host, const char *path, struct pm_error *err)
{
	int error = errno;
	char lockdown[32];

	pm_host_lockdown(host, lockdown);
	if (error == ENOENT)
		return pm_fail(err, PM_E_DEVMEM_MISSING, "%.200s does not exist", path);
	if (error == EPERM && strcmp(lockdown, "none") != 0)
		return pm_fail(err, PM_E_DEVMEM_LOCKED_DOWN, "%.200s does not open under lockdown `%s`", path,
			       lockdown);
	errno = error;
	return pm_fail_errno(err, "open", path);
}

/* Never O_SYNC: it would make the mapping uncached. */
enum pm_code pm_region_open_fd(const struct pm_host *host, const struct pm_region_info *info, bool writable, int *fd,
			       struct pm_error *err)
{
	char path[PM_PATH_MAX], device[80] = "/dev/mem";
	enum pm_code code;

	if (pm_region_is_dax(info))
		snprintf(device, sizeof(device), "/dev/%s", info->id + 4);
	code = pm_host_path(host, device, path, err);
	if (code)
		return code;
	if (host->simulated)
		pm_region_backed_by(path);
	/* devdax refuses private and read-only opens of some kernels' shared mappings only for writing. */
	*fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY);
	return *fd < 0 ? fail_open(host, path, err) : PM_OK;
}

/* A file that is shorter than the range would raise SIGBUS at the first touch. */
static enum pm_code check_backing(const struct pm_region_info *info, int fd, uint64_t end, struct pm_error *err)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return pm_fail_errno(err, "examine", info->id);
	if (S_ISREG(status.st_mode) && (uint64_t)status.st_size < end)
		return pm_fail(err, PM_E_DEVMEM_REFUSED, "the file behind %s ends before 0x%" PRIx64, info->id, end);
	return PM_OK;
}

enum pm_code pm_region_map(const struct pm_region_info *info, int fd, uint64_t offset, uint64_t bytes, bool writable,
			   uint8_t **map, struct pm_error *err)
{
	uint64_t at = pm_region_is_dax(info) ? offset : info->base + offset;
	enum pm_code code = check_backing(info, fd, at + bytes, err);
	void *mapped;

	if (code)
		return code;
	mapped = mmap(NULL, bytes, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, (off_t)at);
	if (mapped == MAP_FAILED)
		return pm_fail(err, errno == ENOMEM ? PM_E_OUT_OF_MEMORY : PM_E_DEVMEM_REFUSED,
			       "cannot map 0x%" PRIx64 "-0x%" PRIx64 " of %s: %s", info->base + offset,
			       info->base + offset + bytes - 1, info->source, strerror(errno));
	*map = mapped;
	return PM_OK;
}

static enum pm_code check_part(const struct pm_region_info *info, uint64_t offset, uint64_t *bytes,
			       struct pm_error *err)
{
	if (offset >= info->bytes)
		return pm_fail(err, PM_E_OUT_OF_RANGE, "offset %" PRIu64 " lies behind the %" PRIu64 " bytes of %s",
			       offset, info->bytes, info->id);
	if (!*bytes)
		*bytes = info->bytes - offset;
	if (*bytes > info->bytes - offset)
		return pm_fail(err, PM_E_OUT_OF_RANGE,
			       "%" PRIu64 " bytes at offset %" PRIu64 " run past the %" PRIu64 " bytes of %s", *bytes,
			       offset, info->bytes, info->id);
	/* The end of a region need not be a multiple of its grain. */
	if (offset % info->grain || (*bytes % info->grain && offset + *bytes != info->bytes))
		return pm_fail(err, PM_E_REGION_UNALIGNED,
			       "%" PRIu64 " bytes at offset %" PRIu64 " of %s: the grain is %" PRIu64 " bytes", *bytes,
			       offset, info->id, info->grain);
	return PM_OK;
}

static enum pm_code open_checked(const struct pm_host *host, const char *id, uint64_t offset, uint64_t bytes,
				 bool writable, struct pm_region *region, struct pm_error *err)
{
	enum pm_code code;

	memset(region, 0, sizeof(*region));
	region->fd = region->lock_fd = -1;
	code = pm_region_find(host, id, &region->info, err);
	if (code)
		return code;
	if (region->info.refused.code) {
		if (err)
			*err = region->info.refused;
		return region->info.refused.code;
	}
	code = check_part(&region->info, offset, &bytes, err);
	code = code ? code : pm_region_guard(host, region->info.base + offset, bytes, err);
	code = code ? code : pm_region_open_fd(host, &region->info, writable, &region->fd, err);
	region->offset = offset;
	region->bytes = bytes;
	region->writable = writable;
	return code;
}

enum pm_code pm_region_open(const struct pm_host *host, const char *id, uint64_t offset, uint64_t bytes, bool writable,
			    struct pm_region *region, struct pm_error *err)
{
	enum pm_code code = open_checked(host, id, offset, bytes, writable, region, err);

	if (!code && writable)
		code = pm_region_lock_open(host, region, err);
	else if (!code)
		pm_region_lock_open(host, region, NULL); /* a reader can do without */
	if (!code)
		code = pm_region_map(&region->info, region->fd, region->offset, region->bytes, writable, &region->map,
				     err);
	if (code)
		pm_region_close(region);
	return code;
}

enum pm_code pm_region_open_to_look(const struct pm_host *host, const char *id, uint64_t offset, uint64_t bytes,
				    struct pm_region *region, struct pm_error *err)
{
	enum pm_code code = open_checked(host, id, offset, bytes, false, region, err);

	if (code)
		pm_region_close(region);
	return code;
}

void pm_region_close(struct pm_region *region)
{
	if (region->map)
		munmap(region->map, region->bytes);
	if (region->fd >= 0)
		close(region->fd);
	if (region->lock_fd >= 0)
		close(region->lock_fd); /* gives the lock up; the file still says that it was held when it was */
	region->map = NULL;
	region->fd = region->lock_fd = -1;
}

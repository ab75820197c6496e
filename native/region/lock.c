/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One lock file for each region. The lock belongs to the open file description: between threads of one process it
 * works like between processes, and the kernel drops it when the holder dies. The file's one byte says "held" while
 * it is: whoever takes the lock and reads that knows that the holder before died in the middle.
 *
 * Several pools may stand under one lock, and whoever takes it next may come for another pool than the dead one did
 * and wipe the byte. So the byte is only a hint to look early. What decides, for each pool by itself, is the word
 * `busy` of its section SHARED (format.h): it stands in the pool from before the first change to after the last, and
 * pm_pool_begin and pm_pool_attach take back what was left wherever it is set.
 */
#include "host/files.h"
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 5000
#define STEP_MS 10
#define HELD 'H'
#define IDLE '-'

enum pm_code pm_region_lock_open(const struct pm_host *host, struct pm_region *region, struct pm_error *err)
{
	char path[PM_PATH_MAX], name[sizeof(region->info.lock)];
	enum pm_code code;

	snprintf(name, sizeof(name), "%s", region->info.lock);
	for (char *c = name; *c; c++)
		if (*c == ':' || *c == '/')
			*c = '-';
	snprintf(path, sizeof(path), "%s/lock", host->state_dir);
	code = pm_make_folders(path, 0755, err);
	if (!code) {
		snprintf(path, sizeof(path), "%s/lock/%s", host->state_dir, name);
		region->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (region->lock_fd < 0)
			code = pm_fail_errno(err, "open", path);
	}
	return code;
}

static bool try_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum pm_code pm_region_lock(struct pm_region *region, struct pm_error *err)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
	int64_t end = now_ms() + WAIT_MS;
	char before = IDLE;

	if (region->lock_fd < 0)
		return pm_fail(err, PM_E_PERMISSION_DENIED, "the lock file of %s could not be opened", region->info.id);
	while (!try_lock(region->lock_fd, F_WRLCK)) {
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return pm_fail_errno(err, "lock", region->info.id);
		if (now_ms() >= end)
			return pm_fail(err, PM_E_REGION_BUSY, "another process has held the lock of %s for %d s",
				       region->info.id, WAIT_MS / 1000);
		nanosleep(&step, NULL);
	}
	region->abandoned = pread(region->lock_fd, &before, 1, 0) == 1 && before == HELD;
	before = HELD;
	if (pwrite(region->lock_fd, &before, 1, 0) != 1) {
		pm_fail_errno(err, "mark the lock of", region->info.id);
		try_lock(region->lock_fd, F_UNLCK);
		return err ? err->code : PM_E_IO_FAILED;
	}
	return PM_OK;
}

void pm_region_unlock(struct pm_region *region)
{
	char idle = IDLE;

	if (region->lock_fd < 0)
		return;
	/* A mark that stays only makes the next holder attach again. */
	if (pwrite(region->lock_fd, &idle, 1, 0) != 1)
		region->abandoned = true;
	try_lock(region->lock_fd, F_UNLCK);
}

void pm_region_unlock_marked(struct pm_region *region)
{
	if (region->lock_fd >= 0)
		try_lock(region->lock_fd, F_UNLCK);
}

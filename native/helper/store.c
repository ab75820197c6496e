/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "call.h"
#include "store_dir.h"

const struct store_kind store_snapshots = {"snapshots", "pmsnap", "snapshot", false};
const struct store_kind store_expectations = {"expectations", "pmexp", "expectation", false};
const struct store_kind store_backups = {"backups", "pmbackup", "backup", false};
const struct store_kind store_verdicts = {"verdicts", "json", "verdict", true};
const struct store_kind store_reservations = {"reservations", "json", "kept reservation", true};
const struct store_kind store_tests = {"tests", "json", "result of a memory test", false};

enum pm_code fail_errno(struct pm_error *err, int error, const char *what)
{
	enum pm_code code = PM_E_IO_FAILED;

	if (error == ENOSPC || error == EDQUOT)
		code = PM_E_DISK_FULL;
	else if (error == EACCES || error == EPERM || error == EROFS)
		code = PM_E_PERMISSION_DENIED;
	else if (error == ENOMEM)
		code = PM_E_OUT_OF_MEMORY;
	else if (error == EEXIST)
		code = PM_E_FILE_EXISTS;
	else if (error == ENOENT)
		code = PM_E_FILE_NOT_FOUND;
	return pm_fail(err, code, "%s: %s", what, strerror(error));
}

static void file_name(const struct store_kind *kind, const char *name, char *text, size_t size)
{
	snprintf(text, size, "%s.%s", name, kind->suffix);
}

/* Its holder keeps a lock on a temporary file: one that can be locked has no holder any more. */
static void sweep_one(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir_fd, name, 0);
	close(fd);
}

void store_sweep(const struct pm_host *host)
{
	static const struct store_kind *const kinds[] = {&store_snapshots, &store_expectations, &store_backups,
							 &store_verdicts,  &store_tests,	&store_reservations};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int dir_fd;

		if (store_dir_open(host, kinds[i]->folder, false, &dir_fd, NULL) != PM_OK)
			continue; /* nothing was ever stored */
		store_dir_each(dir_fd, ".tmp-", sweep_one);
		close(dir_fd);
	}
}

/* 0 or errno; EAGAIN when a sweeper came between making and locking, and took the file for an orphan. */
static int make_temporary(struct store_file *file)
{
	uint8_t random[16];
	char uuid[PM_UUID_TEXT];
	struct stat status;

	pm_uuid_random(random);
	pm_uuid_format(random, uuid);
	snprintf(file->temporary, sizeof(file->temporary), ".tmp-%s", uuid);
	file->fd = openat(file->dir_fd, file->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file->fd < 0 || flock(file->fd, LOCK_EX) != 0 || fstat(file->fd, &status) != 0)
		return errno;
	if (status.st_nlink)
		return 0;
	close(file->fd);
	file->fd = -1;
	return EAGAIN;
}

enum pm_code store_create(const struct pm_host *host, const struct store_kind *kind, const char *name,
			  struct store_file *file, struct pm_error *err)
{
	struct stat status;
	int error;
	enum pm_code code = store_dir_open(host, kind->folder, true, &file->dir_fd, err);

	file->fd = -1;
	file->temporary[0] = '\0';
	file->replaces = kind->replaces;
	if (code != PM_OK)
		return code;
	store_dir_each(file->dir_fd, ".tmp-", sweep_one);
	file_name(kind, name, file->name, sizeof(file->name));
	if (!kind->replaces && fstatat(file->dir_fd, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		store_discard(file);
		return pm_fail(err, PM_E_FILE_EXISTS, "%s is already there", name);
	}
	do
		error = make_temporary(file);
	while (error == EAGAIN);
	if (error) {
		code = fail_errno(err, error, "cannot make a file in the state directory");
		store_discard(file);
	}
	return code;
}

enum pm_code store_commit(struct store_file *file, struct pm_error *err)
{
	if (fsync(file->fd) != 0)
		return fail_errno(err, errno, file->name);
	if (renameat2(file->dir_fd, file->temporary, file->dir_fd, file->name, file->replaces ? 0 : RENAME_NOREPLACE) !=
	    0)
		return fail_errno(err, errno, file->name);
	file->temporary[0] = '\0';
	if (fsync(file->dir_fd) != 0)
		return fail_errno(err, errno, file->name);
	return PM_OK;
}

void store_discard(struct store_file *file)
{
	if (file->temporary[0])
		unlinkat(file->dir_fd, file->temporary, 0);
	file->temporary[0] = '\0';
	if (file->fd >= 0)
		close(file->fd);
	if (file->dir_fd >= 0)
		close(file->dir_fd);
	file->fd = file->dir_fd = -1;
}

static enum pm_code not_found(struct pm_error *err, const struct store_kind *kind, const char *name)
{
	if (kind == &store_expectations)
		return pm_fail(err, PM_E_EXPECTATION_NOT_FOUND, "no expectation %s on this host", name);
	return pm_fail(err, PM_E_FILE_NOT_FOUND, "no %s %s on this host", kind->noun, name);
}

enum pm_code store_open(const struct pm_host *host, const struct store_kind *kind, const char *name, int *fd,
			struct pm_error *err)
{
	struct stat status;
	char file[128];
	int dir_fd;
	enum pm_code code = store_dir_open(host, kind->folder, false, &dir_fd, err);

	if (code == PM_E_FILE_NOT_FOUND)
		return not_found(err, kind, name);
	if (code != PM_OK)
		return code;
	file_name(kind, name, file, sizeof(file));
	*fd = openat(dir_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	close(dir_fd);
	if (*fd < 0)
		return errno == ENOENT ? not_found(err, kind, name) : fail_errno(err, errno, name);
	if (fstat(*fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(*fd);
		return pm_fail(err, PM_E_FILE_FOREIGN, "%s is not a regular file", name);
	}
	return PM_OK;
}

enum pm_code store_delete(const struct pm_host *host, const struct store_kind *kind, const char *name,
			  struct pm_error *err)
{
	char file[128];
	int dir_fd, failed;
	enum pm_code code = store_dir_open(host, kind->folder, false, &dir_fd, err);

	if (code == PM_E_FILE_NOT_FOUND)
		return not_found(err, kind, name);
	if (code != PM_OK)
		return code;
	file_name(kind, name, file, sizeof(file));
	failed = unlinkat(dir_fd, file, 0) == 0 ? 0 : errno;
	close(dir_fd);
	if (failed == ENOENT)
		return not_found(err, kind, name);
	return failed ? fail_errno(err, failed, name) : PM_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pm_code pm_fail_errno(struct pm_error *err, const char *act, const char *path)
{
	int error = errno;
	enum pm_code code = PM_E_IO_FAILED;

	if (error == ENOENT || error == ENOTDIR)
		code = PM_E_FILE_NOT_FOUND;
	else if (error == EACCES || error == EPERM || error == EROFS)
		code = PM_E_PERMISSION_DENIED;
	else if (error == ENOSPC || error == EDQUOT)
		code = PM_E_DISK_FULL;
	return pm_fail(err, code, "cannot %s %.200s: %s", act, path, strerror(error));
}

enum pm_code pm_host_path(const struct pm_host *host, const char *path, char full[PM_PATH_MAX], struct pm_error *err)
{
	int length = snprintf(full, PM_PATH_MAX, "%s%s", host->root, path);

	if (length < 0 || length >= PM_PATH_MAX)
		return pm_fail(err, PM_E_IO_FAILED, "the path of %.100s is too long", path);
	return PM_OK;
}

enum pm_code pm_make_folders(const char *path, unsigned mode, struct pm_error *err)
{
	char part[PM_PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return pm_fail(err, PM_E_IO_FAILED, "the path %.100s... is too long", path);
	for (size_t i = 1; i <= length; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		if (mkdir(part, mode) != 0 && errno != EEXIST)
			return pm_fail_errno(err, "make folder", part);
	}
	return PM_OK;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t done = write(fd, text, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		text += done;
		left -= (size_t)done;
	}
	return true;
}

enum pm_code pm_write_file(const char *path, const char *text, struct pm_error *err)
{
	char temporary[PM_PATH_MAX];
	enum pm_code code = PM_OK;
	int fd;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new-XXXXXX", path) >= sizeof(temporary))
		return pm_fail(err, PM_E_IO_FAILED, "the path %.100s... is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return pm_fail_errno(err, "create", temporary);
	if (fchmod(fd, 0644) != 0 || !write_all(fd, text) || rename(temporary, path) != 0) {
		code = pm_fail_errno(err, "write", path);
		unlink(temporary);
	}
	close(fd);
	return code;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "kexec_image.h"
#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool owner_trusted(const struct pm_host *host, const struct stat *status)
{
	return status->st_uid == 0 || (host->simulated && status->st_uid == geteuid());
}

static enum pm_code untrusted(const char *path, const char *part, const char *why, struct pm_error *err)
{
	return pm_fail(err, PM_E_KEXEC_KERNEL_UNTRUSTED, "%.200s: `%.100s` %s.", path, part, why);
}

static enum pm_code part_check(const struct pm_host *host, const struct stat *status, bool last, const char *path,
			       const char *part, struct pm_error *err)
{
	if (S_ISLNK(status->st_mode))
		return untrusted(path, part, "is a symbolic link", err);
	if (last ? !S_ISREG(status->st_mode) : !S_ISDIR(status->st_mode))
		return untrusted(path, part, last ? "is not a regular file" : "is not a folder", err);
	if (!owner_trusted(host, status))
		return untrusted(path, part, "does not belong to root", err);
	if (status->st_mode & 022)
		return untrusted(path, part, "can be written by others than its owner", err);
	return PM_OK;
}

/* One step down from *at, which is closed. */
static enum pm_code step(const struct pm_host *host, int *at, const char *part, bool last, const char *path,
			 struct pm_error *err)
{
	int next = openat(*at, part, (last ? O_RDONLY | O_NONBLOCK : O_PATH) | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	int error = errno;
	struct stat status;

	close(*at);
	*at = next;
	if (next < 0 && error == ELOOP)
		return untrusted(path, part, "is a symbolic link", err);
	if (next < 0 && last)
		return pm_fail(err, error == ENOENT ? PM_E_FILE_NOT_FOUND : PM_E_IO_FAILED, "%.200s: %s.", path,
			       strerror(error));
	if (next < 0) /* a folder on the way: say which */
		return pm_fail(err, error == ENOENT || error == ENOTDIR ? PM_E_FILE_NOT_FOUND : PM_E_IO_FAILED,
			       "%.200s: `%.100s`: %s.", path, part, strerror(error));
	if (fstat(next, &status) != 0)
		return pm_fail(err, PM_E_IO_FAILED, "%.200s: %s.", path, strerror(errno));
	return part_check(host, &status, last, path, part, err);
}

static enum pm_code start(const struct pm_host *host, int *at, struct pm_error *err)
{
	struct stat status;

	*at = open(host->simulated ? host->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*at < 0 || fstat(*at, &status) != 0)
		return pm_fail_errno(err, "open", "the root folder");
	return host->simulated ? PM_OK : part_check(host, &status, false, "/", "/", err);
}

enum pm_code pm_image_open(const struct pm_host *host, const char *path, int *fd, struct pm_error *err)
{
	char parts[1024], *rest = parts, *part;
	enum pm_code code;
	int at;

	*fd = -1;
	if (path[0] != '/' || strlen(path) >= sizeof(parts) || path[strlen(path) - 1] == '/')
		return pm_fail(err, PM_E_INVALID_PARAMS, "`%.200s` is not the absolute path of a file.", path);
	snprintf(parts, sizeof(parts), "%s", path + 1);
	code = start(host, &at, err);
	while (!code && (part = strsep(&rest, "/")) != NULL) {
		if (!*part)
			continue;
		if (strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
			code = untrusted(path, part, "leads elsewhere", err);
		else
			code = step(host, &at, part, !rest, path, err);
	}
	if (code && at >= 0)
		close(at);
	else
		*fd = at;
	return code;
}

/* A distribution's /boot/vmlinuz may be a link; what it leads to is judged like any other path. */
static bool exists(const struct pm_host *host, char path[1024])
{
	char full[PM_PATH_MAX], *real;
	struct stat status;

	if (pm_host_path(host, path, full, NULL) || lstat(full, &status) != 0)
		return false;
	real = S_ISLNK(status.st_mode) && !host->simulated ? realpath(full, NULL) : NULL;
	if (real && strlen(real) < 1024)
		memcpy(path, real, strlen(real) + 1);
	free(real);
	return true;
}

void pm_image_default_kernel(const struct pm_host *host, char path[1024])
{
	char release[128], named[1024];

	snprintf(path, 1024, "/boot/vmlinuz");
	if (pm_host_read(host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL))
		return;
	snprintf(named, sizeof(named), "/boot/vmlinuz-%s", release);
	if (exists(host, named) || !exists(host, path))
		memcpy(path, named, strlen(named) + 1);
}

void pm_image_default_initrd(const struct pm_host *host, const char *kernel, char path[1024])
{
	static const struct {
		const char *before, *after;
	} forms[] = {{"/boot/initrd.img-", ""}, {"/boot/initramfs-", ".img"}, {"/boot/initramfs-", ""}};
	const char *name = strrchr(kernel, '/');

	name = name ? name + 1 : kernel;
	for (size_t i = 0; strncmp(name, "vmlinuz-", 8) == 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
		snprintf(path, 1024, "%s%.256s%s", forms[i].before, name + 8, forms[i].after);
		if (exists(host, path))
			return;
	}
	snprintf(path, 1024, "/boot/initrd.img");
	if (strcmp(name, "vmlinuz") != 0 || !exists(host, path))
		path[0] = 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"
#include "simulated.h"
#include "pmpool/host.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (16u << 20) /* bytes; /proc/iomem of a large machine has some 100 KiB */

enum pm_code pm_host_open(struct pm_host *host, const char *simulate, uint64_t region_bytes, struct pm_error *err)
{
	memset(host, 0, sizeof(*host));
	if (!simulate) {
		snprintf(host->state_dir, sizeof(host->state_dir), "/var/lib/pmpool");
		return PM_OK;
	}
	return pm_host_simulated_open(host, simulate, region_bytes, err);
}

static enum pm_code open_file(const struct pm_host *host, const char *path, int *fd, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, path, full, err);

	if (code)
		return code;
	*fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return *fd < 0 ? pm_fail_errno(err, "read", full) : PM_OK;
}

/* Up to `size` bytes, fewer only at the end of the file; -1 with errno. */
static ssize_t read_full(int fd, char *buffer, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, buffer + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

/* Terminate, and make a NUL inside the file end it: callers see text. */
static void finish_text(char *text, size_t used)
{
	text[used] = 0;
	used = strlen(text);
	if (used && text[used - 1] == '\n')
		text[used - 1] = 0;
}

enum pm_code pm_host_read(const struct pm_host *host, const char *path, char *buffer, size_t size, struct pm_error *err)
{
	int fd;
	ssize_t used;
	enum pm_code code = open_file(host, path, &fd, err);

	buffer[0] = 0;
	if (code)
		return code;
	used = read_full(fd, buffer, size - 1);
	if (used < 0)
		code = pm_fail_errno(err, "read", path);
	finish_text(buffer, used < 0 ? 0 : (size_t)used);
	close(fd);
	return code;
}

enum pm_code pm_host_read_all(const struct pm_host *host, const char *path, char **text, struct pm_error *err)
{
	size_t size = 16384, used = 0;
	char *buffer = NULL;
	int fd;
	enum pm_code code = open_file(host, path, &fd, err);

	*text = NULL;
	if (code)
		return code;
	/* Files under /proc have no size: read until one read comes back short. */
	for (;;) {
		char *larger = realloc(buffer, size + 1);
		ssize_t got;

		if (!larger || size > TEXT_MAX) {
			code = pm_fail(err, PM_E_OUT_OF_MEMORY, "%.200s is larger than 16 MiB", path);
			buffer = larger ? larger : buffer;
			break;
		}
		buffer = larger;
		got = read_full(fd, buffer + used, size - used);
		if (got < 0) {
			code = pm_fail_errno(err, "read", path);
			break;
		}
		used += (size_t)got;
		if (used < size) {
			finish_text(buffer, used);
			*text = buffer;
			buffer = NULL;
			break;
		}
		size *= 2;
	}
	free(buffer);
	close(fd);
	return code;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum pm_code pm_host_boot_id(const struct pm_host *host, uint8_t boot_id[16], struct pm_error *err)
{
	char text[64];
	size_t at = 0;
	enum pm_code code = pm_host_read(host, "/proc/sys/kernel/random/boot_id", text, sizeof(text), err);

	memset(boot_id, 0, 16);
	if (code)
		return code;
	for (int i = 0; i < 16; i++) {
		int high, low;

		at += text[at] == '-';
		high = hex_digit(text[at]);
		low = high < 0 ? -1 : hex_digit(text[at + 1]);
		if (low < 0)
			return pm_fail(err, PM_E_IO_FAILED, "the boot id `%s` is not a UUID", text);
		boot_id[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	if (text[at])
		return pm_fail(err, PM_E_IO_FAILED, "the boot id `%s` is not a UUID", text);
	return PM_OK;
}

/* The file shows all modes, the one in force in brackets: "none [integrity] confidentiality". */
void pm_host_lockdown(const struct pm_host *host, char mode[32])
{
	char text[128], *open, *close;

	snprintf(mode, 32, "none");
	if (pm_host_read(host, "/sys/kernel/security/lockdown", text, sizeof(text), NULL))
		return;
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		snprintf(mode, 32, "%.*s", (int)(close - open - 1), open + 1);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loaded.h"
#include "host/files.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool loaded_path(const struct pm_host *host, char path[PM_PATH_MAX])
{
	return snprintf(path, PM_PATH_MAX, "%s/loaded", host->state_dir) < PM_PATH_MAX;
}

static enum pm_code running(const struct pm_host *host, char text[PM_UUID_TEXT], struct pm_error *err)
{
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(host, boot_id, err);

	if (code == PM_OK)
		pm_uuid_format(boot_id, text);
	return code;
}

enum pm_code loaded_write(const struct pm_host *host, const char *pool, const char *nonce, struct pm_error *err)
{
	char path[PM_PATH_MAX], text[3 * 64], boot[PM_UUID_TEXT];
	enum pm_code code = running(host, boot, err);

	if (code != PM_OK)
		return code;
	if (!loaded_path(host, path))
		return pm_fail(err, PM_E_IO_FAILED, "the path of the state directory is too long");
	snprintf(text, sizeof(text), "%.36s %.36s %.47s\n", boot, pool, nonce);
	code = pm_make_folders(host->state_dir, 0700, err);
	return code == PM_OK ? pm_write_file(path, text, err) : code;
}

static bool read_line(const struct pm_host *host, char *line, size_t size)
{
	char path[PM_PATH_MAX];
	int fd = loaded_path(host, path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, line, size - 1);
	close(fd);
	line[got > 0 ? got : 0] = '\0';
	return got > 0;
}

bool loaded_read(const struct pm_host *host, const char *pool, char nonce[NONCE_BYTES])
{
	char line[3 * 64], boot[PM_UUID_TEXT], at_boot[PM_UUID_TEXT], of_pool[PM_UUID_TEXT], found[NONCE_BYTES];

	nonce[0] = '\0';
	if (!read_line(host, line, sizeof(line)) || running(host, boot, NULL) != PM_OK ||
	    sscanf(line, "%36s %36s %47s", at_boot, of_pool, found) != 3 || strcmp(at_boot, boot) != 0)
		return false;
	if (strcmp(of_pool, pool) == 0)
		memcpy(nonce, found, sizeof(found));
	return true;
}

void loaded_remove(const struct pm_host *host)
{
	char path[PM_PATH_MAX];

	if (loaded_path(host, path))
		unlink(path);
}

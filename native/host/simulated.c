/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulated_parts.h"
#include "files.h"
#include "iomem_cover.h"
#include "uuid.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE UINT64_C(4096)
#define JUNK_PAGES_MAX 16384u /* 64 MiB: a lost region of a terabyte must not fill the disk */
#define FIRMWARE_MAX 32
#define RESERVATIONS_MAX 512

enum pm_code pm_simulated_put(const struct pm_host *host, const char *path, const char *text, struct pm_error *err)
{
	char full[PM_PATH_MAX], *slash;
	enum pm_code code = pm_host_path(host, path, full, err);

	if (code)
		return code;
	slash = strrchr(full, '/');
	*slash = 0;
	code = pm_make_folders(full, 0755, err);
	*slash = '/';
	return code ? code : pm_write_file(full, text, err);
}

/* --- the firmware's memory map: sys/firmware/memmap/N/{start,end,type} --- */

static enum pm_firmware_type firmware_type(const char *name)
{
	enum pm_firmware_type type = PM_FIRMWARE_NVS;

	while (type > PM_FIRMWARE_RESERVED && strcmp(name, pm_firmware_type_name(type)) != 0)
		type--;
	return type;
}

static enum pm_code firmware_read(const struct pm_host *host, struct pm_firmware_range ranges[FIRMWARE_MAX],
				  size_t *count, struct pm_error *err)
{
	enum pm_code code;

	for (*count = 0; *count < FIRMWARE_MAX; (*count)++) {
		char path[64], text[32];

		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/start", *count);
		code = pm_host_read(host, path, text, sizeof(text), err);
		if (code)
			return code == PM_E_FILE_NOT_FOUND && *count ? PM_OK : code;
		ranges[*count].first = strtoull(text, NULL, 0);
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/end", *count);
		code = pm_host_read(host, path, text, sizeof(text), err);
		if (code)
			return code;
		ranges[*count].last = strtoull(text, NULL, 0);
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/type", *count);
		code = pm_host_read(host, path, text, sizeof(text), err);
		if (code)
			return code;
		ranges[*count].type = firmware_type(text);
	}
	return PM_OK;
}

/* --- a boot --- */

static enum pm_code new_boot_id(const struct pm_host *host, struct pm_error *err)
{
	uint8_t boot_id[16];
	char text[PM_UUID_TEXT + 1];

	pm_uuid_random(boot_id);
	pm_uuid_format(boot_id, text);
	strcat(text, "\n");
	return pm_simulated_put(host, "/proc/sys/kernel/random/boot_id", text, err);
}

static enum pm_code put_cmdline(const struct pm_host *host, const char *cmdline, struct pm_error *err)
{
	char text[PM_SIMULATED_CMDLINE];

	if ((size_t)snprintf(text, sizeof(text), "%s\n", cmdline) >= sizeof(text))
		return pm_fail(err, PM_E_CMDLINE_TOO_LONG, "the command line has more than %d bytes",
			       PM_SIMULATED_CMDLINE);
	return pm_simulated_put(host, "/proc/cmdline", text, err);
}

/* What the kernel of this boot shows of itself. */
enum pm_code pm_simulated_boot_files(const struct pm_host *host, const struct pm_firmware_range *ranges, size_t count,
				     const char *cmdline, struct pm_error *err)
{
	char *iomem;
	enum pm_code code = pm_simulated_iomem(ranges, count, cmdline, &iomem, err);

	if (code)
		return code;
	code = put_cmdline(host, cmdline, err);
	code = code ? code : pm_simulated_put(host, "/proc/iomem", iomem, err);
	code = code ? code : pm_simulated_put(host, "/sys/kernel/kexec_loaded", "0\n", err);
	code = code ? code : pm_simulated_put(host, "/sys/kernel/kexec_load_disabled", "0\n", err);
	code = code ? code : pm_simulated_put(host, "/proc/sys/kernel/kexec_load_disabled", "0\n", err);
	code = code ? code : new_boot_id(host, err);
	free(iomem);
	return code;
}

/* dev/mem reaches as far as there is RAM that the command line gives away: a range reserved anew has bytes, too. */
static enum pm_code reach_reserved(const struct pm_host *host, const struct pm_firmware_range *ranges, size_t count,
				   const char *cmdline, struct pm_error *err)
{
	struct pm_reservation list[RESERVATIONS_MAX];
	uint64_t end = 0, ram_end = 0;
	char full[PM_PATH_MAX];
	struct stat status;
	size_t reservations;
	enum pm_code code = pm_host_path(host, "/dev/mem", full, err);

	if (code || stat(full, &status) != 0)
		return code; /* a host without /dev/mem stays one */
	for (size_t i = 0; i < count; i++)
		if (ranges[i].type == PM_FIRMWARE_RAM && ranges[i].last >= ram_end)
			ram_end = ranges[i].last + 1;
	pm_cmdline_parse(cmdline, list, RESERVATIONS_MAX, &reservations);
	for (size_t i = 0; i < reservations; i++)
		if (list[i].kind <= PM_RESERVATION_MEMMAP_PMEM && list[i].base < ram_end &&
		    list[i].bytes <= ram_end - list[i].base && list[i].base + list[i].bytes > end)
			end = list[i].base + list[i].bytes;
	if (end > (uint64_t)status.st_size && truncate(full, (off_t)end) != 0)
		return pm_fail_errno(err, "size", full);
	return PM_OK;
}

static enum pm_code junk_range(int fd, uint64_t base, uint64_t bytes, struct pm_error *err)
{
	uint64_t share = (bytes / PAGE * 6 + 99) / 100, pages = share < JUNK_PAGES_MAX ? share : JUNK_PAGES_MAX;
	char page[4096];

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = PM_SIMULATED_JUNK[i % (sizeof(PM_SIMULATED_JUNK) - 1)];
	for (uint64_t i = 0; i < pages; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)(base + i * PAGE)) != (ssize_t)sizeof(page))
			return pm_fail_errno(err, "overwrite", "dev/mem of the simulated host");
	return PM_OK;
}

/* Ranges that were given away and are System RAM now: the new kernel uses them. */
static enum pm_code use_lost_ranges(const struct pm_host *host, const char *before, struct pm_error *err)
{
	struct pm_reservation list[RESERVATIONS_MAX];
	struct pm_iomem iomem;
	char full[PM_PATH_MAX], *text = NULL;
	size_t count = 0;
	int fd;
	enum pm_code code = pm_host_path(host, "/dev/mem", full, err);

	pm_cmdline_parse(before, list, RESERVATIONS_MAX, &count);
	code = code ? code : pm_host_read_all(host, "/proc/iomem", &text, err);
	if (code)
		return code;
	code = pm_iomem_parse(text, &iomem);
	free(text);
	if (code)
		return pm_fail(err, code, "the simulated memory map does not parse");
	fd = open(full, O_WRONLY | O_CLOEXEC);
	for (size_t i = 0; i < count && fd >= 0 && !code; i++) {
		uint64_t first, last;

		if (list[i].kind == PM_RESERVATION_EATEN || list[i].kind == PM_RESERVATION_PMPOOL)
			continue;
		if (pm_iomem_first_ram(&iomem, list[i].base, list[i].bytes, &first, &last))
			code = junk_range(fd, first, last - first + 1, err);
	}
	if (fd >= 0)
		close(fd);
	pm_iomem_free(&iomem);
	return code;
}

enum pm_code pm_host_simulate_boot(const struct pm_host *host, const char *next_cmdline, struct pm_error *err)
{
	struct pm_firmware_range ranges[FIRMWARE_MAX];
	size_t count;
	char *before;
	enum pm_code code;

	if (!host->simulated)
		return pm_fail(err, PM_E_UNSUPPORTED, "this host is real: it boots by itself");
	code = pm_host_read_all(host, "/proc/cmdline", &before, err);
	if (code)
		return code;
	code = firmware_read(host, ranges, &count, err);
	code = code ? code : pm_simulated_boot_files(host, ranges, count, next_cmdline, err);
	code = code ? code : reach_reserved(host, ranges, count, next_cmdline, err);
	code = code ? code : use_lost_ranges(host, before, err);
	free(before);
	return code;
}

/* --- a cold boot --- */

/* Hosts that were made before several regions were: one region to the end of the memory. */
static enum pm_code older_cmdline(const struct pm_host *host, char cmdline[PM_SIMULATED_CMDLINE], struct pm_error *err)
{
	char full[PM_PATH_MAX];
	struct stat status;
	uint64_t size;
	enum pm_code code = pm_host_path(host, "/dev/mem", full, err);

	if (code)
		return code;
	if (stat(full, &status) != 0)
		return pm_fail_errno(err, "examine", full);
	if ((uint64_t)status.st_size <= PM_SIMULATED_BASE)
		return pm_fail(err, PM_E_UNSUPPORTED, "%.200s ends before the region of the simulated host", full);
	size = (uint64_t)status.st_size - PM_SIMULATED_BASE;
	return pm_simulated_cmdline(&size, 1, cmdline, err);
}

enum pm_code pm_host_simulate_reset(const struct pm_host *host, struct pm_error *err)
{
	char cmdline[PM_SIMULATED_CMDLINE];
	enum pm_code code;

	if (!host->simulated)
		return pm_fail(err, PM_E_UNSUPPORTED, "this host is real: reset it at its console");
	code = pm_host_read(host, PM_SIMULATED_ENTRY, cmdline, sizeof(cmdline), err);
	if (code == PM_E_FILE_NOT_FOUND)
		code = older_cmdline(host, cmdline, err);
	return code ? code : pm_host_simulate_boot(host, cmdline, err);
}

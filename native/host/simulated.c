/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulated.h"
#include "files.h"
#include "iomem_cover.h"
#include "uuid.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PAGE UINT64_C(4096)
#define RAM_ABOVE (UINT64_C(1) << 30) /* ordinary memory behind the region */
#define FIRMWARE_MAX 32
#define CMDLINE_BYTES 8192
#define RESERVATIONS_MAX 64

static enum pm_code put(const struct pm_host *host, const char *path, const char *text, struct pm_error *err)
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

static enum pm_code firmware_write(const struct pm_host *host, const struct pm_firmware_range *ranges, size_t count,
				   struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < count && !code; i++) {
		char path[64], text[32];

		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/start", i);
		snprintf(text, sizeof(text), "0x%" PRIx64 "\n", ranges[i].first);
		code = put(host, path, text, err);
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/end", i);
		snprintf(text, sizeof(text), "0x%" PRIx64 "\n", ranges[i].last);
		code = code ? code : put(host, path, text, err);
		snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/type", i);
		code = code ? code : put(host, path, ranges[i].ram ? "System RAM\n" : "Reserved\n", err);
	}
	return code;
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
		ranges[*count].ram = strcmp(text, "System RAM") == 0;
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
	return put(host, "/proc/sys/kernel/random/boot_id", text, err);
}

static enum pm_code put_cmdline(const struct pm_host *host, const char *cmdline, struct pm_error *err)
{
	char text[CMDLINE_BYTES];

	if ((size_t)snprintf(text, sizeof(text), "%s\n", cmdline) >= sizeof(text))
		return pm_fail(err, PM_E_CMDLINE_TOO_LONG, "the command line has more than %d bytes", CMDLINE_BYTES);
	return put(host, "/proc/cmdline", text, err);
}

/* What the kernel of this boot shows of itself. */
static enum pm_code boot_files(const struct pm_host *host, const struct pm_firmware_range *ranges, size_t count,
			       const char *cmdline, struct pm_error *err)
{
	char *iomem;
	enum pm_code code = pm_simulated_iomem(ranges, count, cmdline, &iomem, err);

	if (code)
		return code;
	code = put_cmdline(host, cmdline, err);
	code = code ? code : put(host, "/proc/iomem", iomem, err);
	code = code ? code : put(host, "/sys/kernel/kexec_loaded", "0\n", err);
	code = code ? code : put(host, "/sys/kernel/kexec_load_disabled", "0\n", err);
	code = code ? code : put(host, "/proc/sys/kernel/kexec_load_disabled", "0\n", err);
	code = code ? code : new_boot_id(host, err);
	free(iomem);
	return code;
}

static enum pm_code junk_range(int fd, uint64_t base, uint64_t bytes, struct pm_error *err)
{
	uint64_t pages = (bytes / PAGE * 6 + 99) / 100;
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
	char before[CMDLINE_BYTES];
	enum pm_code code;

	if (!host->simulated)
		return pm_fail(err, PM_E_UNSUPPORTED, "this host is real: it boots by itself");
	code = pm_host_read(host, "/proc/cmdline", before, sizeof(before), err);
	code = code ? code : firmware_read(host, ranges, &count, err);
	code = code ? code : boot_files(host, ranges, count, next_cmdline, err);
	return code ? code : use_lost_ranges(host, before, err);
}

/* --- making one --- */

static void size_text(uint64_t bytes, char text[32])
{
	static const char units[] = "TGMK";

	for (unsigned i = 0; i < 4; i++) {
		unsigned shift = 40 - 10 * i;

		if (bytes >> shift && !(bytes & ((UINT64_C(1) << shift) - 1))) {
			snprintf(text, 32, "%" PRIu64 "%c", bytes >> shift, units[i]);
			return;
		}
	}
	snprintf(text, 32, "%" PRIu64, bytes);
}

/* What a host is made with, and comes back to when it is reset. */
static void first_cmdline(uint64_t region_bytes, char cmdline[256])
{
	char size[32];

	size_text(region_bytes, size);
	snprintf(cmdline, 256, "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet memmap=%s$0x%" PRIx64, size,
		 PM_SIMULATED_BASE);
}

enum pm_code pm_host_simulate_reset(const struct pm_host *host, struct pm_error *err)
{
	char full[PM_PATH_MAX], cmdline[256];
	struct stat status;
	enum pm_code code;

	if (!host->simulated)
		return pm_fail(err, PM_E_UNSUPPORTED, "this host is real: reset it at its console");
	code = pm_host_path(host, "/dev/mem", full, err);
	if (code)
		return code;
	if (stat(full, &status) != 0)
		return pm_fail_errno(err, "examine", full);
	if ((uint64_t)status.st_size <= PM_SIMULATED_BASE)
		return pm_fail(err, PM_E_UNSUPPORTED, "%.200s ends before the region of the simulated host", full);
	first_cmdline((uint64_t)status.st_size - PM_SIMULATED_BASE, cmdline);
	return pm_host_simulate_boot(host, cmdline, err);
}

static enum pm_code make_memory(const struct pm_host *host, uint64_t region_bytes, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = put(host, "/dev/mem", "", err);
	int result;

	code = code ? code : pm_host_path(host, "/dev/mem", full, err);
	if (code)
		return code;
	chmod(full, 0600);
	result = truncate(full, (off_t)(PM_SIMULATED_BASE + region_bytes));
	return result == 0 ? PM_OK : pm_fail_errno(err, "size", full);
}

static enum pm_code make_folder(const struct pm_host *host, const char *path, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, path, full, err);

	return code ? code : pm_make_folders(full, 0755, err);
}

static enum pm_code make_all(const struct pm_host *host, uint64_t region_bytes, struct pm_error *err)
{
	const struct pm_firmware_range ranges[] = {
		{0x0, 0x9fbff, true},
		{0x9fc00, 0x9ffff, false},
		{0xf0000, 0xfffff, false},
		{0x100000, 0x3ffdbfff, true},
		{0x3ffdc000, 0x3fffffff, false},
		{0xfffc0000, 0xffffffff, false},
		{PM_SIMULATED_BASE, PM_SIMULATED_BASE + region_bytes + RAM_ABOVE - 1, true},
	};
	size_t count = sizeof(ranges) / sizeof(ranges[0]);
	static const char *const folders[] = {"/var/lib/pmpool/snapshots", "/var/lib/pmpool/expectations",
					      "/var/lib/pmpool/lock"};
	struct utsname machine;
	char cmdline[256], release[80];
	enum pm_code code = firmware_write(host, ranges, count, err);

	first_cmdline(region_bytes, cmdline);
	code = code ? code : boot_files(host, ranges, count, cmdline, err);
	code = code ? code : make_memory(host, region_bytes, err);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !code; i++)
		code = make_folder(host, folders[i], err);
	uname(&machine);
	snprintf(release, sizeof(release), "%s\n", machine.release);
	code = code ? code : put(host, "/proc/sys/kernel/osrelease", release, err);
	code = code ? code : put(host, "/boot/vmlinuz", "A kernel in name only, of a simulated pmpool host.\n", err);
	return code ? code
		    : put(host, "/boot/initrd.img", "An initrd in name only, of a simulated pmpool host.\n", err);
}

static enum pm_code check_size(uint64_t region_bytes, struct pm_error *err)
{
	if (region_bytes < UINT64_C(1) << 20)
		return pm_fail(err, PM_E_REGION_TOO_SMALL, "a simulated region of %" PRIu64 " bytes", region_bytes);
	if (region_bytes % PAGE)
		return pm_fail(err, PM_E_REGION_UNALIGNED, "%" PRIu64 " bytes are not whole pages", region_bytes);
	if (region_bytes > UINT64_C(1) << 43)
		return pm_fail(err, PM_E_UNSUPPORTED, "a simulated region has at most 8 TiB");
	return PM_OK;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Under another name first: a host is there whole or not at all, and of two makers one wins. */
static enum pm_code make(const char *folder, uint64_t region_bytes, struct pm_error *err)
{
	struct pm_host host = {.simulated = true};
	int length = snprintf(host.root, sizeof(host.root), "%s.new-XXXXXX", folder);
	char parent[sizeof(host.root)], *slash;
	enum pm_code code = check_size(region_bytes, err);

	if (code)
		return code;
	if (length < 0 || (size_t)length >= sizeof(host.root) - 64)
		return pm_fail(err, PM_E_IO_FAILED, "the path %.100s... is too long", folder);
	snprintf(parent, sizeof(parent), "%s", folder);
	slash = strrchr(parent, '/');
	if (slash && slash != parent) {
		*slash = 0;
		code = pm_make_folders(parent, 0755, err);
	}
	if (code)
		return code;
	if (!mkdtemp(host.root))
		return pm_fail_errno(err, "create", host.root);
	code = make_all(&host, region_bytes, err);
	if (!code && rename(host.root, folder) != 0 && errno != ENOTEMPTY && errno != EEXIST)
		code = pm_fail_errno(err, "create", folder);
	remove_tree(host.root);
	return code;
}

static bool holds_host(const struct pm_host *host)
{
	char full[PM_PATH_MAX];

	return pm_host_path(host, "/proc/iomem", full, NULL) == PM_OK && access(full, F_OK) == 0;
}

/* Absent or an empty folder: a host may be made there. */
static bool is_vacant(const char *folder)
{
	struct stat status;

	if (lstat(folder, &status) != 0)
		return errno == ENOENT;
	return S_ISDIR(status.st_mode) && rmdir(folder) == 0;
}

enum pm_code pm_host_simulated_open(struct pm_host *host, const char *folder, uint64_t region_bytes,
				    struct pm_error *err)
{
	size_t length = strlen(folder);
	enum pm_code code = PM_OK;

	while (length > 1 && folder[length - 1] == '/')
		length--;
	host->simulated = true;
	if (!length || length > sizeof(host->root) - 64)
		return pm_fail(err, PM_E_IO_FAILED, "the path of the simulated host is empty or too long");
	snprintf(host->root, sizeof(host->root), "%.*s", (int)length, folder);
	snprintf(host->state_dir, sizeof(host->state_dir), "%.*s/var/lib/pmpool", (int)length, folder);
	if (holds_host(host))
		return PM_OK;
	if (!is_vacant(host->root))
		return pm_fail(err, PM_E_FILE_EXISTS, "%.200s is neither empty nor a simulated host", host->root);
	code = make(host->root, region_bytes ? region_bytes : PM_SIMULATED_DEFAULT, err);
	if (!code && !holds_host(host))
		code = pm_fail(err, PM_E_FILE_EXISTS, "%.200s is neither empty nor a simulated host", host->root);
	return code;
}

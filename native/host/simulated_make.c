/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the folder of a simulated host. */
#include "files.h"
#include "size.h"
#include "simulated_parts.h"
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
#define RAM_BETWEEN (UINT64_C(1) << 30) /* ordinary memory behind each region, at least */
#define BLOCK (UINT64_C(128) << 20) /* of memory, as the kernel names nodes; regions start at multiples of it */
#define BYTES_MAX (UINT64_C(1) << 44)
#define ALL_BYTES_MAX (UINT64_C(1) << 50)

/* --- where the regions are --- */

/* Start of the region behind one that starts at `base`. */
static uint64_t next_base(uint64_t base, uint64_t bytes)
{
	return (base + bytes + RAM_BETWEEN + BLOCK - 1) / BLOCK * BLOCK;
}

static uint64_t end_of_regions(const uint64_t *sizes, size_t count)
{
	uint64_t base = PM_SIMULATED_BASE;

	for (size_t i = 0; i + 1 < count; i++)
		base = next_base(base, sizes[i]);
	return base + sizes[count - 1];
}

static enum pm_code check_sizes(const uint64_t *sizes, size_t count, struct pm_error *err)
{
	uint64_t all = 0;

	if (count == 0 || count > PM_SIMULATED_REGIONS_MAX)
		return pm_fail(err, PM_E_UNSUPPORTED, "a simulated host has 1 to %d regions", PM_SIMULATED_REGIONS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (sizes[i] < UINT64_C(1) << 20)
			return pm_fail(err, PM_E_REGION_TOO_SMALL, "a simulated region of %" PRIu64 " bytes", sizes[i]);
		if (sizes[i] % PAGE)
			return pm_fail(err, PM_E_REGION_UNALIGNED, "%" PRIu64 " bytes are not whole pages", sizes[i]);
		if (sizes[i] > BYTES_MAX)
			return pm_fail(err, PM_E_UNSUPPORTED, "a simulated region has at most 16 TiB");
		all += sizes[i];
	}
	return all > ALL_BYTES_MAX ? pm_fail(err, PM_E_UNSUPPORTED, "simulated regions have at most 1 PiB together")
				   : PM_OK;
}

/* One option for all of them: more than four separate ones would make KASLR unsafe on a real host. */
enum pm_code pm_simulated_cmdline(const uint64_t *sizes, size_t count, char cmdline[PM_SIMULATED_CMDLINE],
				  struct pm_error *err)
{
	uint64_t base = PM_SIMULATED_BASE;
	int used = snprintf(cmdline, PM_SIMULATED_CMDLINE, "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet memmap=");

	for (size_t i = 0; i < count; i++) {
		char size[32];

		pm_write_size(sizes[i], size);
		used += snprintf(cmdline + used, PM_SIMULATED_CMDLINE - (size_t)used, "%s%s$0x%" PRIx64, i ? "," : "",
				 size, base);
		if (used >= PM_SIMULATED_CMDLINE)
			return pm_fail(err, PM_E_CMDLINE_TOO_LONG, "the command line has more than %d bytes",
				       PM_SIMULATED_CMDLINE);
		base = next_base(base, sizes[i]);
	}
	return PM_OK;
}

/* --- its files --- */

static enum pm_code put_range(const struct pm_host *host, size_t number, const struct pm_firmware_range *range,
			      struct pm_error *err)
{
	char path[64], text[32];
	enum pm_code code;

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/start", number);
	snprintf(text, sizeof(text), "0x%" PRIx64 "\n", range->first);
	code = pm_simulated_put(host, path, text, err);
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/end", number);
	snprintf(text, sizeof(text), "0x%" PRIx64 "\n", range->last);
	code = code ? code : pm_simulated_put(host, path, text, err);
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%zu/type", number);
	snprintf(text, sizeof(text), "%s\n", pm_firmware_type_name(range->type));
	return code ? code : pm_simulated_put(host, path, text, err);
}

static enum pm_code put_block(const struct pm_host *host, size_t node, uint64_t block, struct pm_error *err)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%zu/memory%" PRIu64, node, block);
	return pm_simulated_put(host, path, "", err);
}

/* Hosts with several regions have two nodes, in turn: the blocks of RAM around a region are of its own. */
static enum pm_code put_nodes(const struct pm_host *host, const uint64_t *sizes, size_t count, struct pm_error *err)
{
	uint64_t base = PM_SIMULATED_BASE;
	enum pm_code code = PM_OK;

	if (count > 1)
		code = pm_simulated_put(host, "/sys/devices/system/memory/block_size_bytes", "8000000\n", err);
	for (size_t i = 0; i < count && count > 1 && !code; i++) {
		uint64_t below = i ? base - BLOCK : UINT64_C(0x38000000);

		code = put_block(host, i % 2, below / BLOCK, err);
		code = code ? code : put_block(host, i % 2, (base + sizes[i]) / BLOCK, err);
		base = next_base(base, sizes[i]);
	}
	return code;
}

static enum pm_code make_memory(const struct pm_host *host, uint64_t end, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_simulated_put(host, "/dev/mem", "", err);

	code = code ? code : pm_host_path(host, "/dev/mem", full, err);
	if (code)
		return code;
	chmod(full, 0600);
	if (truncate(full, (off_t)end) == 0)
		return PM_OK;
	if (errno == EFBIG)
		return pm_fail(err, PM_E_UNSUPPORTED,
			       "the file system of %.150s takes no file of %" PRIu64 " bytes; tmpfs or XFS does", full,
			       end);
	return pm_fail_errno(err, "size", full);
}

static enum pm_code make_folder(const struct pm_host *host, const char *path, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, path, full, err);

	return code ? code : pm_make_folders(full, 0755, err);
}

static enum pm_code make_boot(const struct pm_host *host, const uint64_t *sizes, size_t count, struct pm_error *err)
{
	const struct pm_firmware_range ranges[] = {
		{0x0, 0xfff, PM_FIRMWARE_RESERVED},
		{0x1000, 0x9fbff, PM_FIRMWARE_RAM},
		{0x9fc00, 0x9ffff, PM_FIRMWARE_RESERVED},
		{0xf0000, 0xfffff, PM_FIRMWARE_RESERVED},
		{0x100000, 0x3ffdbfff, PM_FIRMWARE_RAM},
		{0x3ffdc000, 0x3ffdefff, PM_FIRMWARE_ACPI},
		{0x3ffdf000, 0x3ffdffff, PM_FIRMWARE_NVS},
		{0x3ffe0000, 0x3fffffff, PM_FIRMWARE_RESERVED},
		{0xb0000000, 0xbfffffff, PM_FIRMWARE_RESERVED},
		{PM_SIMULATED_BASE, end_of_regions(sizes, count) + RAM_BETWEEN - 1, PM_FIRMWARE_RAM},
	};
	size_t range_count = sizeof(ranges) / sizeof(ranges[0]);
	char cmdline[PM_SIMULATED_CMDLINE];
	enum pm_code code = pm_simulated_cmdline(sizes, count, cmdline, err);

	for (size_t i = 0; i < range_count && !code; i++)
		code = put_range(host, i, &ranges[i], err);
	code = code ? code : pm_simulated_boot_files(host, ranges, range_count, cmdline, err);
	return code ? code : pm_simulated_put(host, PM_SIMULATED_ENTRY, cmdline, err);
}

static enum pm_code make_all(const struct pm_host *host, const uint64_t *sizes, size_t count, struct pm_error *err)
{
	static const char *const folders[] = {"/var/lib/pmpool/snapshots", "/var/lib/pmpool/expectations",
					      "/var/lib/pmpool/lock"};
	struct utsname machine;
	char release[80];
	enum pm_code code = make_boot(host, sizes, count, err);

	code = code ? code : put_nodes(host, sizes, count, err);
	code = code ? code : pm_simulated_devices(host, err);
	code = code ? code : make_memory(host, end_of_regions(sizes, count), err);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !code; i++)
		code = make_folder(host, folders[i], err);
	uname(&machine);
	snprintf(release, sizeof(release), "%s\n", machine.release);
	code = code ? code : pm_simulated_put(host, "/proc/sys/kernel/osrelease", release, err);
	code = code ? code
		    : pm_simulated_put(host, "/boot/vmlinuz", "A kernel in name only, of a simulated pmpool host.\n",
				       err);
	return code ? code
		    : pm_simulated_put(host, "/boot/initrd.img",
				       "An initrd in name only, of a simulated pmpool host.\n", err);
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
static enum pm_code make(const char *folder, const uint64_t *sizes, size_t count, struct pm_error *err)
{
	struct pm_host host = {.simulated = true};
	int length = snprintf(host.root, sizeof(host.root), "%s.new-XXXXXX", folder);
	char parent[sizeof(host.root)], *slash;
	enum pm_code code = check_sizes(sizes, count, err);

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
	code = make_all(&host, sizes, count, err);
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

static enum pm_code name_host(struct pm_host *host, const char *folder, struct pm_error *err)
{
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		length--;
	host->simulated = true;
	if (!length || length > sizeof(host->root) - 64)
		return pm_fail(err, PM_E_IO_FAILED, "the path of the simulated host is empty or too long");
	snprintf(host->root, sizeof(host->root), "%.*s", (int)length, folder);
	snprintf(host->state_dir, sizeof(host->state_dir), "%.*s/var/lib/pmpool", (int)length, folder);
	return PM_OK;
}

/* Not a host any more, but nothing to make one over: the file that is missing is what to look for. */
static enum pm_code refuse_folder(const struct pm_host *host, struct pm_error *err)
{
	char full[PM_PATH_MAX];

	if (pm_host_path(host, "/proc/cmdline", full, NULL) == PM_OK && access(full, F_OK) == 0)
		return pm_fail(err, PM_E_FILE_NOT_FOUND, "the simulated host in %.200s has lost its proc/iomem",
			       host->root);
	return pm_fail(err, PM_E_FILE_EXISTS, "%.200s is neither empty nor a simulated host", host->root);
}

static enum pm_code open_or_make(struct pm_host *host, const char *folder, const uint64_t *sizes, size_t count,
				 struct pm_error *err)
{
	enum pm_code code = name_host(host, folder, err);

	if (code || holds_host(host))
		return code;
	if (!is_vacant(host->root))
		return refuse_folder(host, err);
	code = make(host->root, sizes, count, err);
	if (!code && !holds_host(host))
		code = refuse_folder(host, err);
	return code;
}

enum pm_code pm_host_simulated_open(struct pm_host *host, const char *folder, uint64_t region_bytes,
				    struct pm_error *err)
{
	const uint64_t size = region_bytes ? region_bytes : PM_SIMULATED_DEFAULT;

	return open_or_make(host, folder, &size, 1, err);
}

enum pm_code pm_host_simulated_make(const char *folder, const uint64_t *sizes, size_t count, struct pm_error *err)
{
	struct pm_host host = {0};

	return open_or_make(&host, folder, sizes, count, err);
}

bool pm_host_simulated_differs(const char *folder, const uint64_t *sizes, size_t count)
{
	char cmdline[PM_SIMULATED_CMDLINE], *made = NULL;
	struct pm_host host = {0};
	bool differs;

	if (name_host(&host, folder, NULL) || pm_simulated_cmdline(sizes, count, cmdline, NULL) ||
	    pm_host_read_all(&host, PM_SIMULATED_ENTRY, &made, NULL))
		return false;
	differs = strcmp(made, cmdline) != 0;
	free(made);
	return differs;
}

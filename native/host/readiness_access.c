/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can the region be reached: /dev/mem, what the kernel was built with, Secure Boot, drivers in the way. */
#include "check.h"
#include "files.h"
#include "readiness.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLACES 4097 /* as many as pm_region_pools looks at */

static const struct pm_region_info *first_mapped(const struct pm_readiness *facts)
{
	for (size_t i = 0; i < facts->region_count; i++)
		if (pm_readiness_by_devmem(&facts->regions[i]) && !facts->regions[i].refused.code)
			return &facts->regions[i];
	return NULL;
}

/* Maps pages of the region to look for pools, which is what everybody else does. */
static enum pm_code try_map(const struct pm_host *host, const struct pm_region_info *region, struct pm_error *err)
{
	struct pm_pool_at *pools = calloc(PLACES, sizeof(*pools));
	size_t count;
	enum pm_code code = pools ? pm_region_pools(host, region, pools, PLACES, &count, err)
				  : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look into the region");

	free(pools);
	return code;
}

static int open_error(const struct pm_host *host)
{
	char full[PM_PATH_MAX];
	int fd;

	if (pm_host_path(host, "/dev/mem", full, NULL))
		return ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Returns whether a region could be mapped. */
static bool dev_mem(const struct pm_readiness *facts, struct json_object *checks)
{
	const struct pm_region_info *region = first_mapped(facts);
	struct pm_error err = {0};
	int error = open_error(facts->host);

	if (error) {
		pm_check_add(checks, "dev-mem", PM_FAIL, "/dev/mem cannot be opened",
			     pm_error_remedy(error == ENOENT ? PM_E_DEVMEM_MISSING : PM_E_PERMISSION_DENIED),
			     "/dev/mem: %s.", strerror(error));
		return false;
	}
	if (!region) {
		pm_check_add(checks, "dev-mem", PM_PASS, "/dev/mem opens", "",
			     "It opens for reading; no range is reserved that could be mapped.");
		return false;
	}
	if (try_map(facts->host, region, &err)) {
		pm_check_add(checks, "dev-mem", PM_FAIL, "The region cannot be mapped", pm_error_remedy(err.code),
			     "%s: %s", region->id, err.message);
		return false;
	}
	pm_check_add(checks, "dev-mem", PM_PASS, "The region can be mapped", "",
		     "/dev/mem opens, and pages of %s were mapped and read.", region->id);
	return true;
}

/* "CONFIG_X=y" as a line of its own. */
static bool configured(const char *config, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = config; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, length) == 0 && (at[length] == '\n' || !at[length]))
			return true;
	}
	return false;
}

/* Where distributions put it; malloc'd, with the path that had it, or NULL. */
static char *kernel_config(const struct pm_host *host, char path[192])
{
	static const char *const places[][2] = {
		{"/boot/config-", ""}, {"/lib/modules/", "/config"}, {"/usr/lib/modules/", "/config"}};
	char release[128] = "", *config;

	pm_host_read(host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, 192, "%s%s%s", places[i][0], release, places[i][1]);
		if (!pm_host_read_all(host, path, &config, NULL))
			return config;
	}
	snprintf(path, 192, "/boot/config-%s", release);
	return NULL;
}

static void strict_devmem(const struct pm_readiness *facts, bool mapped, struct json_object *checks)
{
	char path[192], *config = kernel_config(facts->host, path);
	/* Compressed by gzip, for which nothing here has a reader. */
	bool packed = !config && pm_readiness_exists(facts->host, "/proc/config.gz");

	if (!config) {
		pm_check_add(
			checks, "strict-devmem", mapped ? PM_PASS : PM_WARN,
			mapped ? "/dev/mem gives the region" : "How strict /dev/mem is, is not told",
			packed ? "Look yourself: zcat /proc/config.gz | grep STRICT_DEVMEM. Or reserve a range and "
				 "look again."
			       : "Reserve a range and look again.",
			"%.180s is not there%s%s", path, packed ? "; /proc/config.gz is, but is not read" : "",
			mapped ? "; a region was mapped all the same." : ".");
		return;
	}
	if (!configured(config, "CONFIG_STRICT_DEVMEM=y"))
		pm_check_add(checks, "strict-devmem", PM_WARN, "/dev/mem gives all of RAM to root",
			     "Nothing for a pool; a kernel with CONFIG_STRICT_DEVMEM=y is safer.",
			     "%.180s has no CONFIG_STRICT_DEVMEM=y.", path);
	else
		pm_check_add(checks, "strict-devmem", PM_PASS, "/dev/mem gives reserved ranges, and no RAM", "",
			     "CONFIG_STRICT_DEVMEM=y%s in %.150s.",
			     configured(config, "CONFIG_IO_STRICT_DEVMEM=y") ? ", CONFIG_IO_STRICT_DEVMEM=y" : "",
			     path);
	free(config);
}

/* Four bytes of attributes, one of value. -1: no such variable. */
static int secure_boot_value(const struct pm_host *host)
{
	static const char path[] = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char full[PM_PATH_MAX];
	uint8_t bytes[5];
	ssize_t got = -1;
	int fd;

	if (pm_host_path(host, path, full, NULL))
		return -1;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		got = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	return got == (ssize_t)sizeof(bytes) ? bytes[4] : -1;
}

static void secure_boot(const struct pm_readiness *facts, struct json_object *checks)
{
	int value = secure_boot_value(facts->host);
	bool efi = pm_readiness_exists(facts->host, "/sys/firmware/efi");

	pm_check_add(checks, "secure-boot", value > 0 ? PM_WARN : PM_PASS,
		     value > 0 ? "Secure Boot is on" : "Secure Boot is off",
		     "Most distributions lock the kernel down under it: switch it off in the firmware, or use a signed "
		     "kernel and a devdax device.",
		     value >= 0 ? "The variable SecureBoot is %d."
		     : efi	? "UEFI without a variable SecureBoot that can be read."
				: "No /sys/firmware/efi: no UEFI, no Secure Boot.",
		     value);
}

/* A driver that claimed a `!` range shows inside it, and /dev/mem refuses the range from then on. */
static void pmem_driver(const struct pm_readiness *facts, struct json_object *checks)
{
	size_t looked = 0;

	for (size_t i = 0; i < facts->map.option_count; i++) {
		const struct pm_memory_option *option = &facts->map.options[i];

		looked += option->kind == PM_OPTION_PMEM;
		for (size_t j = 0; option->kind == PM_OPTION_PMEM && j < facts->map.kernel.count; j++) {
			const struct pm_iomem_entry *entry = &facts->map.kernel.entries[j];

			if (!entry->depth || entry->last < option->base || entry->first >= option->base + option->bytes)
				continue;
			pm_check_add(checks, "pmem-driver", PM_FAIL, "A driver has claimed the range",
				     "Unbind it (`ndctl disable-namespace all`), or reserve the range with `$`.",
				     "%.100s holds %s at 0x%" PRIx64 ".", option->text, entry->name, entry->first);
			return;
		}
	}
	pm_check_add(checks, "pmem-driver", PM_PASS, "No driver has claimed a range", "",
		     "memmap=SIZE!BASE on the command line: %zu; nothing is inside in /proc/iomem.", looked);
}

void pm_readiness_access(const struct pm_readiness *facts, struct json_object *checks)
{
	bool mapped = dev_mem(facts, checks);

	strict_devmem(facts, mapped, checks);
	secure_boot(facts, checks);
	pmem_driver(facts, checks);
}

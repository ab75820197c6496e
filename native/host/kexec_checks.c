// SPDX-License-Identifier: GPL-2.0-or-later
#include "kexec_checks.h"
#include "check.h"
#include "files.h"
#include "kexec_cmdline.h"
#include "kexec_image.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* x86: COMMAND_LINE_SIZE is 2048, the boot protocol announces 2047, and kexec counts the NUL. */
#define CMDLINE_BYTES 2046u

static const char keep_memmap[] = "Keep every memmap= of the region on the next command line.";

static struct pm_kexec_region find_region(const struct pm_region_info *list, size_t count, uint64_t base,
					  uint64_t bytes)
{
	struct pm_kexec_region region = {.info = {.kind = PM_REGION_MEMMAP, .base = base, .bytes = bytes}};

	snprintf(region.info.id, sizeof(region.info.id), "mem:%#" PRIx64, base);
	/* a size without an address reads as a region at 0 that is refused: one that may be opened goes first */
	for (size_t i = 0; i < count && (!region.known || region.info.refused.code); i++) {
		if (region.known && list[i].refused.code)
			continue;
		if (list[i].base > base || list[i].bytes < bytes || base - list[i].base > list[i].bytes - bytes)
			continue;
		region.info = list[i];
		region.known = true;
	}
	return region;
}

enum pm_code pm_kexec_region(struct pm_kexec_target *target, uint64_t base, uint64_t bytes, struct pm_error *err)
{
	struct pm_kexec_region region, *regions;
	struct pm_region_info *list;
	size_t count;
	enum pm_code code = pm_region_list(target->host, &list, &count, err);

	if (code)
		return code;
	region = find_region(list, count, base, bytes);
	free(list);
	for (size_t i = 0; i < target->count; i++)
		if (target->regions[i].info.base == region.info.base &&
		    target->regions[i].info.bytes == region.info.bytes)
			return PM_OK;
	regions = realloc(target->regions, (target->count + 1) * sizeof(*regions));
	if (!regions)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for %zu regions.", target->count + 1);
	target->regions = regions;
	regions[target->count++] = region;
	return PM_OK;
}

const char *pm_check_numbered(char id[64], const char *name, size_t number)
{
	if (number == 0)
		snprintf(id, 64, "%.40s", name);
	else
		snprintf(id, 64, "%.40s-%zu", name, number);
	return id;
}

static bool exists(const struct pm_host *host, const char *path)
{
	char full[PM_PATH_MAX];

	return pm_host_path(host, path, full, NULL) == PM_OK && access(full, F_OK) == 0;
}

static void next_memmap(const struct pm_kexec_target *target, size_t number, struct json_object *checks)
{
	const struct pm_region_info *region = &target->regions[number].info;
	uint64_t last = region->base + region->bytes - 1;
	bool reserved = pm_cmdline_reserves(target->cmdline, region->base, region->bytes);
	char *running = NULL, id[64];

	if (target->drop) {
		pm_check_add(checks, pm_check_numbered(id, "reservation-dropped", number), PM_WARN,
			     "The reservation is left out on purpose",
			     "Only for a test of loss; plan again without it to keep the pool.",
			     reserved ? "Yet %#" PRIx64 "-%#" PRIx64 " is reserved on the next command line."
				      : "%#" PRIx64 "-%#" PRIx64 " becomes ordinary memory of the next kernel.",
			     region->base, last);
		return;
	}
	/* A device of its own (NFIT, NVDIMM) does not live by the command line. */
	if (!reserved && region->kind == PM_REGION_DEVDAX &&
	    pm_host_read_all(target->host, "/proc/cmdline", &running, NULL) == PM_OK &&
	    !pm_cmdline_reserves(running, region->base, region->bytes))
		reserved = true;
	free(running);
	pm_check_add(checks, pm_check_numbered(id, "next-memmap", number), reserved ? PM_PASS : PM_FAIL,
		     reserved ? "The next kernel leaves the region alone" : "The next kernel would use the region",
		     keep_memmap, "%#" PRIx64 "-%#" PRIx64 " is %sreserved on the next command line.", region->base,
		     last, reserved ? "" : "not ");
}

static void now_reserved(const struct pm_kexec_target *target, size_t number, struct json_object *checks)
{
	const struct pm_region_info *region = &target->regions[number].info;
	bool holds = target->regions[number].known && !region->refused.code;
	char id[64];

	pm_check_add(checks, pm_check_numbered(id, "now-reserved", number), holds ? PM_PASS : PM_FAIL,
		     holds ? "This kernel leaves the region alone" : "The region is not reserved now",
		     region->refused.code ? pm_error_remedy(region->refused.code) : "Boot with its memmap= first.",
		     "%s%s (%#" PRIx64 "-%#" PRIx64 ")", holds ? "By " : "",
		     holds		    ? region->source
		     : region->refused.code ? region->refused.message
					    : "Nothing on /proc/cmdline gives it away",
		     region->base, region->base + region->bytes - 1);
}

/* Loads are counted where the kernel has a limit, failed ones too, so ask only when there is none. */
static bool may_probe(const struct pm_host *host)
{
	char limit[32];

	if (pm_host_read(host, "/proc/sys/kernel/kexec_load_limit_reboot", limit, sizeof(limit), NULL))
		return true;
	return strcmp(limit, "-1") == 0;
}

static void kexec_file(const struct pm_kexec_target *target, struct json_object *checks)
{
	bool available = exists(target->host, "/sys/kernel/kexec_loaded");
	const char *detail = available ? "/sys/kernel/kexec_loaded is there." : "/sys/kernel/kexec_loaded is missing.";

	if (available && !target->host->simulated && may_probe(target->host)) {
#ifdef SYS_kexec_file_load
		/* No such files: refused in every case, and never ENOSYS where the call exists. */
		available = syscall(SYS_kexec_file_load, -1, -1, 0UL, NULL, 0UL) == 0 || errno != ENOSYS;
#else
		available = false;
#endif
		detail = available ? "kexec_file_load answers." : "kexec_file_load: not implemented.";
	}
	pm_check_add(checks, "kexec-file", available ? PM_PASS : PM_FAIL,
		     available ? "The kernel can load another" : "The kernel cannot load another",
		     pm_error_remedy(PM_E_KEXEC_UNAVAILABLE), "%s", detail);
}

static void load_disabled(const struct pm_kexec_target *target, struct json_object *checks)
{
	char disabled[32] = "", limit[32] = "";

	pm_host_read(target->host, "/proc/sys/kernel/kexec_load_disabled", disabled, sizeof(disabled), NULL);
	pm_host_read(target->host, "/proc/sys/kernel/kexec_load_limit_reboot", limit, sizeof(limit), NULL);
	if (strcmp(disabled, "1") == 0 || strcmp(limit, "0") == 0)
		pm_check_add(checks, "load-disabled", PM_FAIL, "Loading is disabled until the next reboot",
			     pm_error_remedy(PM_E_KEXEC_DISABLED),
			     "kexec_load_disabled is %s, kexec_load_limit_reboot %s.", *disabled ? disabled : "absent",
			     *limit ? limit : "absent");
	else
		pm_check_add(checks, "load-disabled", PM_PASS, "Loading is allowed", "",
			     "kexec_load_disabled is %s, kexec_load_limit_reboot %s.", *disabled ? disabled : "absent",
			     *limit ? limit : "absent");
}

/* Lockdown wants a signed image, and after it the next kernel most likely closes /dev/mem too. */
static void lockdown(const struct pm_kexec_target *target, struct json_object *checks)
{
	enum pm_level level = PM_PASS;
	char mode[32];

	pm_host_lockdown(target->host, mode);
	if (strcmp(mode, "none") != 0)
		level = PM_WARN;
	for (size_t i = 0; level == PM_WARN && i < target->count; i++)
		if (target->regions[i].info.kind != PM_REGION_DEVDAX)
			level = PM_FAIL;
	pm_check_add(checks, "lockdown", level, level == PM_PASS ? "No lockdown" : "Kernel lockdown",
		     "Boot without Secure Boot or lockdown=; with a devdax device use a signed kernel.",
		     "The lockdown mode is %s.", mode);
}

static void image(const struct pm_kexec_target *target, const char *id, const char *what, const char *path,
		  struct json_object *checks)
{
	struct pm_error err = {0};
	char title[64];
	int fd;
	enum pm_code code = pm_image_open(target->host, path, &fd, &err);

	if (code) {
		snprintf(title, sizeof(title), "The %s cannot be used", what);
		pm_check_add(checks, id, PM_FAIL, title,
			     code == PM_E_FILE_NOT_FOUND ? "Name one that is there."
							 : pm_error_remedy(PM_E_KEXEC_KERNEL_UNTRUSTED),
			     "%s", err.message);
		return;
	}
	close(fd);
	snprintf(title, sizeof(title), "The %s is root's", what);
	pm_check_add(checks, id, PM_PASS, title, "", "%s", path);
}

static void cmdline_length(const struct pm_kexec_target *target, struct json_object *checks)
{
	size_t bytes = strlen(target->cmdline);
	bool fits = bytes <= CMDLINE_BYTES;

	pm_check_add(checks, "cmdline-length", fits ? PM_PASS : PM_FAIL,
		     fits ? "The command line fits" : "The command line is too long",
		     pm_error_remedy(PM_E_CMDLINE_TOO_LONG), "%zu of %u bytes.", bytes, CMDLINE_BYTES);
}

static void kaslr(const struct pm_kexec_target *target, struct json_object *checks)
{
	unsigned ranges;
	bool risk = pm_cmdline_kaslr_risk(target->cmdline, &ranges);

	pm_check_add(checks, "kaslr-ranges", risk ? PM_FAIL : PM_PASS,
		     risk ? "The next kernel may be placed inside a region" : "The next kernel keeps off the regions",
		     "Add nokaslr, or join the ranges with commas in one memmap= option.",
		     "Ranges in memmap= options: %u; address randomisation minds the first 4 only.", ranges);
}

static void crashkernel(const struct pm_kexec_target *target, struct json_object *checks)
{
	for (size_t i = 0; i < target->count; i++) {
		const struct pm_region_info *region = &target->regions[i].info;
		struct pm_option option;

		if (!pm_cmdline_crash_overlaps(target->cmdline, region->base, region->bytes, &option))
			continue;
		pm_check_add(checks, "crashkernel", PM_FAIL, "The crash kernel would lie in the region",
			     "Leave the address out of crashkernel=, or choose another.",
			     "%.*s overlaps %#" PRIx64 "-%#" PRIx64, (int)option.length, option.text, region->base,
			     region->base + region->bytes - 1);
		return;
	}
	pm_check_add(checks, "crashkernel", PM_PASS, "No crash kernel in the region", "",
		     "No crashkernel= names an address in it.");
}

static void systemd(const struct pm_kexec_target *target, struct json_object *checks)
{
	bool runs = target->host->simulated || exists(target->host, "/run/systemd/system");

	pm_check_add(checks, "systemd", runs ? PM_PASS : PM_FAIL,
		     runs ? "systemd can start kexec.target" : "systemd does not run this host",
		     "Boot the host with systemd.", "%s",
		     target->host->simulated ? "A simulated host boots by itself."
		     : runs		     ? "/run/systemd/system is there."
					     : "/run/systemd/system is missing.");
}

static void already_loaded(const struct pm_kexec_target *target, struct json_object *checks)
{
	char loaded[32] = "";
	bool yes;

	pm_host_read(target->host, "/sys/kernel/kexec_loaded", loaded, sizeof(loaded), NULL);
	yes = strcmp(loaded, "1") == 0;
	pm_check_add(checks, "already-loaded", yes ? PM_WARN : PM_PASS,
		     yes ? "A kernel is loaded already" : "No kernel is loaded yet",
		     "Loading replaces it; until then `systemctl reboot` starts it instead of a cold boot.",
		     "/sys/kernel/kexec_loaded is %s.", *loaded ? loaded : "absent");
}

void pm_kexec_host_checks(const struct pm_kexec_target *target, struct json_object *checks)
{
	kexec_file(target, checks);
	load_disabled(target, checks);
	lockdown(target, checks);
	image(target, "kernel-file", "kernel", target->kernel, checks);
	if (target->initrd)
		image(target, "initrd-file", "initrd", target->initrd, checks);
	cmdline_length(target, checks);
	kaslr(target, checks);
	crashkernel(target, checks);
	systemd(target, checks);
	already_loaded(target, checks);
}

void pm_kexec_checks(const struct pm_kexec_target *target, struct json_object *checks)
{
	for (size_t i = 0; i < target->count; i++) {
		next_memmap(target, i, checks);
		now_reserved(target, i, checks);
	}
	pm_kexec_host_checks(target, checks);
}

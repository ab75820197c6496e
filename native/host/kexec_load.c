// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loading what a plan says. The plan comes back through a client, so nothing in it is believed: every question is
 * asked again, of the host as it is now. Only kexec_file_load is used: it keeps segments inside System RAM, while
 * with kexec_load user space chooses, by a memory map in which the region still looks like RAM.
 */
#include "check.h"
#include "files.h"
#include "kexec_checks.h"
#include "kexec_cmdline.h"
#include "kexec_image.h"
#include "kexec_simulated.h"
#include "pmpool/kexec.h"
#include "uuid.h"
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <linux/kexec.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long file_load(int kernel, int initrd, const char *cmdline, unsigned long flags)
{
#ifdef SYS_kexec_file_load
	return syscall(SYS_kexec_file_load, kernel, initrd, cmdline ? (unsigned long)strlen(cmdline) + 1 : 0UL, cmdline,
		       flags);
#else
	errno = ENOSYS;
	return -1;
#endif
}

bool pm_kexec_loaded(const struct pm_host *host)
{
	char loaded[32];

	return pm_host_read(host, "/sys/kernel/kexec_loaded", loaded, sizeof(loaded), NULL) == PM_OK &&
	       strcmp(loaded, "1") == 0;
}

static bool nonce_on(const char *cmdline, const char *nonce)
{
	struct pm_option option;

	while (pm_option_next(&cmdline, &option))
		if (option.length == strlen("pmpool.nonce=") + 32 && pm_option_is(&option, "pmpool.nonce="))
			return strncmp(option.text + strlen("pmpool.nonce="), nonce, 32) == 0;
	return false;
}

/* Fill the target from the plan; the strings stay the plan's. */
static enum pm_code read_plan(struct json_object *plan, struct pm_kexec_target *target, struct pm_error *err)
{
	const char *nonce = json_text(plan, "nonce");

	target->kernel = json_text(plan, "kernel");
	target->initrd = *json_text(plan, "initrd") ? json_text(plan, "initrd") : NULL;
	target->cmdline = json_text(plan, "cmdline");
	target->drop = json_flag(plan, "dropReservation");
	if (json_flag(plan, "simulated") != target->host->simulated)
		return pm_fail(err, PM_E_INVALID_PARAMS, "The plan was made on another kind of host.");
	if (strlen(nonce) != 32 || strspn(nonce, "0123456789abcdef") != 32 || !nonce_on(target->cmdline, nonce))
		return pm_fail(err, PM_E_INVALID_PARAMS, "The plan's command line does not carry its nonce.");
	return pm_cmdline_refuse(target->cmdline, "The plan's command line", err);
}

static enum pm_code check_boot(struct json_object *plan, const struct pm_host *host, struct pm_error *err)
{
	const char *planned = json_text(plan, "bootId");
	char now[PM_UUID_TEXT];
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(host, boot_id, err);

	if (code)
		return code;
	pm_uuid_format(boot_id, now);
	if (strcmp(planned, now) != 0)
		return pm_fail(err, PM_E_PREFLIGHT_FAILED, "boot-id: the plan was made in boot %.40s, now it is %s.",
			       planned, now);
	return PM_OK;
}

/* A region the plan wants to survive must be one of this host, whole. */
static enum pm_code check_region(struct json_object *region, struct pm_kexec_target *target, struct pm_error *err)
{
	uint64_t base = json_count(region, "base"), bytes = json_count(region, "size");
	enum pm_code code;

	if (!json_object_is_type(region, json_type_object) || !bytes || bytes > UINT64_MAX - base)
		return pm_fail(err, PM_E_INVALID_PARAMS, "The plan names no region.");
	code = pm_kexec_region(target, base, bytes, err);
	if (code)
		return code;
	for (size_t i = 0; i < target->count; i++)
		if (target->regions[i].known && target->regions[i].info.base == base &&
		    target->regions[i].info.bytes == bytes)
			return PM_OK;
	return pm_fail(err, PM_E_PREFLIGHT_FAILED, "now-reserved: no region of this host is %#" PRIx64 "-%#" PRIx64 ".",
		       base, base + bytes - 1);
}

/* `region` is the first of `regions`, for who knows only one. */
static enum pm_code check_regions(struct json_object *plan, struct pm_kexec_target *target, struct pm_error *err)
{
	struct json_object *region = NULL, *regions = NULL;
	enum pm_code code;

	json_object_object_get_ex(plan, "region", &region);
	json_object_object_get_ex(plan, "regions", &regions);
	code = check_region(region, target, err);
	if (!code && (!json_object_is_type(regions, json_type_array) || json_object_array_length(regions) == 0 ||
		      !json_object_equal(region, json_object_array_get_idx(regions, 0))))
		code = pm_fail(err, PM_E_INVALID_PARAMS, "The plan's region is not the first of its regions.");
	for (size_t i = 1; !code && i < json_object_array_length(regions); i++)
		code = check_region(json_object_array_get_idx(regions, i), target, err);
	return code;
}

static enum pm_code check_all(const struct pm_kexec_target *target, struct pm_error *err)
{
	struct json_object *checks = json_object_new_array(), *failed;
	enum pm_code code = PM_OK;

	pm_kexec_checks(target, checks);
	failed = pm_check_failed(checks);
	if (failed)
		code = pm_fail(err,
			       strncmp(json_text(failed, "id"), "next-memmap", strlen("next-memmap")) == 0
				       ? PM_E_KEXEC_UNSAFE
				       : PM_E_PREFLIGHT_FAILED,
			       "%s: %s. %.200s", json_text(failed, "id"), json_text(failed, "title"),
			       json_text(failed, "detail"));
	json_object_put(checks);
	return code;
}

static enum pm_code refused(const struct pm_host *host, const char *act, int error, struct pm_error *err)
{
	char disabled[32] = "", mode[32];

	pm_host_lockdown(host, mode);
	pm_host_read(host, "/proc/sys/kernel/kexec_load_disabled", disabled, sizeof(disabled), NULL);
	if (error == ENOSYS)
		return pm_fail(err, PM_E_KEXEC_UNAVAILABLE, "kexec_file_load is not implemented.");
	if (error == EPERM && strcmp(disabled, "1") == 0)
		return pm_fail(err, PM_E_KEXEC_DISABLED, "kexec_load_disabled is 1.");
	if (error == EPERM && strcmp(mode, "none") == 0)
		return pm_fail(err, PM_E_PERMISSION_DENIED, "%s needs CAP_SYS_BOOT.", act);
	return pm_fail(err, PM_E_KEXEC_LOAD_FAILED, "%s: %s%s.", act, strerror(error),
		       error == EPERM || error == EKEYREJECTED || error == ENOKEY
			       ? "; lockdown wants a kernel with a known signature"
		       : error == ENOEXEC ? "; the file is not a kernel"
		       : error == EINVAL  ? "; the command line may be too long, or the image not loadable"
		       : error == EBUSY	  ? "; another load is under way"
					  : "");
}

static enum pm_code load_real(const struct pm_kexec_target *target, struct pm_error *err)
{
	int kernel = -1, initrd = -1, error = 0;
	enum pm_code code = pm_image_open(target->host, target->kernel, &kernel, err);

	if (!code && target->initrd)
		code = pm_image_open(target->host, target->initrd, &initrd, err);
	if (!code && file_load(kernel, initrd, target->cmdline, target->initrd ? 0 : KEXEC_FILE_NO_INITRAMFS) != 0)
		error = errno;
	if (kernel >= 0)
		close(kernel);
	if (initrd >= 0)
		close(initrd);
	if (error)
		return refused(target->host, "kexec_file_load", error, err);
	if (!code && !pm_kexec_loaded(target->host))
		return pm_fail(err, PM_E_KEXEC_LOAD_FAILED, "The kernel took the image, yet kexec_loaded is not 1.");
	return code;
}

enum pm_code pm_kexec_load(const struct pm_host *host, struct json_object *plan, struct pm_error *err)
{
	struct pm_kexec_target target = {.host = host};
	enum pm_code code = read_plan(plan, &target, err);

	if (!code)
		code = check_boot(plan, host, err);
	if (!code)
		code = check_regions(plan, &target, err);
	if (!code)
		code = check_all(&target, err);
	if (!code)
		code = host->simulated ? pm_kexec_simulated_load(host, target.cmdline, err) : load_real(&target, err);
	free(target.regions);
	return code;
}

enum pm_code pm_kexec_unload(const struct pm_host *host, struct pm_error *err)
{
	if (host->simulated)
		return pm_kexec_simulated_unload(host, err);
	if (file_load(-1, -1, NULL, KEXEC_FILE_UNLOAD) != 0)
		return refused(host, "Unloading", errno, err);
	return PM_OK;
}

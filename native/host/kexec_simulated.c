// SPDX-License-Identifier: GPL-2.0-or-later
#include "kexec_simulated.h"
#include "files.h"
#include "simulated.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define RUN_FOLDER "/run/pmpool"
#define NEXT_FILE RUN_FOLDER "/kexec-cmdline"

static enum pm_code put(const struct pm_host *host, const char *path, const char *text, struct pm_error *err)
{
	char full[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, path, full, err);

	return code ? code : pm_write_file(full, text, err);
}

enum pm_code pm_kexec_simulated_load(const struct pm_host *host, const char *cmdline, struct pm_error *err)
{
	char folder[PM_PATH_MAX];
	enum pm_code code = pm_host_path(host, RUN_FOLDER, folder, err);

	if (!code)
		code = pm_make_folders(folder, 0755, err);
	if (!code)
		code = put(host, NEXT_FILE, cmdline, err);
	return code ? code : put(host, "/sys/kernel/kexec_loaded", "1\n", err);
}

enum pm_code pm_kexec_simulated_unload(const struct pm_host *host, struct pm_error *err)
{
	char next[PM_PATH_MAX];
	enum pm_code code = put(host, "/sys/kernel/kexec_loaded", "0\n", err);

	if (!code)
		code = pm_host_path(host, NEXT_FILE, next, err);
	if (!code && unlink(next) != 0 && errno != ENOENT)
		code = pm_fail_errno(err, "remove", next);
	return code;
}

enum pm_code pm_kexec_simulated_reset(const struct pm_host *host, struct pm_error *err)
{
	enum pm_code code = host->simulated ? pm_kexec_simulated_unload(host, err) : PM_OK;

	return code ? code : pm_host_simulate_reset(host, err);
}

enum pm_code pm_kexec_simulated_jump(const struct pm_host *host, struct pm_error *err)
{
	char *cmdline;
	enum pm_code code = pm_host_read_all(host, NEXT_FILE, &cmdline, err);

	if (!code)
		code = pm_kexec_simulated_unload(host, err);
	if (!code)
		code = pm_host_simulate_boot(host, cmdline, err);
	free(cmdline);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What making a simulated host and booting it share. */
#ifndef PMPOOL_HOST_SIMULATED_PARTS_H
#define PMPOOL_HOST_SIMULATED_PARTS_H

#include "simulated.h"

#define PM_SIMULATED_CMDLINE 8192 /* bytes of a command line */
#define PM_SIMULATED_ENTRY "/etc/kernel/cmdline" /* what a cold boot starts with */

/* Write a file of the host, its folders too. */
enum pm_code pm_simulated_put(const struct pm_host *host, const char *path, const char *text, struct pm_error *err);
/* What the kernel of a boot shows of itself. */
enum pm_code pm_simulated_boot_files(const struct pm_host *host, const struct pm_firmware_range *ranges, size_t count,
				     const char *cmdline, struct pm_error *err);
/* What stays as it is from boot to boot. */
enum pm_code pm_simulated_devices(const struct pm_host *host, struct pm_error *err);
/* What a host with regions of these sizes is made with. */
enum pm_code pm_simulated_cmdline(const uint64_t *sizes, size_t count, char cmdline[PM_SIMULATED_CMDLINE],
				  struct pm_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A simulated host: a directory with the files that the rest reads on a real one. Its firmware's memory map stands
 * in sys/firmware/memmap, as on a real host; /proc/iomem is rendered from that map and the command line.
 */
#ifndef PMPOOL_HOST_SIMULATED_H
#define PMPOOL_HOST_SIMULATED_H

#include "pmpool/host.h"

#define PM_SIMULATED_BASE UINT64_C(0x100000000) /* of the region, when the host is made */
#define PM_SIMULATED_DEFAULT (UINT64_C(1) << 30)

enum pm_code pm_host_simulated_open(struct pm_host *host, const char *folder, uint64_t region_bytes,
				    struct pm_error *err);

/*
 * "Boot" with another command line: new boot id, that command line, /proc/iomem as it would be then, nothing loaded.
 * The bytes of dev/mem stay, as they do over a kexec, but for ranges that were reserved and are System RAM now: there
 * the new kernel under memory pressure would use them, so the first 6 % of their pages (64 MiB at most) are overwritten
 * with the text PM_SIMULATED_JUNK, repeated.
 */
enum pm_code pm_host_simulate_boot(const struct pm_host *host, const char *next_cmdline, struct pm_error *err);
/* A cold boot with the command line the host was made with: its memmap= is back, the memory stays as it is.
 * UNSUPPORTED on a real host. */
enum pm_code pm_host_simulate_reset(const struct pm_host *host, struct pm_error *err);
#define PM_SIMULATED_JUNK "used as RAM by the next kernel (simulated)\n"

/* /proc/iomem for a firmware map and a command line; *text is malloc'd. */
enum pm_firmware_type { PM_FIRMWARE_RESERVED, PM_FIRMWARE_RAM, PM_FIRMWARE_ACPI, PM_FIRMWARE_NVS };
struct pm_firmware_range {
	uint64_t first, last;
	enum pm_firmware_type type;
};
const char *pm_firmware_type_name(enum pm_firmware_type type); /* as sysfs and /proc/iomem have it */
enum pm_code pm_simulated_iomem(const struct pm_firmware_range *ranges, size_t count, const char *cmdline, char **text,
				struct pm_error *err);

#endif

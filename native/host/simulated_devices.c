// SPDX-License-Identifier: GPL-2.0-or-later
/* A processor and two PCI devices in one IOMMU group, as much of them as pm_host_facts reads. */
#include "files.h"
#include "simulated_parts.h"
#include <stdio.h>
#include <unistd.h>

static enum pm_code put_device(const struct pm_host *host, const char *address, const char *device, const char *driver,
			       struct pm_error *err)
{
	const char *const files[][2] = {{"vendor", "0x8086\n"}, {"device", device}, {"power_state", "D0\n"}};
	char path[128], full[PM_PATH_MAX], target[96];
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !code; i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, files[i][0]);
		code = pm_simulated_put(host, path, files[i][1], err);
	}
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/0/devices/%s", address);
	code = code ? code : pm_simulated_put(host, path, "", err);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", address);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	code = code ? code : pm_host_path(host, path, full, err);
	if (!code && symlink(target, full) != 0)
		code = pm_fail_errno(err, "make link", full);
	return code;
}

enum pm_code pm_simulated_devices(const struct pm_host *host, struct pm_error *err)
{
	enum pm_code code = pm_simulated_put(host, "/proc/cpuinfo",
					     "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Simulated CPU\n"
					     "microcode\t: 0x1\n\n",
					     err);

	code = code ? code : put_device(host, "0000:00:03.0", "0x10d3\n", "e1000e", err);
	return code ? code : put_device(host, "0000:00:1f.2", "0x2922\n", "ahci", err);
}

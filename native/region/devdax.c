/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device DAX: /sys/bus/dax/devices/daxX.Y. */
#include "host/files.h"
#include "internal.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_number(const struct pm_host *host, const char *name, const char *attribute, uint64_t *value)
{
	char path[128], text[64], *end;

	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%.31s/%s", name, attribute);
	if (pm_host_read(host, path, text, sizeof(text), NULL))
		return false;
	*value = strtoull(text, &end, 0);
	return end != text && !*end;
}

static void read_driver(const struct pm_host *host, struct pm_devdax *device)
{
	char path[128], full[PM_PATH_MAX], target[256], *driver;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%.31s/driver", device->name);
	if (pm_host_path(host, path, full, NULL))
		return;
	length = readlink(full, target, sizeof(target) - 1);
	if (length <= 0)
		return;
	target[length] = 0;
	driver = strrchr(target, '/');
	driver = driver ? driver + 1 : target;
	device->bound = strcmp(driver, "device_dax") == 0;
	device->is_ram = strcmp(driver, "kmem") == 0;
}

/* The node that it would be as memory; else the nearest one that is online. */
static int32_t read_node(const struct pm_host *host, const char *name)
{
	static const char *const attributes[] = {"target_node", "numa_node"};
	int64_t node = -1;

	for (size_t i = 0; i < 2 && node < 0; i++) {
		char path[128];

		snprintf(path, sizeof(path), "/sys/bus/dax/devices/%.31s/%s", name, attributes[i]);
		node = pm_numa_read(host, path);
	}
	return (int32_t)node;
}

static bool read_device(const struct pm_host *host, const char *name, struct pm_devdax *device)
{
	memset(device, 0, sizeof(*device));
	if (strncmp(name, "dax", 3) != 0 || strlen(name) >= sizeof(device->name) || strchr(name, '/'))
		return false;
	snprintf(device->name, sizeof(device->name), "%.31s", name);
	if (!read_number(host, name, "resource", &device->base) || !read_number(host, name, "size", &device->bytes))
		return false;
	if (!read_number(host, name, "align", &device->align))
		device->align = PM_GRAIN_LEAST;
	/* Mapping arithmetic relies on these; a device that says otherwise is not used. */
	if (!device->bytes || device->bytes > UINT64_MAX - device->base || device->align & (device->align - 1) ||
	    device->align < 4096 || device->align > UINT64_C(1) << 40)
		return false;
	read_driver(host, device);
	device->numa_node = read_node(host, name);
	return true;
}

size_t pm_devdax_list(const struct pm_host *host, struct pm_devdax list[PM_DEVDAX_MAX])
{
	char full[PM_PATH_MAX];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	if (pm_host_path(host, "/sys/bus/dax/devices", full, NULL))
		return 0;
	folder = opendir(full);
	while (folder && count < PM_DEVDAX_MAX && (entry = readdir(folder)))
		count += read_device(host, entry->d_name, &list[count]);
	if (folder)
		closedir(folder);
	return count;
}

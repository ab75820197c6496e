// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI devices and IOMMU groups, from sysfs. */
#include "check.h"
#include "facts.h"
#include "files.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS_BYTES 32 /* of a PCI device: "0000:00:1f.2" */

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < ADDRESS_BYTES;
}

/* Names in a folder in order; -1 when it is not there. The names and the array are the caller's. */
static int names_in(const struct pm_host *host, const char *path,
		    int (*order)(const struct dirent **, const struct dirent **), struct dirent ***names)
{
	char full[PM_PATH_MAX];

	*names = NULL;
	return pm_host_path(host, path, full, NULL) ? -1 : scandir(full, names, visible, order);
}

static void names_free(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void device_file(const struct pm_host *host, const char *address, const char *file, char *text, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.31s/%.31s", address, file);
	if (pm_host_read(host, path, text, size, NULL))
		text[0] = 0;
}

/* "0x8086" as sysfs prints it, without the prefix. */
static const char *hex_of(const char *text)
{
	return strncmp(text, "0x", 2) == 0 ? text + 2 : text;
}

/* The link's last part; empty when no driver is bound. */
static void driver_of(const struct pm_host *host, const char *address, char driver[64])
{
	char path[128], full[PM_PATH_MAX], target[PM_PATH_MAX];
	ssize_t length = -1;
	const char *slash;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.31s/driver", address);
	if (!pm_host_path(host, path, full, NULL))
		length = readlink(full, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = 0;
	slash = strrchr(target, '/');
	snprintf(driver, 64, "%.63s", slash ? slash + 1 : target);
}

static struct json_object *device(const struct pm_host *host, const char *address)
{
	struct json_object *object = json_object_new_object();
	char vendor[16], number[16], id[40], driver[64], power[16];

	device_file(host, address, "vendor", vendor, sizeof(vendor));
	device_file(host, address, "device", number, sizeof(number));
	device_file(host, address, "power_state", power, sizeof(power));
	driver_of(host, address, driver);
	snprintf(id, sizeof(id), "%s:%s", hex_of(vendor), hex_of(number));
	json_set_text(object, "address", address);
	json_set_text(object, "id", id);
	json_set_text(object, "driver", driver);
	json_set_text(object, "power", power);
	return object;
}

static void put_pci(const struct pm_host *host, struct json_object *facts)
{
	struct dirent **names;
	int count = names_in(host, "/sys/bus/pci/devices", alphasort, &names);
	struct json_object *devices;

	if (count >= 0 && count <= (int)PM_FACTS_DEVICES) {
		devices = json_object_new_array();
		for (int i = 0; i < count; i++)
			json_object_array_add(devices, device(host, names[i]->d_name));
		json_set(facts, "pciDevices", devices);
	}
	names_free(names, count);
}

/* *room: devices that may still be named. False when there are more. */
static bool put_group(const struct pm_host *host, const char *number, struct json_object *groups, int *room)
{
	struct json_object *group = json_object_new_object(), *devices = json_object_new_array();
	struct dirent **names;
	char path[128];
	int count;

	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%.31s/devices", number);
	count = names_in(host, path, alphasort, &names);
	json_set_text(group, "group", number);
	for (int i = 0; i < count && i < *room; i++)
		json_object_array_add(devices, json_clean(names[i]->d_name, ADDRESS_BYTES));
	json_set(group, "devices", devices);
	json_object_array_add(groups, group);
	names_free(names, count);
	*room -= count > 0 ? count : 0;
	return *room >= 0;
}

static void put_iommu(const struct pm_host *host, struct json_object *facts)
{
	struct dirent **names;
	int count = names_in(host, "/sys/kernel/iommu_groups", versionsort, &names), room = PM_FACTS_DEVICES;
	struct json_object *groups = json_object_new_array();
	bool fits = count >= 0 && count <= (int)PM_FACTS_GROUPS;

	for (int i = 0; fits && i < count; i++)
		fits = put_group(host, names[i]->d_name, groups, &room);
	if (fits)
		json_set(facts, "iommuGroups", groups);
	else
		json_object_put(groups);
	names_free(names, count);
}

void pm_facts_devices(const struct pm_host *host, struct json_object *facts)
{
	put_iommu(host, facts);
	put_pci(host, facts);
}

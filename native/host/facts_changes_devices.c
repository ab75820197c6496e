// SPDX-License-Identifier: GPL-2.0-or-later
/* PCI devices and IOMMU groups before and after, by the address of each device. */
#include "check.h"
#include "facts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 256

struct entry {
	const char *address;
	struct json_object *object; /* of a device, or of the group that it is in */
};
struct entries {
	struct entry list[PM_FACTS_DEVICES];
	size_t count;
};

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->address, ((const struct entry *)b)->address);
}

static void add(struct entries *entries, const char *address, struct json_object *object)
{
	if (address && *address && entries->count < PM_FACTS_DEVICES)
		entries->list[entries->count++] = (struct entry){address, object};
}

static void of_devices(struct json_object *list, struct entries *entries)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *device = json_object_array_get_idx(list, i);

		if (json_object_is_type(device, json_type_object))
			add(entries, json_text(device, "address"), device);
	}
	qsort(entries->list, entries->count, sizeof(entries->list[0]), by_address);
}

static void of_groups(struct json_object *list, struct entries *entries)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *group = json_object_array_get_idx(list, i);
		struct json_object *devices =
			json_object_is_type(group, json_type_object) ? pm_facts_list(group, "devices") : NULL;

		for (size_t j = 0; devices && j < json_object_array_length(devices); j++)
			add(entries, json_object_get_string(json_object_array_get_idx(devices, j)), group);
	}
	qsort(entries->list, entries->count, sizeof(entries->list[0]), by_address);
}

/* --- one device --- */

static const char *word(struct json_object *device, const char *key, const char *none)
{
	const char *text = json_text(device, key);

	return *text ? text : none;
}

static void device_text(const struct entry *entry, char text[TEXT_BYTES])
{
	if (!entry)
		snprintf(text, TEXT_BYTES, "not there");
	else
		snprintf(text, TEXT_BYTES, "%.32s, driver %.64s, power state %.16s",
			 word(entry->object, "id", "unknown"), word(entry->object, "driver", "none"),
			 word(entry->object, "power", "unknown"));
}

static void device_field(const struct entry *was, const struct entry *is, const char *key, const char *name,
			 const char *none, struct json_object *changes)
{
	const char *before = word(was->object, key, none), *after = word(is->object, key, none);
	char what[96];

	if (strcmp(before, after) == 0)
		return;
	snprintf(what, sizeof(what), "%s of PCI device %.32s", name, was->address);
	pm_change_add(changes, what, before, after);
}

static void device_changed(const struct entry *was, const struct entry *is, struct json_object *changes)
{
	char what[96], before[TEXT_BYTES], after[TEXT_BYTES];

	if (was && is) {
		device_field(was, is, "id", "vendor and device", "unknown", changes);
		device_field(was, is, "driver", "driver", "none", changes);
		device_field(was, is, "power", "power state", "unknown", changes);
		return;
	}
	snprintf(what, sizeof(what), "PCI device %.32s", was ? was->address : is->address);
	device_text(was, before);
	device_text(is, after);
	pm_change_add(changes, what, before, after);
}

/* --- one device's group --- */

static void group_text(const struct entry *entry, char text[TEXT_BYTES])
{
	struct json_object *devices = entry ? pm_facts_list(entry->object, "devices") : NULL;
	size_t used, count = devices ? json_object_array_length(devices) : 0;
	const char *joint = " with ";

	if (!entry) {
		snprintf(text, TEXT_BYTES, "none");
		return;
	}
	used = (size_t)snprintf(text, TEXT_BYTES, "group %.16s", word(entry->object, "group", "?"));
	for (size_t i = 0; i < count; i++) {
		const char *other = json_object_get_string(json_object_array_get_idx(devices, i));

		if (!other || strcmp(other, entry->address) == 0)
			continue;
		if (used > TEXT_BYTES - 64) {
			snprintf(text + used, TEXT_BYTES - used, " and more");
			return;
		}
		used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%s%.32s", joint, other);
		joint = ", ";
	}
	if (count < 2)
		snprintf(text + used, TEXT_BYTES - used, " alone");
}

static void group_changed(const struct entry *was, const struct entry *is, struct json_object *changes)
{
	char what[96], before[TEXT_BYTES], after[TEXT_BYTES];

	group_text(was, before);
	group_text(is, after);
	if (strcmp(before, after) == 0)
		return;
	snprintf(what, sizeof(what), "IOMMU group of %.32s", was ? was->address : is->address);
	pm_change_add(changes, what, before, after);
}

/* --- all of them --- */

static void merge(const struct entries *was, const struct entries *is,
		  void (*changed)(const struct entry *was, const struct entry *is, struct json_object *changes),
		  struct json_object *changes)
{
	size_t i = 0, j = 0;

	while (i < was->count || j < is->count) {
		int order = i == was->count ? 1 : j == is->count ? -1 : by_address(&was->list[i], &is->list[j]);

		changed(order <= 0 ? &was->list[i] : NULL, order >= 0 ? &is->list[j] : NULL, changes);
		i += order <= 0;
		j += order >= 0;
	}
}

static void compare_lists(struct json_object *before, struct json_object *after, const char *key,
			  void (*read)(struct json_object *list, struct entries *entries),
			  void (*changed)(const struct entry *was, const struct entry *is, struct json_object *changes),
			  struct json_object *changes)
{
	struct json_object *was = pm_facts_list(before, key), *is = pm_facts_list(after, key);
	struct entries *entries = was && is ? calloc(2, sizeof(*entries)) : NULL;

	if (entries) {
		read(was, &entries[0]);
		read(is, &entries[1]);
		merge(&entries[0], &entries[1], changed, changes);
	}
	free(entries);
}

void pm_changes_devices(struct json_object *before, struct json_object *after, struct json_object *changes)
{
	compare_lists(before, after, "iommuGroups", of_groups, group_changed, changes);
	compare_lists(before, after, "pciDevices", of_devices, device_changed, changes);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about the machine and its kernel that a kexec may change. Taken with an expectation, taken again with the
 * verdict, and held against each other.
 *
 *   {bootId, kernel, version, cmdline, cpu, microcode, memory (bytes),
 *    iomem: ["100000000-13fffffff : Reserved", ...] (two spaces for each level),
 *    iommuGroups: [{group, devices: [address]}], pciDevices: [{address, id: "8086:1237", driver, power}]}
 *
 * What the host does not show, or shows too much of, is missing.
 */
#ifndef PMPOOL_HOST_FACTS_H
#define PMPOOL_HOST_FACTS_H

#include "pmpool/host.h"
#include <json-c/json.h>

/* Bounds: the facts fit the description of an expectation, 1 MiB. */
#define PM_FACTS_IOMEM_BYTES ((size_t)192 << 10)
#define PM_FACTS_DEVICES 2048u
#define PM_FACTS_GROUPS 2048u
#define PM_FACTS_CHANGES 256u

enum pm_code pm_host_facts(const struct pm_host *host, struct json_object **facts, struct pm_error *err);

/* Array of {what, before, after}, in words, at most PM_FACTS_CHANGES of them. Hostile input: `before` comes from a file.
 * Another boot id, another nonce and another place of the kernel inside the same RAM are no changes: each boot brings
 * them. Facts that one of the sides does not have are not compared. */
struct json_object *pm_host_changes(struct json_object *before, struct json_object *after);

/* Parts of it. */
void pm_facts_devices(const struct pm_host *host, struct json_object *facts);
void pm_changes_devices(struct json_object *before, struct json_object *after, struct json_object *changes);
void pm_change_add(struct json_object *changes, const char *what, const char *before, const char *after);
/* The array under this key; NULL when there is none. */
struct json_object *pm_facts_list(struct json_object *facts, const char *key);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each precondition of a pool that outlives a kexec, as a check. The ids are in docs/reserving.md; those that a plan
 * of a kexec asks too (kexec_checks.h) are the same. Nothing is changed on the host.
 */
#ifndef PMPOOL_READINESS_H
#define PMPOOL_READINESS_H

#include "memory_map.h"

struct json_object;

enum pm_code pm_readiness(const struct pm_host *host, struct json_object *checks, struct pm_error *err);

/* What the checks look at, read once. */
struct pm_readiness {
	const struct pm_host *host;
	struct pm_memory_map map;
	struct pm_region_info *regions; /* with a range; refused ones too, those of pmpool= left out */
	size_t region_count;
	char *cmdline;
};
void pm_readiness_reserved(const struct pm_readiness *facts, struct json_object *checks);
void pm_readiness_access(const struct pm_readiness *facts, struct json_object *checks);
void pm_readiness_neighbours(const struct pm_readiness *facts, struct json_object *checks);

/* Is it mapped through /dev/mem: not a devdax device. */
bool pm_readiness_by_devmem(const struct pm_region_info *region);
bool pm_readiness_exists(const struct pm_host *host, const char *path);
/* The value behind `name` ("kho=") on the command line, cut to the buffer; false when it is not there. */
bool pm_readiness_option(const struct pm_readiness *facts, const char *name, char value[256]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Would the pool survive this kexec: one question a check, asked when a plan is made and again when it is loaded.
 * What is asked of each region has its number behind the id from the second on: next-memmap, next-memmap-1 ...
 */
#ifndef PMPOOL_KEXEC_CHECKS_H
#define PMPOOL_KEXEC_CHECKS_H

#include "pmpool/region.h"

struct json_object;

/* A region that has to survive, as the host shows it now. */
struct pm_kexec_region {
	struct pm_region_info info;
	bool known; /* false: no region of the host covers it; base and bytes are the pool's */
};

struct pm_kexec_target {
	const struct pm_host *host;
	struct pm_kexec_region *regions; /* at least one, each once; malloc'd */
	size_t count;
	const char *kernel;
	const char *initrd; /* NULL: none */
	const char *cmdline; /* of the next kernel, whole */
	bool drop; /* the reservation is left out on purpose */
};

/* Add the region of this host that covers a range, unless it is there already; else the range itself, unknown. */
enum pm_code pm_kexec_region(struct pm_kexec_target *target, uint64_t base, uint64_t bytes, struct pm_error *err);

/* Append a check for each question. The ids are in docs/snapshot.md. */
void pm_kexec_checks(const struct pm_kexec_target *target, struct json_object *checks);
/* Those of them that are asked of the host and the command line, not of each region. */
void pm_kexec_host_checks(const struct pm_kexec_target *target, struct json_object *checks);

/* The id of a check that is asked of each region. */
const char *pm_check_numbered(char id[64], const char *name, size_t number);

#endif

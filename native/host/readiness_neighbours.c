/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else takes part in a reboot, and what else keeps memory. */
#include "check.h"
#include "readiness.h"
#include "size.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void kexec_target(const struct pm_readiness *facts, struct json_object *checks)
{
	static const char *const paths[] = {"/usr/lib/systemd/system/kexec.target", "/lib/systemd/system/kexec.target",
					    "/etc/systemd/system/kexec.target"};
	char first[64] = "";
	size_t found = 0;

	if (facts->host->simulated) {
		pm_check_add(checks, "kexec-target", PM_PASS, "The host jumps by itself", "",
			     "A simulated host needs no kexec.target.");
		return;
	}
	pm_host_read(facts->host, "/proc/1/comm", first, sizeof(first), NULL);
	while (found < 3 && !pm_readiness_exists(facts->host, paths[found]))
		found++;
	pm_check_add(checks, "kexec-target", found < 3 && strcmp(first, "systemd") == 0 ? PM_PASS : PM_FAIL,
		     found < 3 && strcmp(first, "systemd") == 0 ? "kexec.target is there" : "kexec.target cannot start",
		     "Boot the host with systemd, whose package brings kexec.target.", "%s; process 1 is %s.",
		     found < 3 ? paths[found] : "no kexec.target", *first ? first : "not told");
}

/* kexec-tools of Debian loads a kernel of its own choice when the host reboots, with the command line it finds. */
static void auto_kexec(const struct pm_readiness *facts, struct json_object *checks)
{
	char text[4096] = "";
	bool there = !pm_host_read(facts->host, "/etc/default/kexec", text, sizeof(text), NULL);
	bool on = false;

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, "LOAD_KEXEC=", 11) == 0)
			on = strncmp(at + 11, "true", 4) == 0 || strncmp(at + 11, "\"true", 5) == 0;
	}
	pm_check_add(checks, "auto-kexec", on ? PM_WARN : PM_PASS,
		     on ? "Each reboot becomes a kexec of kexec-tools' choice" : "A reboot is a cold boot",
		     "Set LOAD_KEXEC=false in /etc/default/kexec, or reboot with SYSTEMCTL_SKIP_AUTO_KEXEC=1.",
		     "/etc/default/kexec %s.",
		     on	     ? "has LOAD_KEXEC=true"
		     : there ? "does not have LOAD_KEXEC=true"
			     : "is not there");
}

static bool is_on(const char *value)
{
	return strcmp(value, "on") == 0 || strcmp(value, "1") == 0 || *value == 'y' || *value == 'Y';
}

static void kho(const struct pm_readiness *facts, struct json_object *checks)
{
	bool folder = pm_readiness_exists(facts->host, "/sys/kernel/debug/kho"), on;
	char value[256] = "";
	bool given = pm_readiness_option(facts, "kho=", value);

	on = given ? is_on(value) : folder;
	pm_check_add(checks, "kho", on ? PM_WARN : PM_PASS, on ? "Kexec Handover is on" : "Kexec Handover is off",
		     "The next kernel is loaded into scratch memory only; boot with kho=off when a kexec fails for it.",
		     "%s%.100s on the command line; /sys/kernel/debug/kho is %s.", given ? "kho=" : "No kho=", value,
		     folder ? "there" : "not there");
}

/* cma=SIZE@BASE */
static bool cma_range(const char *value, uint64_t *base, uint64_t *bytes)
{
	if (!pm_read_size(&value, bytes) || *value != '@')
		return false;
	value++;
	return pm_read_size(&value, base) && *bytes && *bytes <= UINT64_MAX - *base;
}

static void cma_total(const struct pm_host *host, char text[32])
{
	char *meminfo = NULL, *line;

	snprintf(text, 32, "not told");
	if (pm_host_read_all(host, "/proc/meminfo", &meminfo, NULL))
		return;
	line = strstr(meminfo, "CmaTotal:");
	if (line) {
		line += strlen("CmaTotal:");
		line += strspn(line, " \t");
		snprintf(text, 32, "%.*s", (int)strcspn(line, "\n"), line);
	}
	free(meminfo);
}

static void cma(const struct pm_readiness *facts, struct json_object *checks)
{
	const struct pm_region_info *hit = NULL;
	uint64_t base, bytes;
	char value[256] = "", total[32];
	bool given = pm_readiness_option(facts, "cma=", value);

	for (size_t i = 0; given && cma_range(value, &base, &bytes) && i < facts->region_count; i++)
		if (base < facts->regions[i].base + facts->regions[i].bytes && facts->regions[i].base < base + bytes)
			hit = &facts->regions[i];
	cma_total(facts->host, total);
	pm_check_add(checks, "cma", hit ? PM_WARN : PM_PASS,
		     hit ? "A CMA area is wanted inside a region" : "No CMA area in a region",
		     "Leave the address out of cma=, or choose another.",
		     "%s%.100s on the command line, CmaTotal %s%s%s.", given ? "cma=" : "No cma=", value, total,
		     hit ? ", overlaps " : "", hit ? hit->id : "");
}

static void reserve_mem(const struct pm_readiness *facts, struct json_object *checks)
{
	char value[256] = "";
	bool given = pm_readiness_option(facts, "reserve_mem=", value);

	pm_check_add(checks, "reserve-mem", given ? PM_WARN : PM_PASS,
		     given ? "reserve_mem= keeps memory that stays System RAM" : "No reserve_mem=",
		     "No pool can be there: its address may change with each boot, and /dev/mem refuses System RAM.",
		     "%s%.150s on the command line.", given ? "reserve_mem=" : "No reserve_mem=", value);
}

/* Memory that comes to a running host becomes RAM at once: a devdax device that is reconfigured, too. */
static void hot_plug(const struct pm_readiness *facts, struct json_object *checks)
{
	char state[64] = "";
	bool device = false, online;

	pm_host_read(facts->host, "/sys/devices/system/memory/auto_online_blocks", state, sizeof(state), NULL);
	online = strncmp(state, "online", 6) == 0;
	for (size_t i = 0; i < facts->region_count; i++)
		device |= !pm_readiness_by_devmem(&facts->regions[i]);
	pm_check_add(checks, "hot-plug", online && device ? PM_WARN : PM_PASS,
		     online && device ? "A device that is given to the kernel becomes RAM at once"
				      : "Hot-plug does not reach a region",
		     "`echo offline > /sys/devices/system/memory/auto_online_blocks`", "auto_online_blocks is %s; %s.",
		     *state ? state : "not there", device ? "a devdax device is in use" : "no devdax device is in use");
}

void pm_readiness_neighbours(const struct pm_readiness *facts, struct json_object *checks)
{
	kexec_target(facts, checks);
	auto_kexec(facts, checks);
	kho(facts, checks);
	cma(facts, checks);
	reserve_mem(facts, checks);
	hot_plug(facts, checks);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is memory reserved, and as it was meant: read back from command line, /proc/iomem and the firmware's map. */
#include "check.h"
#include "kexec_checks.h"
#include "readiness.h"
#include "reserved_range.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void rights(const struct pm_readiness *facts, struct json_object *checks)
{
	bool hidden = facts->map.kernel.hidden;

	pm_check_add(checks, "rights", hidden ? PM_FAIL : PM_PASS,
		     hidden ? "Addresses are hidden from this user" : "Addresses are shown to this user",
		     "Run it as root, or through the service of pmpool.",
		     hidden ? "/proc/iomem shows zeros: CAP_SYS_ADMIN is missing." : "/proc/iomem has %zu ranges.",
		     facts->map.kernel.count);
}

/* memmap= that reserves nothing: the kernel limits its RAM to the size, or takes no notice. */
static void eaten(const struct pm_readiness *facts, struct json_object *checks)
{
	for (size_t i = 0; i < facts->map.option_count; i++) {
		const struct pm_memory_option *option = &facts->map.options[i];
		bool memmap = strncmp(option->text, "memmap=", 7) == 0 && strcmp(option->text, "memmap=exactmap") != 0;
		bool percent = option->kind == PM_OPTION_OTHER && option->has_base;

		if (memmap && !percent && (option->kind == PM_OPTION_LIMIT || option->kind == PM_OPTION_OTHER)) {
			pm_check_add(checks, "memmap-eaten", PM_FAIL, "The `$` of a memmap= was lost on the way",
				     "Escape it as the boot loader wants: `pmpool reservation plan` gives the line.",
				     option->kind == PM_OPTION_LIMIT
					     ? "%.200s has no address: the kernel drops all RAM above that size."
					     : "%.200s names no range.",
				     option->text);
			return;
		}
	}
	pm_check_add(checks, "memmap-eaten", PM_PASS, "Each memmap= names a range", "",
		     "Options about memory on the command line: %zu.", facts->map.option_count);
}

static void limit(const struct pm_readiness *facts, struct json_object *checks)
{
	for (size_t i = 0; i < facts->map.option_count; i++) {
		const struct pm_memory_option *option = &facts->map.options[i];

		if (option->kind == PM_OPTION_LIMIT && strncmp(option->text, "mem=", 4) == 0)
			pm_check_add(checks, "mem-limit", PM_WARN, "RAM is cut off, not reserved",
				     "Use memmap=SIZE$BASE: what mem= cuts off is nobody's, and cannot be a region.",
				     "%.200s", option->text);
	}
}

static void reserved(const struct pm_readiness *facts, size_t number, struct json_object *checks)
{
	const struct pm_region_info *region = &facts->regions[number];
	struct pm_reserved_range range;
	char id[64], detail[1024];
	enum pm_level level;

	if (!pm_readiness_by_devmem(region)) {
		pm_check_add(checks, pm_check_numbered(id, "now-reserved", number),
			     region->refused.code ? PM_FAIL : PM_PASS,
			     region->refused.code ? "The device cannot be used" : "The device is its own memory",
			     region->refused.code ? pm_error_remedy(region->refused.code) : "", "%s: %s",
			     region->source, region->refused.code ? region->refused.message : "bound to device_dax");
		return;
	}
	pm_reserved_range_read(&facts->map, region->base, region->bytes, &range);
	level = pm_reserved_range_level(&range);
	pm_reserved_range_detail(&range, detail, sizeof(detail));
	pm_check_add(checks, pm_check_numbered(id, "now-reserved", number), level,
		     level == PM_FAIL	? "The region is not reserved as the command line says"
		     : level == PM_WARN ? "The region is reserved, yet not all places agree"
					: "The region is reserved in all three places",
		     level == PM_FAIL ? "Boot with its memmap= and hold /proc/iomem against it."
				      : "Look at the differences of `pmpool host memory`.",
		     "0x%" PRIx64 "-0x%" PRIx64 ": %s", region->base, region->base + region->bytes - 1, detail);
}

void pm_readiness_reserved(const struct pm_readiness *facts, struct json_object *checks)
{
	rights(facts, checks);
	eaten(facts, checks);
	limit(facts, checks);
	if (!facts->region_count)
		pm_check_add(checks, "now-reserved", PM_FAIL, "No memory is reserved",
			     "Choose a range: `pmpool reservation plan BASE SIZE` says what the boot loader needs.",
			     "Neither memmap= nor a devdax device gives a range away.");
	for (size_t i = 0; i < facts->region_count; i++)
		reserved(facts, i, checks);
}

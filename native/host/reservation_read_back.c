/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After the boot: did what was meant arrive. Three places are asked, and the first difference is named. */
#include "check.h"
#include "reservation.h"
#include "reserved_range.h"
#include <inttypes.h>
#include <string.h>

#define RANGE "0x%" PRIx64 "-0x%" PRIx64
#define ENDS(wish) (wish)->base, (wish)->base + (wish)->bytes - 1

static bool reserves(const struct pm_memory_option *option)
{
	return option->kind == PM_OPTION_RESERVED || option->kind == PM_OPTION_PMEM;
}

/* How an option differs from what was meant; NULL: it has nothing to do with it. */
static const char *difference(const struct pm_memory_option *option, const struct pm_reservation_wish *wish)
{
	bool same_kind = option->kind == (wish->pmem ? PM_OPTION_PMEM : PM_OPTION_RESERVED);

	if (strncmp(option->text, "memmap=", 7) != 0)
		return NULL;
	if (!option->has_base && option->kind != PM_OPTION_RAM && option->has_bytes && option->bytes == wish->bytes)
		return "The `$` was lost on the way";
	if (!reserves(option))
		return NULL;
	if (option->base == wish->base && option->bytes == wish->bytes)
		return same_kind ? "" : "The kind is another one";
	if (option->base == wish->base)
		return "The size is another one";
	if (option->bytes == wish->bytes)
		return "The address is another one";
	return NULL;
}

static void cmdline(const struct pm_memory_map *map, const struct pm_reservation_wish *wish, struct json_object *checks)
{
	const struct pm_memory_option *near = NULL;
	const char *how = NULL;
	char text[96];

	pm_reservation_text(wish, text);
	for (size_t i = 0; i < map->option_count; i++) {
		const char *found = difference(&map->options[i], wish);

		if (!found || (how && *found)) /* the one that is as meant, else the first that is near */
			continue;
		how = found;
		near = &map->options[i];
	}
	if (how && !*how)
		pm_check_add(checks, "cmdline", PM_PASS, "The command line has it", "", "%.200s", near->text);
	else
		pm_check_add(
			checks, "cmdline", PM_FAIL, how ? how : "The command line does not have it",
			how ? "Escape it as the boot loader wants: `pmpool reservation plan` gives the line."
			    : "Boot the entry that was edited; run the boot loader's update command if it has one.",
			"%.200s on the command line; meant was %s.", near ? near->text : "No such memmap=", text);
}

static void iomem(const struct pm_memory_map *map, const struct pm_reservation_wish *wish, struct json_object *checks)
{
	struct pm_reserved_range range;
	char detail[1024];
	bool whole;

	pm_reserved_range_read(map, wish->base, wish->bytes, &range);
	pm_reserved_range_detail(&range, detail, sizeof(detail));
	whole = !range.hidden && (wish->pmem ? range.persistent : range.reserved) == range.bytes;
	pm_check_add(checks, "iomem", whole ? PM_PASS : PM_FAIL,
		     whole	    ? "The kernel's map has it"
		     : range.hidden ? "Addresses are hidden from this user"
				    : "The kernel's map does not have it",
		     range.hidden ? "Run it as root, or through the service of pmpool."
				  : "Linux uses what is System RAM: do not make a pool there.",
		     RANGE ": %s", ENDS(wish), detail);
}

static const struct pm_region_info *region_of(const struct pm_region_info *regions, size_t count,
					      const struct pm_reservation_wish *wish)
{
	const struct pm_region_info *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct pm_region_info *region = &regions[i];

		if (strncmp(region->id, "mem:", 4) != 0 || region->base > wish->base || region->bytes < wish->bytes ||
		    wish->base - region->base > region->bytes - wish->bytes)
			continue;
		if (!found || (found->refused.code && !region->refused.code))
			found = region;
	}
	return found;
}

static void region(const struct pm_region_info *regions, size_t count, const struct pm_reservation_wish *wish,
		   struct json_object *checks)
{
	const struct pm_region_info *found = region_of(regions, count, wish);

	if (!found)
		pm_check_add(checks, "region", PM_FAIL, "No region is there", "Boot with its memmap= first.",
			     "No region of `pmpool region list` holds " RANGE ".", ENDS(wish));
	else if (found->refused.code)
		pm_check_add(checks, "region", PM_FAIL, "The region is refused", pm_error_remedy(found->refused.code),
			     "%s: %s", found->id, found->refused.message);
	else
		pm_check_add(checks, "region", PM_PASS, "The region can be used", "", "%s, by %s.", found->id,
			     found->source);
}

void pm_reservation_read_back(const struct pm_memory_map *map, const struct pm_region_info *regions, size_t count,
			      const struct pm_reservation_wish *wish, struct json_object *checks)
{
	cmdline(map, wish, checks);
	iomem(map, wish, checks);
	region(regions, count, wish, checks);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reserving a range of RAM: what a boot loader has to be told, whether the range can be given away, and, after the
 * boot, whether it arrived as meant. Text and looking only: nothing is changed on the host.
 */
#ifndef PMPOOL_RESERVATION_H
#define PMPOOL_RESERVATION_H

#include "memory_map.h"

struct json_object;

struct pm_reservation_wish {
	uint64_t base, bytes;
	bool pmem; /* `!` instead of `$` */
};

/* ReservationPlan of main/api/hostMethods.ts. OUT_OF_RANGE for what is no range at all. */
enum pm_code pm_reservation_plan(const struct pm_host *host, const struct pm_reservation_wish *wish,
				 struct json_object **plan, struct pm_error *err);

/* "memmap=1G$0x140000000" */
void pm_reservation_text(const struct pm_reservation_wish *wish, char text[96]);

/* A command line with the wish on it, and the option that brings it. A fifth separate range would be unsafe with KASLR:
 * then all are joined by commas in that option, which takes the place of the others. What names no range (a lost `$`)
 * is left out, and so are BOOT_IMAGE= and old nonces, which the boot loader and a kexec add themselves. */
struct pm_reservation_edit {
	char *cmdline, *option; /* malloc'd */
	bool joined;
	bool there; /* it had the wish already: `option` is what brings it */
	bool cleaned; /* something that names no range was left out */
};
enum pm_code pm_reservation_edit(const char *cmdline, const struct pm_reservation_wish *wish,
				 struct pm_reservation_edit *edit);
void pm_reservation_edit_free(struct pm_reservation_edit *edit);

/* Can the range be given away, and will the next boot survive it. */
void pm_reservation_checks(const struct pm_host *host, const struct pm_memory_map *map,
			   const struct pm_reservation_wish *wish, const struct pm_reservation_edit *edit,
			   struct json_object *checks);

/* One entry for each boot loader, the likeliest first. */
struct json_object *pm_reservation_loaders(const struct pm_host *host, const struct pm_reservation_wish *wish,
					   const struct pm_reservation_edit *edit);
/* The line GRUB_CMDLINE_LINUX= of /etc/default/grub with the option in it; `text` is that file, "" for none. malloc'd. */
char *pm_reservation_grub_line(const char *text, const struct pm_reservation_edit *edit);

/* What was meant against command line, memory map and region, as they are now. */
void pm_reservation_read_back(const struct pm_memory_map *map, const struct pm_region_info *regions, size_t count,
			      const struct pm_reservation_wish *wish, struct json_object *checks);

#endif

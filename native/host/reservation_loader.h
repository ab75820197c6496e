/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boot loaders that the planner knows, one function each, and what they share. */
#ifndef PMPOOL_RESERVATION_LOADER_H
#define PMPOOL_RESERVATION_LOADER_H

#include "files.h"
#include "reservation.h"
#include <json-c/json.h>

#define PM_GRUB_FILE "/etc/default/grub"

/* What all of them go by. */
struct pm_loader_asked {
	const struct pm_host *host;
	const struct pm_reservation_wish *wish;
	const struct pm_reservation_edit *edit; /* of the running command line */
	char release[128];
	char info[64]; /* what the loader of this boot says of itself, by its EFI variable; "": nothing */
	char *cmdline; /* the running one; NULL: cannot be read */
};

struct pm_loader {
	const char *id, *title;
	char file[512], note[1024];
	char *line; /* malloc'd; several lines are possible */
	struct json_object *commands;
	struct json_object *evidence; /* files and marks that were seen */
	unsigned weight; /* of the evidence */
	bool found;
};

void pm_loader_grub(const struct pm_loader_asked *asked, struct pm_loader *loader);
/* After pm_loader_grub: the entries that GRUB takes from files of their own. */
void pm_loader_bls(const struct pm_loader_asked *asked, struct pm_loader *loader);
void pm_loader_extlinux(const struct pm_loader_asked *asked, struct pm_loader *loader);

bool pm_loader_exists(const struct pm_loader_asked *asked, const char *path);
void pm_loader_file(struct pm_loader *loader, const char *file);
void pm_loader_note(struct pm_loader *loader, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pm_loader_command(struct pm_loader *loader, const char *command);
void pm_loader_evidence(struct pm_loader *loader, unsigned weight, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Evidence of each file of the list that is there. */
void pm_loader_files(const struct pm_loader_asked *asked, struct pm_loader *loader, unsigned weight,
		     const char *const *paths);
/* A command line of a file, with the wish on it; malloc'd, NULL without memory. */
char *pm_loader_edited(const char *cmdline, const struct pm_reservation_wish *wish);

#endif

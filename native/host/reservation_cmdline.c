/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kexec_cmdline.h"
#include "reservation.h"
#include "size.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KASLR_RANGES 4u

void pm_reservation_text(const struct pm_reservation_wish *wish, char text[96])
{
	char size[32];

	pm_write_size(wish->bytes, size);
	snprintf(text, 96, "memmap=%s%c0x%" PRIx64, size, wish->pmem ? '!' : '$', wish->base);
}

/* One part of a memmap= that reserves nothing: its `$` was lost, or it is no range at all. */
static bool names_nothing(const char *item)
{
	struct pm_memory_option *options;
	size_t count;
	bool nothing;

	if (strcmp(item, "memmap=exactmap") == 0 || pm_memory_options(item, &options, &count))
		return false;
	nothing = count == 0 || options[0].kind == PM_OPTION_LIMIT ||
		  (options[0].kind == PM_OPTION_OTHER && !options[0].has_base);
	free(options);
	return nothing;
}

static bool is_wish(const struct pm_memory_option *option, const struct pm_reservation_wish *wish)
{
	return option->kind == (wish->pmem ? PM_OPTION_PMEM : PM_OPTION_RESERVED) && option->base == wish->base &&
	       option->bytes == wish->bytes;
}

static bool has_wish(const char *text, const struct pm_reservation_wish *wish)
{
	struct pm_memory_option *options;
	size_t count;
	bool found = false;

	if (pm_memory_options(text, &options, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		found |= is_wish(&options[i], wish);
	free(options);
	return found;
}

/* The value of a memmap= without those parts that name nothing, behind what is in `to` already. */
static void add_items(char *to, const char *value, bool *cleaned)
{
	char item[512];

	while (*value) {
		size_t length = strcspn(value, ",");

		snprintf(item, sizeof(item), "memmap=%.*s", (int)(length < 480 ? length : 480), value);
		if (length && names_nothing(item)) {
			*cleaned = true;
		} else if (length) {
			size_t used = strlen(to);

			if (used)
				to[used++] = ',';
			memcpy(to + used, value, length);
			to[used + length] = 0;
		}
		value += length + (value[length] == ',');
	}
}

static void put(FILE *out, const char *text)
{
	fprintf(out, "%s%s", ftell(out) > 0 ? " " : "", text);
}

/* What the walk over the options has at hand. */
struct walk {
	struct pm_reservation_edit *edit;
	FILE *out;
	char *bare, *items, *joined; /* each as long as the command line */
};

static void unquote(const struct pm_option *option, char *bare)
{
	for (size_t i = 0; i < option->length; i++)
		if (option->text[i] != '"')
			*bare++ = option->text[i];
	*bare = 0;
}

static void put_memmap(struct walk *walk, const struct pm_reservation_wish *wish)
{
	*walk->items = 0;
	add_items(walk->items, walk->bare + strlen("memmap="), &walk->edit->cleaned);
	if (!*walk->items)
		return;
	if (walk->edit->joined) {
		add_items(walk->joined, walk->items, &walk->edit->cleaned);
		return;
	}
	snprintf(walk->bare, strlen("memmap=") + strlen(walk->items) + 1, "memmap=%s", walk->items);
	put(walk->out, walk->bare);
	if (!walk->edit->option && has_wish(walk->bare, wish))
		walk->edit->option = strdup(walk->bare);
}

static void put_wish(struct walk *walk, const struct pm_reservation_wish *wish)
{
	char text[96];
	size_t size;

	if (walk->edit->there)
		return;
	pm_reservation_text(wish, text);
	if (walk->edit->joined) {
		size = strlen("memmap=") + strlen(walk->joined) + 1 + strlen(text);
		walk->edit->option = malloc(size + 1);
		if (walk->edit->option)
			snprintf(walk->edit->option, size + 1, "memmap=%s%s%s", walk->joined, *walk->joined ? "," : "",
				 text + strlen("memmap="));
	} else {
		walk->edit->option = strdup(text);
	}
	if (walk->edit->option)
		put(walk->out, walk->edit->option);
}

static void walk_options(struct walk *walk, const char *cmdline, const struct pm_reservation_wish *wish)
{
	struct pm_option option;
	bool for_init = false;
	char *whole;

	while (!for_init && pm_option_next(&cmdline, &option)) {
		unquote(&option, walk->bare);
		for_init = strcmp(walk->bare, "--") == 0;
		if (strncmp(walk->bare, "memmap=", 7) == 0) {
			put_memmap(walk, wish);
		} else if (!for_init && !pm_option_is(&option, "BOOT_IMAGE=") &&
			   !pm_option_is(&option, "pmpool.nonce=")) {
			whole = strndup(option.text, option.length); /* quotes and all */
			put(walk->out, whole ? whole : "");
			free(whole);
		}
	}
	put_wish(walk, wish);
	if (for_init) {
		put(walk->out, "--");
		while (*cmdline == ' ')
			cmdline++;
		if (*cmdline)
			put(walk->out, cmdline);
	}
}

enum pm_code pm_reservation_edit(const char *cmdline, const struct pm_reservation_wish *wish,
				 struct pm_reservation_edit *edit)
{
	size_t room = strlen(cmdline) + 16, length;
	struct walk walk = {.edit = edit};
	unsigned ranges;
	bool good;

	memset(edit, 0, sizeof(*edit));
	edit->there = has_wish(cmdline, wish);
	pm_cmdline_kaslr_risk(cmdline, &ranges);
	edit->joined = !edit->there && ranges >= KASLR_RANGES;
	walk.bare = calloc(1, room);
	walk.items = calloc(1, room);
	walk.joined = calloc(1, room);
	walk.out = open_memstream(&edit->cmdline, &length);
	if (walk.bare && walk.items && walk.joined && walk.out)
		walk_options(&walk, cmdline, wish);
	good = walk.out && fclose(walk.out) == 0 && edit->cmdline && edit->option;
	free(walk.bare);
	free(walk.items);
	free(walk.joined);
	if (good)
		return PM_OK;
	pm_reservation_edit_free(edit);
	return PM_E_OUT_OF_MEMORY;
}

void pm_reservation_edit_free(struct pm_reservation_edit *edit)
{
	free(edit->cmdline);
	free(edit->option);
	memset(edit, 0, sizeof(*edit));
}

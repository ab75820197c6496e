/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memmap= and pmpool= of a kernel command line, read the way the kernel reads it (lib/cmdline.c: next_arg, memparse;
 * arch/x86/kernel/e820.c: parse_memmap_one).
 */
#include "size.h"
#include "pmpool/host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
	struct pm_reservation *items;
	size_t capacity, count;
	bool overflow;
};

static void add(struct list *list, enum pm_reservation_kind kind, uint64_t base, uint64_t bytes, const char *option,
		const char *text, size_t length)
{
	struct pm_reservation *item;

	if (list->count == list->capacity) {
		list->overflow = true;
		return;
	}
	item = &list->items[list->count++];
	*item = (struct pm_reservation){.kind = kind, .base = base, .bytes = bytes};
	snprintf(item->text, sizeof(item->text), "%s=%.*s", option, (int)(length < 80 ? length : 80), text);
}

static void read_memmap_item(struct list *list, const char *text, size_t length)
{
	const char *at = text;
	uint64_t bytes, base;
	char operator;

	if (!length || strcmp(text, "exactmap") == 0)
		return;
	if (!pm_read_size(&at, &bytes) || !bytes) {
		add(list, PM_RESERVATION_EATEN, 0, 0, "memmap", text, length); /* the kernel refuses it too */
		return;
	}
	operator= * at;
	if (operator== '@' || operator== '#' || operator== '%')
		return; /* adds RAM, marks ACPI data, changes a type: gives nothing away */
	if (operator== '$' || operator== '!') {
		at++;
		/* The kernel takes a missing address for 0; nobody means that, so it is read as damage. */
		if (pm_read_size(&at, &base) && at == text + length && bytes <= UINT64_MAX - base) {
			add(list, operator== '$' ? PM_RESERVATION_MEMMAP_RESERVED : PM_RESERVATION_MEMMAP_PMEM, base,
			    bytes, "memmap", text, length);
			return;
		}
	}
	/* A size alone: the kernel drops all RAM above it. Nearly always the `$` was eaten on the way. */
	add(list, PM_RESERVATION_EATEN, 0, bytes, "memmap", text, length);
}

static void read_memmap(struct list *list, const char *value)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		char item[96];

		if (length < sizeof(item)) {
			memcpy(item, value, length);
			item[length] = 0;
			read_memmap_item(list, item, length);
		} else {
			add(list, PM_RESERVATION_EATEN, 0, 0, "memmap", value, length);
		}
		value += length + (value[length] == ',');
	}
}

/* pmpool=BASE,SIZE[,BASE,SIZE...] */
static void read_pmpool(struct list *list, const char *value)
{
	while (*value) {
		const char *at = value;
		uint64_t base, bytes;

		if (!pm_read_size(&at, &base) || *at++ != ',' || !pm_read_size(&at, &bytes) || (*at && *at != ',') ||
		    !bytes || bytes > UINT64_MAX - base) {
			add(list, PM_RESERVATION_EATEN, 0, 0, "pmpool", value, strlen(value));
			return; /* where the next pair would start is not known */
		}
		add(list, PM_RESERVATION_PMPOOL, base, bytes, "pmpool", value, (size_t)(at - value));
		value = *at ? at + 1 : at;
	}
}

static void read_option(struct list *list, char *option)
{
	if (strncmp(option, "memmap=", 7) == 0)
		read_memmap(list, option + 7);
	else if (strncmp(option, "pmpool=", 7) == 0)
		read_pmpool(list, option + 7);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Copy the next option without the quotes around it or around its value; spaces inside quotes belong to it. There is
 * room for all of the command line: a number that is cut short would be another one. */
static const char *next_option(const char *at, char *option)
{
	bool quoted = false;
	size_t used = 0;

	while (is_space(*at))
		at++;
	for (; *at && (quoted || !is_space(*at)); at++) {
		if (*at == '"')
			quoted = !quoted;
		else
			option[used++] = *at;
	}
	option[used] = 0;
	return at;
}

enum pm_code pm_cmdline_parse(const char *cmdline, struct pm_reservation *list, size_t capacity, size_t *count)
{
	struct list found = {.items = list, .capacity = capacity};
	char *option = malloc(strlen(cmdline) + 1);

	*count = 0;
	if (!option)
		return PM_E_OUT_OF_MEMORY;
	while (*cmdline) {
		cmdline = next_option(cmdline, option);
		if (strcmp(option, "--") == 0)
			break; /* the rest is for init */
		read_option(&found, option);
	}
	free(option);
	*count = found.count;
	return found.overflow ? PM_E_CMDLINE_TOO_LONG : PM_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command line says of memory (arch/x86/kernel/e820.c: parse_memopt, parse_memmap_one; kernel/crash_reserve.c). */
#include "grow.h"
#include "kexec_cmdline.h"
#include "memory_map.h"
#include "size.h"
#include <stdio.h>
#include <string.h>

#define OPTIONS_MAX 8192u

struct list {
	struct pm_memory_option *items;
	size_t count;
	bool full;
};

const char *pm_option_kind_name(enum pm_option_kind kind)
{
	static const char *const names[] = {"reserved", "pmem",	       "acpi",	"ram",
					    "pmpool",	"crashkernel", "limit", "other"};

	return names[kind];
}

static struct pm_memory_option *add(struct list *list, enum pm_option_kind kind, const char *text, size_t length)
{
	struct pm_memory_option *option;

	if (list->count == OPTIONS_MAX || !pm_grow((void **)&list->items, list->count, sizeof(*list->items))) {
		list->full = true;
		return NULL;
	}
	option = &list->items[list->count++];
	*option = (struct pm_memory_option){.kind = kind};
	snprintf(option->text, sizeof(option->text), "%.*s", (int)(length < 255 ? length : 255), text);
	return option;
}

static void set_bytes(struct pm_memory_option *option, uint64_t bytes)
{
	option->has_bytes = bytes > 0 && bytes <= PM_ADDRESS_END;
	option->bytes = option->has_bytes ? bytes : 0;
}

/* A base without a size that fits behind it is not understood as a range. */
static void set_base(struct pm_memory_option *option, uint64_t base)
{
	option->has_base = base < PM_ADDRESS_END && option->bytes <= PM_ADDRESS_END - base;
	option->base = option->has_base ? base : 0;
}

/* SIZE$BASE, SIZE!BASE, SIZE#BASE, SIZE@BASE, SIZE%BASE..., SIZE, exactmap: with "memmap=" before it. */
static void read_memmap_item(struct list *list, const char *text)
{
	static const char marks[] = "$!#@%";
	static const enum pm_option_kind kinds[] = {PM_OPTION_RESERVED, PM_OPTION_PMEM, PM_OPTION_ACPI, PM_OPTION_RAM,
						    PM_OPTION_OTHER};
	struct pm_memory_option *option = add(list, PM_OPTION_OTHER, text, strlen(text));
	const char *at = text + strlen("memmap="), *mark;
	uint64_t bytes, base;

	if (!option || !pm_read_size(&at, &bytes))
		return;
	set_bytes(option, bytes);
	mark = *at ? strchr(marks, *at) : NULL;
	if (!mark) {
		option->kind =
			option->has_bytes ? PM_OPTION_LIMIT : PM_OPTION_OTHER; /* the kernel drops what follows */
		return;
	}
	at++;
	if (!pm_read_size(&at, &base) || (*at && *mark != '%'))
		return;
	set_base(option, base);
	if (option->has_base && option->has_bytes)
		option->kind = kinds[mark - marks];
}

/* Each part of memmap=A,B,C as an option of its own. */
static void read_memmap(struct list *list, const char *value)
{
	char item[512];

	while (*value) {
		size_t length = strcspn(value, ",");

		snprintf(item, sizeof(item), "memmap=%.*s", (int)(length < 480 ? length : 480), value);
		if (length)
			read_memmap_item(list, item);
		value += length + (value[length] == ',');
	}
}

/* pmpool=BASE,SIZE[,BASE,SIZE...] */
static void read_pmpool(struct list *list, const char *value)
{
	char item[512];

	while (*value) {
		const char *at = value;
		uint64_t base, bytes;
		bool read =
			pm_read_size(&at, &base) && *at++ == ',' && pm_read_size(&at, &bytes) && (!*at || *at == ',');
		struct pm_memory_option *option;
		size_t length = read ? (size_t)(at - value) : strlen(value);

		snprintf(item, sizeof(item), "pmpool=%.*s", (int)(length < 480 ? length : 480), value);
		option = add(list, PM_OPTION_PMPOOL, item, strlen(item));
		if (!option || !read)
			return; /* where the next pair would start is not known */
		set_bytes(option, bytes);
		set_base(option, base);
		value = *at ? at + 1 : at;
	}
}

static void read_crashkernel(struct list *list, const char *text)
{
	struct pm_memory_option *option = add(list, PM_OPTION_CRASHKERNEL, text, strlen(text));
	uint64_t base, bytes;

	if (!option)
		return;
	if (pm_crashkernel_read(text + strlen("crashkernel="), &base, &bytes)) {
		set_bytes(option, bytes);
		set_base(option, base);
	} else {
		set_bytes(option, bytes);
	}
}

static void read_size_only(struct list *list, enum pm_option_kind kind, const char *text, const char *value)
{
	struct pm_memory_option *option = add(list, PM_OPTION_OTHER, text, strlen(text));
	uint64_t bytes;

	if (!option || !pm_read_size(&value, &bytes))
		return;
	set_bytes(option, bytes);
	option->kind = option->has_bytes ? kind : PM_OPTION_OTHER;
}

static void read_option(struct list *list, const char *text)
{
	if (strncmp(text, "memmap=", 7) == 0)
		read_memmap(list, text + 7);
	else if (strncmp(text, "mem=", 4) == 0)
		read_size_only(list, PM_OPTION_LIMIT, text, text + 4);
	else if (strncmp(text, "pmpool=", 7) == 0)
		read_pmpool(list, text + 7);
	else if (strncmp(text, "crashkernel=", 12) == 0)
		read_crashkernel(list, text);
	else if (strncmp(text, "reserve_mem=", 12) == 0)
		read_size_only(list, PM_OPTION_OTHER, text, text + 12);
}

/* As next_arg of the kernel hands it out: without quotes. */
static void unquote(const struct pm_option *option, char *bare)
{
	for (size_t i = 0; i < option->length; i++)
		if (option->text[i] != '"')
			*bare++ = option->text[i];
	*bare = 0;
}

enum pm_code pm_memory_options(const char *cmdline, struct pm_memory_option **options, size_t *count)
{
	struct list list = {0};
	struct pm_option option;
	char *bare = malloc(strlen(cmdline) + 1);

	*options = NULL;
	*count = 0;
	if (!bare)
		return PM_E_OUT_OF_MEMORY;
	while (pm_option_next(&cmdline, &option)) {
		unquote(&option, bare);
		if (strcmp(bare, "--") == 0)
			break; /* the rest is for init */
		read_option(&list, bare);
	}
	free(bare);
	if (list.full) {
		free(list.items);
		return PM_E_OUT_OF_MEMORY;
	}
	*options = list.items;
	*count = list.count;
	return PM_OK;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include "facts.h"
#include "check.h"
#include "iomem_cover.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_text(struct json_object *facts, const char *key, const char *text)
{
	if (*text)
		json_set_text(facts, key, text);
}

static void put_file(const struct pm_host *host, const char *path, struct json_object *facts, const char *key)
{
	char text[8192];

	if (!pm_host_read(host, path, text, sizeof(text), NULL))
		put_text(facts, key, text);
}

/* The value of the first line "name<tabs>: value" of a file like /proc/cpuinfo. */
static void put_line(const char *text, const char *name, struct json_object *facts, const char *key)
{
	size_t length = strlen(name);

	for (const char *line = text; *line;) {
		const char *end = line + strcspn(line, "\n"), *at = line + length;
		char value[256];

		if (strncmp(line, name, length) == 0) {
			at += strspn(at, " \t");
			if (*at == ':') {
				at += 1 + strspn(at + 1, " \t");
				snprintf(value, sizeof(value), "%.*s", at < end ? (int)(end - at) : 0, at);
				put_text(facts, key, value);
				return;
			}
		}
		line = *end ? end + 1 : end;
	}
}

/* All processors of a machine run the same microcode, or the kernel complains; the first one tells. */
static void put_cpu(const struct pm_host *host, struct json_object *facts)
{
	char text[8192];

	if (pm_host_read(host, "/proc/cpuinfo", text, sizeof(text), NULL))
		return;
	put_line(text, "model name", facts, "cpu");
	put_line(text, "microcode", facts, "microcode");
}

static void put_memory(const struct pm_host *host, struct json_object *facts)
{
	char text[4096];
	const char *at;

	if (pm_host_read(host, "/proc/meminfo", text, sizeof(text), NULL))
		return;
	at = strstr(text, "MemTotal:");
	if (at)
		json_set_count(facts, "memory", strtoull(at + 9, NULL, 10) << 10);
}

/* Top-level fragments of RAM that touch become one: a kexec leaves several. The deeper lines stay under it. */
static uint64_t end_of(const struct pm_iomem *iomem, size_t i, bool *part)
{
	const struct pm_iomem_entry *entry = &iomem->entries[i];
	uint64_t last = entry->last;

	*part = false;
	if (entry->depth || !pm_iomem_is_ram(entry))
		return last;
	for (size_t j = i; j-- > 0;) {
		const struct pm_iomem_entry *earlier = &iomem->entries[j];

		if (earlier->depth)
			continue;
		*part = pm_iomem_is_ram(earlier) && earlier->last + 1 == entry->first;
		break;
	}
	for (size_t j = i + 1; j < iomem->count; j++) {
		const struct pm_iomem_entry *later = &iomem->entries[j];

		if (later->depth)
			continue;
		if (!pm_iomem_is_ram(later) || later->first != last + 1)
			break;
		last = later->last;
	}
	return last;
}

static struct json_object *iomem_lines(const struct pm_iomem *iomem)
{
	struct json_object *lines = json_object_new_array();
	size_t used = 0;

	for (size_t i = 0; i < iomem->count; i++) {
		const struct pm_iomem_entry *entry = &iomem->entries[i];
		char line[192];
		bool part;
		uint64_t last = end_of(iomem, i, &part);

		if (part)
			continue;
		snprintf(line, sizeof(line), "%*s%08" PRIx64 "-%08" PRIx64 " : %s", (int)(entry->depth * 2), "",
			 entry->first, last, entry->name);
		used += strlen(line) + 3;
		if (used > PM_FACTS_IOMEM_BYTES) {
			json_object_put(lines);
			return NULL;
		}
		json_object_array_add(lines, json_clean(line, sizeof(line)));
	}
	return lines;
}

static void put_iomem(const struct pm_host *host, struct json_object *facts)
{
	struct json_object *lines = NULL;
	struct pm_iomem iomem;
	char *text;
	enum pm_code code = pm_host_read_all(host, "/proc/iomem", &text, NULL);

	if (code)
		return;
	code = pm_iomem_parse(text, &iomem);
	free(text);
	if (code)
		return;
	if (!iomem.hidden)
		lines = iomem_lines(&iomem);
	if (lines)
		json_set(facts, "iomem", lines);
	pm_iomem_free(&iomem);
}

enum pm_code pm_host_facts(const struct pm_host *host, struct json_object **facts, struct pm_error *err)
{
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(host, boot_id, err);

	*facts = NULL;
	if (code)
		return code;
	*facts = json_object_new_object();
	json_set_uuid(*facts, "bootId", boot_id);
	put_file(host, "/proc/sys/kernel/osrelease", *facts, "kernel");
	put_file(host, "/proc/sys/kernel/version", *facts, "version");
	put_file(host, "/proc/cmdline", *facts, "cmdline");
	put_cpu(host, *facts);
	put_memory(host, *facts);
	put_iomem(host, *facts);
	pm_facts_devices(host, *facts);
	return PM_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem: "  <first>-<last> : <name>", two spaces for each level. */
#include "files.h"
#include "pmpool/host.h"
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 16384u

/* Hex digits as the kernel prints them: lower case, 8 or 16 of them. */
static bool read_hex(const char **at, uint64_t *value)
{
	int digits = 0;

	*value = 0;
	for (;; (*at)++, digits++) {
		char c = **at;
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (digit < 0)
			return digits > 0 && digits <= 16;
		if (digits >= 16)
			return false;
		*value = *value << 4 | (uint64_t)digit;
	}
}

static bool read_line(const char *line, const char *end, struct pm_iomem_entry *entry)
{
	const char *at = line;
	size_t length;

	while (*at == ' ')
		at++;
	if ((at - line) % 2 || at - line > 64)
		return false;
	entry->depth = (unsigned)(at - line) / 2;
	if (!read_hex(&at, &entry->first) || *at++ != '-' || !read_hex(&at, &entry->last))
		return false;
	if (strncmp(at, " : ", 3) != 0 || entry->first > entry->last)
		return false;
	at += 3;
	if (at > end)
		return false;
	length = (size_t)(end - at);
	length = length < sizeof(entry->name) ? length : sizeof(entry->name) - 1;
	memcpy(entry->name, at, length);
	entry->name[length] = 0;
	return true;
}

static bool room_for_one(struct pm_iomem *iomem, size_t *capacity)
{
	struct pm_iomem_entry *larger;

	if (iomem->count < *capacity)
		return true;
	*capacity = *capacity ? *capacity * 2 : 64;
	larger = realloc(iomem->entries, *capacity * sizeof(*larger));
	if (larger)
		iomem->entries = larger;
	return larger != NULL;
}

enum pm_code pm_iomem_parse(const char *text, struct pm_iomem *iomem)
{
	size_t capacity = 0;
	bool any_address = false;
	enum pm_code code = PM_E_FILE_CORRUPT;

	memset(iomem, 0, sizeof(*iomem));
	while (*text) {
		const char *end = text + strcspn(text, "\n");
		struct pm_iomem_entry entry = {0};

		if (end != text) {
			if (!read_line(text, end, &entry) || iomem->count == ENTRIES_MAX)
				goto fail;
			if (!room_for_one(iomem, &capacity)) {
				code = PM_E_OUT_OF_MEMORY;
				goto fail;
			}
			iomem->entries[iomem->count++] = entry;
			any_address |= entry.first || entry.last;
		}
		text = *end ? end + 1 : end;
	}
	iomem->hidden = iomem->count && !any_address;
	return PM_OK;
fail:
	pm_iomem_free(iomem);
	return code;
}

void pm_iomem_free(struct pm_iomem *iomem)
{
	free(iomem->entries);
	memset(iomem, 0, sizeof(*iomem));
}

enum pm_code pm_iomem_read(const struct pm_host *host, struct pm_iomem *iomem, struct pm_error *err)
{
	char *text;
	enum pm_code code = pm_host_read_all(host, "/proc/iomem", &text, err);

	if (code)
		return code;
	code = pm_iomem_parse(text, iomem);
	free(text);
	return code ? pm_fail(err, code, "/proc/iomem does not have the form that kernels print") : PM_OK;
}

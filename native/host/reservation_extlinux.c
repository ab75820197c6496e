/* SPDX-License-Identifier: GPL-2.0-or-later */
/* extlinux, syslinux and U-Boot's reading of their file: each label has options of its own, passed on as they stand. */
#include "reservation_loader.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line's value when it begins with this keyword; *length of it. */
static const char *value_of(const char *line, const char *keyword, size_t *length)
{
	const char *at = line + strspn(line, " \t");
	size_t word = strlen(keyword);

	if (strncasecmp(at, keyword, word) != 0 || !at[word] || !strchr(" \t", at[word]))
		return NULL;
	at += word;
	at += strspn(at, " \t");
	*length = strcspn(at, "\r\n");
	return at;
}

struct labels {
	FILE *out;
	const struct pm_reservation_wish *wish;
	char name[64]; /* of the label that we are in; "": before the first */
	bool appended; /* it has options */
	bool any;
	char without[256]; /* names of those that have none */
};

static void label_end(struct labels *labels)
{
	size_t used = strlen(labels->without);

	if (*labels->name && !labels->appended)
		snprintf(labels->without + used, sizeof(labels->without) - used, "%s%s", used ? ", " : "",
			 labels->name);
	labels->appended = false;
}

/* The line with the wish on it, under the name of its label. */
static void put_append(struct labels *labels, const char *line, const char *value, size_t length)
{
	char *options = strndup(value, length), *next;

	labels->appended = strcmp(options ? options : "", "-") != 0; /* a lone dash: none, not even the common ones */
	next = options && labels->appended ? pm_loader_edited(options, labels->wish) : NULL;
	if (next) {
		if (*labels->name)
			fprintf(labels->out, "%slabel %s\n", labels->any ? "\n" : "", labels->name);
		else
			fprintf(labels->out, "%s# before the first label\n", labels->any ? "\n" : "");
		fprintf(labels->out, "%.*s%s", (int)(value - line), line, next);
		labels->any = true;
	}
	free(options);
	free(next);
}

static void read_line(struct labels *labels, const char *line)
{
	const char *value;
	size_t length;

	value = value_of(line, "label", &length);
	if (value) {
		label_end(labels);
		snprintf(labels->name, sizeof(labels->name), "%.*s", (int)(length < 60 ? length : 60), value);
		return;
	}
	value = value_of(line, "append", &length);
	if (value)
		put_append(labels, line, value, length);
}

/* NULL: no label has options. */
static char *append_lines(const char *text, const struct pm_reservation_wish *wish, char without[256])
{
	struct labels labels = {.wish = wish};
	char *lines = NULL;
	size_t size;

	labels.out = open_memstream(&lines, &size);
	if (!labels.out)
		return NULL;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		read_line(&labels, line);
	}
	label_end(&labels);
	fclose(labels.out);
	memcpy(without, labels.without, sizeof(labels.without));
	if (labels.any)
		return lines;
	free(lines);
	return NULL;
}

void pm_loader_extlinux(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	static const char *const files[] = {"/boot/extlinux/extlinux.conf", "/extlinux/extlinux.conf",
					    "/boot/syslinux/syslinux.cfg", NULL};
	size_t file = 0, size = strlen(asked->edit->cmdline) + 16;
	char *text = NULL, without[256] = "";

	while (files[file] && !pm_loader_exists(asked, files[file]))
		file++;
	pm_loader_file(loader, files[file] ? files[file] : files[0]);
	pm_loader_files(asked, loader, 3, files);
	if (files[file])
		pm_host_read_all(asked->host, files[file], &text, NULL);
	loader->line = text ? append_lines(text, asked->wish, without) : NULL;
	free(text);
	if (!loader->line && (loader->line = malloc(size)))
		snprintf(loader->line, size, "    append %s", asked->edit->cmdline);
	pm_loader_note(loader, "Each label that is to boot with it needs it; passed on as it stands, nothing is run "
			       "after it.");
	if (*without)
		pm_loader_note(loader, "Without options of their own: %s.", without);
}

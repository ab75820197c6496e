/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each boot loader has to be told. Who reads an option on its way takes a part of it:
 *   GRUB: /etc/default/grub is a shell script (inside "...": \\ is \, \$ is $); what it says goes into grub.cfg as it
 *   is, where GRUB reads \$ as $. So `$` is written \\\$ between double quotes, and \$ between single ones. `!` is
 *   nothing to either. systemd-boot, extlinux, QEMU and kexec pass on what they are given.
 */
#include "check.h"
#include "files.h"
#include "kexec_cmdline.h"
#include "reservation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define GRUB_FILE "/etc/default/grub"
#define GRUB_NAME "GRUB_CMDLINE_LINUX="
#define GRUB_KEPT "$GRUB_CMDLINE_LINUX"

struct loader {
	const char *id, *title, *file, *note;
	char *line; /* malloc'd */
	struct json_object *commands;
	bool found;
};

static bool exists(const struct pm_host *host, const char *path)
{
	char full[PM_PATH_MAX];

	return pm_host_path(host, path, full, NULL) == PM_OK && access(full, F_OK) == 0;
}

static const char *first_of(const struct pm_host *host, const char *const *paths)
{
	while (*paths && !exists(host, *paths))
		paths++;
	return *paths;
}

/* --- GRUB --- */

enum grub_value { GRUB_NONE, GRUB_READ, GRUB_UNREADABLE };

/* A value of one line and one pair of quotes, or of one bare word: `end` is behind it. Anything else is for a shell. */
static bool is_plain(const char *value, const char *end, char quote)
{
	if (quote)
		return *end == quote && (!end[1] || strchr(" \t\n#;", end[1]));
	return strcspn(value, "\\\"'`;") >= (size_t)(end - value);
}

/* The value of the last assignment, without its quotes, and which quote that is. */
static enum grub_value grub_value(const char *text, const char **value, size_t *length, char *quote)
{
	enum grub_value found = GRUB_NONE;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *at, *end;

		line += *line == '\n';
		at = line + strspn(line, " \t");
		if (strncmp(at, GRUB_NAME, strlen(GRUB_NAME)) != 0)
			continue;
		at += strlen(GRUB_NAME);
		*quote = *at == '"' || *at == '\'' ? *at++ : 0;
		for (end = at; *end && *end != '\n' && (*quote ? *end != *quote : *end != ' ' && *end != '#'); end++)
			if (*quote == '"' && *end == '\\' && end[1] && end[1] != '\n')
				end++;
		found = is_plain(at, end, *quote) ? GRUB_READ : GRUB_UNREADABLE;
		*value = at;
		*length = (size_t)(end - at);
	}
	return found;
}

static void put_escaped(FILE *out, const char *option, char quote)
{
	for (; *option; option++) {
		if (*option == '$')
			fputs(quote == '\'' ? "\\" : "\\\\\\", out);
		fputc(*option, out);
	}
}

static char *escaped(const char *option, char quote)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		put_escaped(out, option, quote);
		fclose(out);
	}
	return text;
}

/* The words of the value but those that the joined option takes in; false when the option is among them. */
static bool put_words(FILE *out, const char *value, size_t length, const char *option, bool joined)
{
	bool absent = true, first = true;

	while (length) {
		size_t skip = strspn(value, " \t"), word;

		skip = skip < length ? skip : length;
		value += skip;
		length -= skip;
		for (word = 0; word < length && value[word] != ' ' && value[word] != '\t'; word++)
			;
		if (word == strlen(option) && strncmp(value, option, word) == 0)
			absent = false;
		if (word && !(joined && word > 7 && strncmp(value, "memmap=", 7) == 0)) {
			fprintf(out, "%s%.*s", first ? "" : " ", (int)word, value);
			first = false;
		}
		value += word;
		length -= word;
	}
	if (absent && !first)
		fputc(' ', out);
	return absent;
}

char *pm_reservation_grub_line(const char *text, const struct pm_reservation_edit *edit)
{
	const char *value = "";
	size_t length = 0, size;
	char quote = '"', *line = NULL, *option;
	FILE *out;
	enum grub_value found = grub_value(text, &value, &length, &quote);

	if (found != GRUB_READ) { /* what cannot be read is kept: the shell that reads the file puts it there */
		value = found == GRUB_NONE ? "" : GRUB_KEPT;
		length = strlen(value);
		quote = '"';
	}
	quote = quote ? quote : '"'; /* a bare word may go between quotes as it is */
	option = escaped(edit->option, quote);
	out = option ? open_memstream(&line, &size) : NULL;
	if (out) {
		fprintf(out, GRUB_NAME "%c", quote);
		if (put_words(out, value, length, option, edit->joined))
			fputs(option, out);
		fputc(quote, out);
		fclose(out);
	}
	free(option);
	return line;
}

static void add_command(struct loader *loader, const char *command)
{
	json_object_array_add(loader->commands, json_object_new_string(command));
}

static void grub(const struct pm_host *host, const struct pm_reservation_edit *edit, struct loader *loader)
{
	static const char *const signs[] = {GRUB_FILE, "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", NULL};
	char *text = NULL;
	bool behind; /* the line goes behind the file's own, not in its place */

	pm_host_read_all(host, GRUB_FILE, &text, NULL);
	loader->line = pm_reservation_grub_line(text ? text : "", edit);
	behind = loader->line && (!text || !strstr(text, GRUB_NAME "\"" GRUB_KEPT)) &&
		 strstr(loader->line, GRUB_NAME "\"" GRUB_KEPT);
	free(text);
	loader->found = first_of(host, signs) != NULL;
	if (exists(host, "/boot/grub2/grub.cfg") && !exists(host, "/usr/sbin/update-grub"))
		add_command(loader, "grub2-mkconfig -o /boot/grub2/grub.cfg");
	else
		add_command(loader, "update-grub");
	loader->note = edit->joined
			       ? "All ranges are in this one option: take other memmap= out, also of "
				 "GRUB_CMDLINE_LINUX_DEFAULT. Where there is no update-grub: grub-mkconfig -o "
				 "/boot/grub/grub.cfg. grub.cfg then has \\$ where the kernel gets $."
			       : "Where there is no update-grub: grub-mkconfig -o /boot/grub/grub.cfg. grub.cfg then "
				 "has \\$ where the kernel gets $.";
	if (behind)
		loader->note =
			"What the file assigns is not one plain line, so it is kept: put this line behind it. Take "
			"other memmap= out where this line names the same ranges.";
}

/* --- those that pass on what they are given --- */

/* A command line in a file, with the wish on it. */
static char *edited(const char *cmdline, const struct pm_reservation_wish *wish)
{
	struct pm_reservation_edit edit;

	return pm_reservation_edit(cmdline, wish, &edit) ? NULL : (free(edit.option), edit.cmdline);
}

static void systemd_boot(const struct pm_host *host, const struct pm_reservation_wish *wish,
			 const struct pm_reservation_edit *edit, struct loader *loader)
{
	static const char *const signs[] = {"/boot/loader/loader.conf", "/efi/loader/loader.conf",
					    "/boot/efi/loader/loader.conf", "/etc/kernel/cmdline", NULL};
	char release[128] = "", command[512], modules[256], *text = NULL;

	pm_host_read(host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL);
	pm_host_read_all(host, loader->file, &text, NULL);
	for (char *at = text; at && *at; at++)
		if (*at == '\n')
			*at = ' '; /* as kernel-install reads it: lines are words of one command line */
	loader->line = text && text[strspn(text, " \t")] ? edited(text, wish) : strdup(edit->cmdline);
	free(text);
	loader->found = first_of(host, signs) != NULL;
	snprintf(modules, sizeof(modules), "/usr/lib/modules/%s/vmlinuz", release);
	if (exists(host, modules))
		snprintf(command, sizeof(command), "kernel-install add %s %s", release, modules);
	else
		snprintf(command, sizeof(command), "kernel-install add %s /boot/vmlinuz-%s", release, release);
	add_command(loader, command);
	loader->note = "One line, passed on as it stands. Without kernel-install: the same behind `options` in "
		       "loader/entries/*.conf of the boot partition.";
}

static char *append_line(const char *text, const struct pm_reservation_wish *wish)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t indent, length;
		char *value, *next, *result = NULL;

		line += *line == '\n';
		indent = strspn(line, " \t");
		if (strncasecmp(line + indent, "append", 6) != 0 ||
		    (line[indent + 6] != ' ' && line[indent + 6] != '\t'))
			continue;
		length = strcspn(line + indent + 7, "\n");
		value = strndup(line + indent + 7, length);
		next = value ? edited(value, wish) : NULL;
		length = next ? strlen(next) + indent + 8 : 0;
		result = next ? malloc(length + 1) : NULL;
		if (result)
			snprintf(result, length, "%.*s%s", (int)indent + 7, line, next);
		free(value);
		free(next);
		return result;
	}
	return NULL;
}

static void extlinux(const struct pm_host *host, const struct pm_reservation_wish *wish,
		     const struct pm_reservation_edit *edit, struct loader *loader)
{
	static const char *const files[] = {"/boot/extlinux/extlinux.conf", "/extlinux/extlinux.conf",
					    "/boot/syslinux/syslinux.cfg", NULL};
	const char *file = first_of(host, files);
	size_t size = strlen(edit->cmdline) + 16;
	char *text = NULL;

	loader->found = file != NULL;
	loader->file = file ? file : files[0];
	if (file)
		pm_host_read_all(host, file, &text, NULL);
	loader->line = text ? append_line(text, wish) : NULL;
	free(text);
	if (!loader->line && (loader->line = malloc(size)))
		snprintf(loader->line, size, "    append %s", edit->cmdline);
	loader->note = "In each label that is to boot with it; passed on as it stands, nothing is run after it.";
}

/* As a shell's word: between single quotes neither $ nor ! means anything. */
static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

static void plain(const struct pm_host *host, const struct pm_reservation_edit *edit, struct loader *loader)
{
	char release[128] = "", *command = NULL;
	size_t size;
	FILE *out = open_memstream(&command, &size);

	pm_host_read(host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL);
	loader->line = strdup(edit->cmdline);
	if (out) {
		fprintf(out, "kexec -s -l /boot/vmlinuz-%s --initrd=/boot/initrd.img-%s --command-line=", release,
			release);
		put_quoted(out, edit->cmdline);
		fclose(out);
		add_command(loader, command);
	}
	free(command);
	loader->note = "For kexec, QEMU's -append and PXE: passed on as it stands. On a shell's command line between "
		       "single quotes, where neither $ nor ! means anything.";
}

/* --- */

static struct json_object *loader_json(struct loader *loader)
{
	struct json_object *object = json_object_new_object();
	const char *line = loader->line ? loader->line : "";

	json_object_object_add(object, "id", json_object_new_string(loader->id));
	json_object_object_add(object, "title", json_object_new_string(loader->title));
	json_object_object_add(object, "file", json_object_new_string(loader->file));
	json_object_object_add(object, "line", pm_json_clean(line, strlen(line)));
	json_object_object_add(object, "commands", loader->commands);
	json_object_object_add(object, "note", json_object_new_string(loader->note));
	json_object_object_add(object, "found", json_object_new_boolean(loader->found));
	free(loader->line);
	return object;
}

struct json_object *pm_reservation_loaders(const struct pm_host *host, const struct pm_reservation_wish *wish,
					   const struct pm_reservation_edit *edit)
{
	struct loader loaders[] = {
		{.id = "grub", .title = "GRUB", .file = GRUB_FILE},
		{.id = "systemd-boot", .title = "systemd-boot", .file = "/etc/kernel/cmdline"},
		{.id = "extlinux", .title = "extlinux, syslinux", .file = ""},
		{.id = "plain", .title = "Command line", .file = ""},
	};
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < 4; i++)
		loaders[i].commands = json_object_new_array();
	grub(host, edit, &loaders[0]);
	systemd_boot(host, wish, edit, &loaders[1]);
	extlinux(host, wish, edit, &loaders[2]);
	plain(host, edit, &loaders[3]);
	loaders[3].found = !loaders[0].found && !loaders[1].found && !loaders[2].found;
	for (size_t i = 0; i < 4; i++)
		json_object_array_add(list, loader_json(&loaders[i]));
	return list;
}

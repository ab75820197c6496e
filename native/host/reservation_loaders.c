/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each boot loader has to be told, the likeliest first. systemd-boot, extlinux, QEMU and kexec pass on what they
 * are given; what GRUB takes out is in files of its own.
 */
#include "check.h"
#include "reservation_loader.h"
#include "reservation_quote.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what the loaders share --- */

bool pm_loader_exists(const struct pm_loader_asked *asked, const char *path)
{
	char full[PM_PATH_MAX];

	return pm_host_path(asked->host, path, full, NULL) == PM_OK && access(full, F_OK) == 0;
}

void pm_loader_file(struct pm_loader *loader, const char *file)
{
	snprintf(loader->file, sizeof(loader->file), "%s", file);
}

void pm_loader_note(struct pm_loader *loader, const char *format, ...)
{
	size_t used = strlen(loader->note);
	va_list arguments;

	if (used && used + 1 < sizeof(loader->note))
		loader->note[used++] = ' ';
	va_start(arguments, format);
	vsnprintf(loader->note + used, sizeof(loader->note) - used, format, arguments);
	va_end(arguments);
}

void pm_loader_command(struct pm_loader *loader, const char *command)
{
	json_object_array_add(loader->commands, json_clean(command, strlen(command)));
}

void pm_loader_evidence(struct pm_loader *loader, unsigned weight, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_object_array_add(loader->evidence, json_clean(text, sizeof(text)));
	loader->weight += weight;
}

void pm_loader_files(const struct pm_loader_asked *asked, struct pm_loader *loader, unsigned weight,
		     const char *const *paths)
{
	for (; *paths; paths++)
		if (pm_loader_exists(asked, *paths))
			pm_loader_evidence(loader, weight, "%s", *paths);
}

char *pm_loader_edited(const char *cmdline, const struct pm_reservation_wish *wish)
{
	struct pm_reservation_edit edit;

	return pm_reservation_edit(cmdline, wish, &edit) ? NULL : (free(edit.option), edit.cmdline);
}

/* --- those that pass on what they are given --- */

static void kernel_install(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	char command[512], kernel[256];

	snprintf(kernel, sizeof(kernel), "/usr/lib/modules/%s/vmlinuz", asked->release);
	if (!pm_loader_exists(asked, kernel))
		snprintf(kernel, sizeof(kernel), "/boot/vmlinuz-%s", asked->release);
	snprintf(command, sizeof(command), "kernel-install add %s %s", asked->release, kernel);
	pm_loader_command(loader, command);
}

static void systemd_boot(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	static const char *const files[] = {"/boot/loader/loader.conf", "/efi/loader/loader.conf",
					    "/boot/efi/loader/loader.conf", NULL};
	static const char *const shared[] = {"/etc/kernel/cmdline", NULL}; /* kernel-install's, whatever loads then */
	char *text = NULL;

	pm_loader_file(loader, "/etc/kernel/cmdline");
	pm_host_read_all(asked->host, loader->file, &text, NULL);
	for (char *at = text; at && *at; at++)
		if (*at == '\n')
			*at = ' '; /* as kernel-install reads it: lines are words of one command line */
	loader->line =
		text && text[strspn(text, " \t")] ? pm_loader_edited(text, asked->wish) : strdup(asked->edit->cmdline);
	free(text);
	pm_loader_files(asked, loader, 3, files);
	if (strncmp(asked->info, "systemd-boot", 12) == 0)
		pm_loader_evidence(loader, 16, "the EFI variable LoaderInfo: %s", asked->info);
	if (asked->cmdline && strstr(asked->cmdline, "initrd=\\"))
		pm_loader_evidence(loader, 2, "initrd=\\ on the running command line");
	pm_loader_files(asked, loader, 1, shared);
	kernel_install(asked, loader);
	pm_loader_note(loader, "One line, passed on as it stands. Without kernel-install: the same behind `options` in "
			       "loader/entries/*.conf of the boot partition.");
}

static void plain(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	/* between single quotes neither $ nor ! means anything */
	char *quoted = pm_quote_for_shell(asked->edit->cmdline, '\''), *command = NULL;
	size_t size;
	FILE *out = quoted ? open_memstream(&command, &size) : NULL;

	loader->line = strdup(asked->edit->cmdline);
	if (out) {
		fprintf(out, "kexec -s -l /boot/vmlinuz-%s --initrd=/boot/initrd.img-%s --command-line='%s'",
			asked->release, asked->release, quoted);
		fclose(out);
		pm_loader_command(loader, command);
	}
	free(command);
	free(quoted);
	pm_loader_note(loader, "For kexec, QEMU's -append and PXE: passed on as it stands. On a shell's command line "
			       "between single quotes, where neither $ nor ! means anything.");
}

/* --- which of them this host uses --- */

enum { GRUB, BLS, SYSTEMD_BOOT, EXTLINUX, PLAIN, LOADERS };

/* A file that several share says nothing where another one has more to show. */
static void decide(struct pm_loader loaders[LOADERS])
{
	bool others = false, any = false;

	loaders[GRUB].found = loaders[GRUB].weight > 0 && !loaders[BLS].found;
	if (loaders[BLS].found) {
		loaders[BLS].weight += loaders[GRUB].weight;
		pm_loader_note(&loaders[GRUB], "The entries of this host do not come from this file: see %s.",
			       loaders[BLS].title);
	}
	loaders[EXTLINUX].found = loaders[EXTLINUX].weight > 0;
	others = loaders[GRUB].found || loaders[BLS].found || loaders[EXTLINUX].found;
	loaders[SYSTEMD_BOOT].found = loaders[SYSTEMD_BOOT].weight > (others ? 1 : 0);
	any = others || loaders[SYSTEMD_BOOT].found;
	loaders[PLAIN].found = !any;
}

static bool before(const struct pm_loader *a, const struct pm_loader *b)
{
	return a->found != b->found ? a->found : a->found && a->weight > b->weight;
}

/* Text of several lines, each clean; a tab is a blank to all who read it. */
static struct json_object *clean_lines(char *text)
{
	char *lines = NULL;
	size_t size;
	FILE *out = open_memstream(&lines, &size);
	struct json_object *json;

	for (char *tab = text; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' ';
	for (const char *at = text; out && *at;) {
		size_t length = strcspn(at, "\n");
		struct json_object *clean = json_clean(at, length);

		fprintf(out, "%s%s", json_object_get_string(clean), at[length] ? "\n" : "");
		json_object_put(clean);
		at += length + (at[length] == '\n');
	}
	if (out)
		fclose(out);
	json = json_object_new_string(lines ? lines : "");
	free(lines);
	return json;
}

static struct json_object *loader_json(struct pm_loader *loader)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "id", json_object_new_string(loader->id));
	json_object_object_add(object, "title", json_object_new_string(loader->title));
	json_object_object_add(object, "file", json_clean(loader->file, sizeof(loader->file)));
	json_object_object_add(object, "line", loader->line ? clean_lines(loader->line) : json_object_new_string(""));
	json_object_object_add(object, "commands", loader->commands);
	json_object_object_add(object, "note", json_clean(loader->note, sizeof(loader->note)));
	json_object_object_add(object, "found", json_object_new_boolean(loader->found));
	json_object_object_add(object, "evidence", loader->evidence);
	free(loader->line);
	return object;
}

static struct json_object *sorted_json(struct pm_loader loaders[LOADERS])
{
	struct json_object *list = json_object_new_array();
	struct pm_loader *order[LOADERS];

	for (size_t i = 0, at; i < LOADERS; i++) {
		for (at = i; at > 0 && before(&loaders[i], order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = &loaders[i];
	}
	for (size_t i = 0; i < LOADERS; i++)
		json_object_array_add(list, loader_json(order[i]));
	return list;
}

/* Four bytes of attributes, then UTF-16: "systemd-boot 252", "GRUB 2.12". */
static void read_info(const struct pm_host *host, char info[64])
{
	static const char path[] = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
	char full[PM_PATH_MAX];
	unsigned char bytes[4 + 2 * 63];
	ssize_t got = -1;
	size_t used = 0;
	int fd = -1;

	if (pm_host_path(host, path, full, NULL) == PM_OK)
		fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) {
		got = read(fd, bytes, sizeof(bytes));
		close(fd);
	}
	for (ssize_t at = 4; at + 1 < got && (bytes[at] || bytes[at + 1]); at += 2)
		info[used++] = bytes[at + 1] || bytes[at] < ' ' || bytes[at] > '~' ? '?' : (char)bytes[at];
	info[used] = 0;
}

struct json_object *pm_reservation_loaders(const struct pm_host *host, const struct pm_reservation_wish *wish,
					   const struct pm_reservation_edit *edit)
{
	static void (*const tell[LOADERS])(const struct pm_loader_asked *, struct pm_loader *) = {
		pm_loader_grub, pm_loader_bls, systemd_boot, pm_loader_extlinux, plain};
	struct pm_loader loaders[LOADERS] = {
		[GRUB] = {.id = "grub", .title = "GRUB"},
		[BLS] = {.id = "bls", .title = "Fedora, RHEL (BLS)"},
		[SYSTEMD_BOOT] = {.id = "systemd-boot", .title = "systemd-boot"},
		[EXTLINUX] = {.id = "extlinux", .title = "extlinux, syslinux"},
		[PLAIN] = {.id = "plain", .title = "Command line"},
	};
	struct pm_loader_asked asked = {.host = host, .wish = wish, .edit = edit};
	struct json_object *list;

	pm_host_read(host, "/proc/sys/kernel/osrelease", asked.release, sizeof(asked.release), NULL);
	pm_host_read_all(host, "/proc/cmdline", &asked.cmdline, NULL);
	read_info(host, asked.info);
	for (size_t i = 0; i < LOADERS; i++) {
		loaders[i].commands = json_object_new_array();
		loaders[i].evidence = json_object_new_array();
		tell[i](&asked, &loaders[i]);
	}
	decide(loaders);
	list = sorted_json(loaders);
	free(asked.cmdline);
	return list;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB with entries in files of their own (Boot Loader Specification: Fedora, RHEL), kept by grubby. Their `options` go
 * through GRUB's blscfg, which puts the value of a variable in the place of each `$` and what follows, and knows no way
 * to protect one; what comes of it is read as a line of grub.cfg. So a `$` has to come out of a variable, with the
 * backslash that grub.cfg wants. Variables stand in grubenv. grubby in turn takes commas and `&` for its own, and puts
 * a memmap= in the place of another: ranges that are more than one go into the variable too.
 */
#include "reservation_loader.h"
#include "reservation_quote.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLE "pmpool_ranges"
#define ENTRIES "/boot/loader/entries"
#define GRUBENV "/boot/grub2/grubenv"

/* --- does GRUB here read entries --- */

/* GRUB_ENABLE_BLSCFG= of /etc/default/grub: 1 true, 0 anything else, -1 not set. */
static int blscfg(const struct pm_loader_asked *asked)
{
	static const char name[] = "GRUB_ENABLE_BLSCFG=";
	char *text = NULL;
	int enabled = -1;

	pm_host_read_all(asked->host, PM_GRUB_FILE, &text, NULL);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		line += strspn(line, " \t");
		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		line += strlen(name);
		line += *line == '"' || *line == '\'';
		enabled = strncmp(line, "true", 4) == 0;
	}
	free(text);
	return enabled;
}

static void look(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	static const char *const grubby[] = {"/usr/sbin/grubby", "/usr/bin/grubby", "/sbin/grubby", NULL};
	static const char *const entries[] = {ENTRIES, NULL};
	unsigned tool;
	int enabled = blscfg(asked);

	if (enabled == 0)
		return;
	if (enabled > 0)
		pm_loader_evidence(loader, 4, "GRUB_ENABLE_BLSCFG=true in " PM_GRUB_FILE);
	pm_loader_files(asked, loader, 1, grubby);
	tool = loader->weight;
	pm_loader_files(asked, loader, 1, entries);
	loader->found =
		enabled > 0 || (tool && loader->weight > tool && pm_loader_exists(asked, "/boot/grub2/grub.cfg"));
	if (loader->found && strncmp(asked->info, "GRUB", 4) == 0)
		pm_loader_evidence(loader, 16, "the EFI variable LoaderInfo: %s", asked->info);
	if (!loader->found)
		loader->weight = 0;
}

/* --- the variable: words of grub.cfg, one after the other --- */

/* A list of words in malloc'd memory of `size` bytes, big enough for all that is added. */
static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at++)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static void add_word(char *words, size_t size, const char *word)
{
	size_t used = strlen(words);

	if (*word && !has_word(words, word))
		snprintf(words + used, size - used, "%s%s", used ? " " : "", word);
}

/* Each memmap= of a list of words in GRUB's form: those with a `$` can only have come out of the variable. */
static void add_ranges(char *words, size_t size, const char *list, bool quoted)
{
	while (*(list += strspn(list, " \t\r\n"))) {
		size_t length = strcspn(list, " \t\r\n");
		char *word = strndup(list, length), *grub = word && !quoted ? pm_quote_for_grub(word) : NULL;

		if (word && strncmp(word, "memmap=", 7) == 0 && strchr(word, '$'))
			add_word(words, size, quoted ? word : grub ? grub : "");
		free(word);
		free(grub);
		list += length;
	}
}

/* What the variable is now, by its file: there \\ is a backslash. malloc'd, or NULL. */
static char *variable_now(const struct pm_loader_asked *asked)
{
	static const char name[] = "\n" VARIABLE "=";
	char *text = NULL, *at, *value, *to;

	pm_host_read_all(asked->host, GRUBENV, &text, NULL);
	at = text ? strstr(text, name) : NULL;
	value = to = at ? strdup(at + strlen(name)) : NULL;
	for (at = value; at && *at && *at != '\n'; at++) {
		if (*at == '\\' && at[1] && at[1] != '\n')
			at++;
		*to++ = *at;
	}
	if (to)
		*to = 0;
	free(text);
	return value;
}

/* What the variable has to be: the option, and the other ranges that need it. */
static char *variable(const struct pm_loader_asked *asked)
{
	char *now = asked->edit->joined ? NULL : variable_now(asked), *option = pm_quote_for_grub(asked->edit->option);
	size_t size = 2 * strlen(asked->edit->cmdline) + (now ? strlen(now) : 0) + (option ? strlen(option) : 0) + 64;
	char *words = option ? calloc(1, size) : NULL;

	if (words && now)
		add_ranges(words, size, now, true);
	if (words && !asked->edit->joined)
		add_ranges(words, size, asked->edit->cmdline, false);
	if (words)
		add_word(words, size, option);
	free(now);
	free(option);
	return words;
}

/* --- the entry of the running kernel --- */

/* Path of the first entry by name whose name has the release; false: none can be seen. */
static bool entry_of(const struct pm_loader_asked *asked, char path[512])
{
	char full[PM_PATH_MAX], best[256] = "";
	struct dirent *entry;
	DIR *folder;

	if (!*asked->release || pm_host_path(asked->host, ENTRIES, full, NULL))
		return false;
	folder = opendir(full);
	while (folder && (entry = readdir(folder)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0 &&
		    strstr(entry->d_name, asked->release) && (!*best || strcmp(entry->d_name, best) < 0))
			snprintf(best, sizeof(best), "%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	snprintf(path, 512, ENTRIES "/%s", best);
	return *best;
}

/* Its `options` with the word behind them; NULL when it has none. */
static char *options_with(const struct pm_loader_asked *asked, const char *path, const char *word)
{
	char *text = NULL, *line = NULL;

	pm_host_read_all(asked->host, path, &text, NULL);
	for (const char *at = text; at && !line; at = strchr(at, '\n')) {
		size_t length, size;

		at += *at == '\n';
		length = strcspn(at, "\r\n");
		if (strncmp(at, "options", 7) != 0 || (at[7] != ' ' && at[7] != '\t'))
			continue;
		size = length + strlen(word) + 2;
		line = calloc(1, size);
		if (line)
			snprintf(line, size, "%.*s", (int)length, at);
		if (line)
			add_word(line, size, word);
	}
	free(text);
	return line;
}

static void show(const struct pm_loader_asked *asked, struct pm_loader *loader, const char *word)
{
	char path[512];

	pm_loader_file(loader, ENTRIES "/*.conf");
	if (entry_of(asked, path)) {
		loader->line = options_with(asked, path, word);
		if (loader->line)
			pm_loader_file(loader, path);
	}
	if (!loader->line)
		loader->line = strdup(word);
}

/* --- */

/* Can it stand in an entry as it is: nothing in it that blscfg or grubby takes, and no other memmap= to take it for. */
static bool stands_alone(const struct pm_reservation_edit *edit)
{
	const char *other = edit->cmdline;

	if (strpbrk(edit->option, "$,&|\\'\"` "))
		return false;
	while ((other = strstr(other, "memmap=")) != NULL) {
		if (strncmp(other, edit->option, strlen(edit->option)) != 0)
			return false;
		other += strlen("memmap=");
	}
	return true;
}

static void command(struct pm_loader *loader, const char *before, const char *argument)
{
	char *quoted = pm_quote_for_shell(argument, '\''), *text;
	size_t size = quoted ? strlen(before) + strlen(quoted) + 3 : 0;

	text = quoted ? malloc(size) : NULL;
	if (text) {
		snprintf(text, size, "%s'%s'", before, quoted);
		pm_loader_command(loader, text);
	}
	free(quoted);
	free(text);
}

static void set_variable(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	char *words = variable(asked), *setting;
	size_t size = words ? strlen(words) + sizeof(VARIABLE "=") : 0;

	setting = words ? malloc(size) : NULL;
	if (setting) {
		snprintf(setting, size, VARIABLE "=%s", words);
		command(loader, "grub2-editenv - set ", setting);
	}
	free(words);
	free(setting);
}

void pm_loader_bls(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	bool alone = stands_alone(asked->edit);
	const char *word = alone ? asked->edit->option : "$" VARIABLE;

	look(asked, loader);
	show(asked, loader, word);
	if (!alone)
		set_variable(asked, loader);
	command(loader, "grubby --update-kernel=ALL --args=", word);
	if (!alone)
		pm_loader_note(loader,
			       "In an entry GRUB takes each $ for a variable and nothing protects it: so the "
			       "option stands in a variable of " GRUBENV ", with the \\$ that GRUB then reads.");
	if (asked->edit->joined)
		pm_loader_note(loader, "All ranges are in it: take other memmap= out with grubby --remove-args.");
	pm_loader_note(loader,
		       "The entry of the next kernel takes its options from /etc/kernel/cmdline: see that %s is "
		       "there too.",
		       word);
}

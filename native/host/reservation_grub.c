/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB by /etc/default/grub. Two readers take a part of what stands there: the file is a shell script (between double
 * quotes \\ is \, \$ is $), and what it sets goes into grub.cfg as it is, where \$ is $. So `$` is written \\\$ between
 * double quotes, and \$ between single ones. `!` is nothing to either.
 */
#include "reservation_loader.h"
#include "reservation_quote.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRUB_NAME "GRUB_CMDLINE_LINUX="
#define GRUB_KEPT "$GRUB_CMDLINE_LINUX"

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

/* Each range of `word` is one of `option`: both are memmap= with ranges joined by commas. */
static bool covered(const char *word, const char *option)
{
	for (word += strlen("memmap="); *word;) {
		size_t length = strcspn(word, ",");
		const char *at = option + strlen("memmap=");

		while (*at && (strcspn(at, ",") != length || strncmp(at, word, length) != 0)) {
			at += strcspn(at, ",");
			at += *at == ',';
		}
		if (length && !*at)
			return false;
		word += length + (word[length] == ',');
	}
	return true;
}

struct writer {
	FILE *out;
	const struct pm_reservation_edit *edit;
	bool any, there, lost; /* words so far; the option is among them; one was left out that would be eaten */
};

static void put_word(struct writer *writer, const char *word, size_t length)
{
	fprintf(writer->out, "%s%.*s", writer->any ? " " : "", (int)length, word);
	writer->any = true;
}

/* The words of the value, but those that the joined option takes in and those that lose their `$`. */
static void put_words(struct writer *writer, const char *value, size_t length, char quote, char *read)
{
	const struct pm_reservation_edit *edit = writer->edit;

	while (length) {
		size_t skip = strspn(value, " \t");
		struct pm_grub_word word;
		bool memmap;

		skip = skip < length ? skip : length;
		value += skip;
		length -= skip;
		word = pm_grub_word_read(value, length, quote, read);
		memmap = strncmp(read, "memmap=", 7) == 0;
		if (word.eaten && memmap) {
			writer->lost = true;
		} else if (word.length && strcmp(read, edit->option) == 0) {
			if (!writer->there)
				put_word(writer, value, word.length);
			writer->there = true;
		} else if (word.length && !(edit->joined && memmap && read[7] && covered(read, edit->option))) {
			put_word(writer, value, word.length);
		}
		value += word.length;
		length -= word.length;
	}
}

static char *line_of(const char *text, const struct pm_reservation_edit *edit, bool *lost)
{
	const char *value = "";
	size_t length = 0, size;
	char quote = '"', *line = NULL, *word = NULL, *option = NULL, *read;
	enum grub_value found = grub_value(text, &value, &length, &quote);
	struct writer writer = {.edit = edit};

	if (found != GRUB_READ) { /* what cannot be read is kept: the shell that reads the file puts it there */
		value = found == GRUB_NONE ? "" : GRUB_KEPT;
		length = strlen(value);
		quote = '"';
	}
	quote = quote ? quote : '"'; /* a bare word may go between quotes as it is */
	read = malloc(length + 1);
	word = pm_quote_for_grub(edit->option);
	option = word ? pm_quote_for_shell(word, quote) : NULL;
	writer.out = read && option ? open_memstream(&line, &size) : NULL;
	if (writer.out) {
		fprintf(writer.out, GRUB_NAME "%c", quote);
		put_words(&writer, value, length, quote, read);
		if (!writer.there)
			put_word(&writer, option, strlen(option));
		fputc(quote, writer.out);
		fclose(writer.out);
	}
	*lost = writer.lost;
	free(read);
	free(word);
	free(option);
	return line;
}

char *pm_reservation_grub_line(const char *text, const struct pm_reservation_edit *edit)
{
	bool lost;

	return line_of(text, edit, &lost);
}

static void say(const struct pm_loader_asked *asked, const char *text, bool lost, struct pm_loader *loader)
{
	/* the line goes behind the file's own, not in its place */
	bool behind = loader->line && !strstr(text, GRUB_NAME "\"" GRUB_KEPT) &&
		      strstr(loader->line, GRUB_NAME "\"" GRUB_KEPT);

	if (behind)
		pm_loader_note(loader, "What the file assigns is not one plain line, so it is kept: put this line "
				       "behind it. Take other memmap= out where this line names the same ranges.");
	else if (asked->edit->joined)
		pm_loader_note(loader, "All ranges are in this one option: take other memmap= out, also of "
				       "GRUB_CMDLINE_LINUX_DEFAULT.");
	if (lost)
		pm_loader_note(loader, "A memmap= of the file is left out: its $ would be taken for a variable.");
	if (!behind)
		pm_loader_note(loader, "Where there is no update-grub: grub-mkconfig -o /boot/grub/grub.cfg. grub.cfg "
				       "then has \\$ where the kernel gets $.");
}

void pm_loader_grub(const struct pm_loader_asked *asked, struct pm_loader *loader)
{
	static const char *const files[] = {PM_GRUB_FILE, "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", NULL};
	char *text = NULL;
	bool lost;

	pm_loader_file(loader, PM_GRUB_FILE);
	pm_host_read_all(asked->host, PM_GRUB_FILE, &text, NULL);
	loader->line = line_of(text ? text : "", asked->edit, &lost);
	say(asked, text ? text : "", lost, loader);
	free(text);
	pm_loader_files(asked, loader, 2, files);
	if (strncmp(asked->info, "GRUB", 4) == 0)
		pm_loader_evidence(loader, 16, "the EFI variable LoaderInfo: %s", asked->info);
	if (loader->weight && asked->cmdline && strstr(asked->cmdline, "BOOT_IMAGE="))
		pm_loader_evidence(loader, 1, "BOOT_IMAGE= on the running command line");
	if (pm_loader_exists(asked, "/boot/grub2/grub.cfg") && !pm_loader_exists(asked, "/usr/sbin/update-grub"))
		pm_loader_command(loader, "grub2-mkconfig -o /boot/grub2/grub.cfg");
	else
		pm_loader_command(loader, "update-grub");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who reads what a boot loader is told: the real shell, and models of GRUB's readers (script/yylex.l of its source for a
 * line of grub.cfg, commands/blscfg.c of Fedora's for the options of an entry).
 */
#ifndef PMPOOL_TESTS_LOADER_READERS_H
#define PMPOOL_TESTS_LOADER_READERS_H

#include "folder.h"

/* What GRUB makes of words: a backslash protects what follows, quotes hold words together, $ and a name or digits are
 * a variable, which is empty. Between double quotes a backslash protects only some. */
static inline void read_by_grub(const char *text, char *read)
{
	char quote = 0;

	for (; *text; text++) {
		if (*text == '\\' && quote != '\'' && text[1] && (!quote || strchr("$\"\\", text[1])))
			*read++ = *++text;
		else if (*text == quote || (!quote && (*text == '"' || *text == '\'')))
			quote = quote ? 0 : *text;
		else if (*text == '$' && quote != '\'' && text[1] >= '0' && text[1] <= '9')
			text += strspn(text + 1, "0123456789");
		else
			*read++ = *text;
	}
	*read = 0;
}

/* blscfg: each `$` and what follows become the value and a blank, or nothing; nothing protects it. */
static inline void read_by_blscfg(const char *options, const char *variable, const char *value, char *read)
{
	while (*options) {
		size_t length = *options == '$' ? strspn(options + 1, "abcdefghijklmnopqrstuvwxyz_0123456789"
								      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
						: 0;

		if (*options != '$') {
			*read++ = *options++;
			continue;
		}
		if (length == strlen(variable) && strncmp(options + 1, variable, length) == 0)
			read += sprintf(read, "%s ", value);
		options += 1 + length;
		options += *options == ' ';
	}
	*read = 0;
}

static inline void read_by_command(const char *command, char *output, size_t size)
{
	FILE *shell = popen(command, "r");
	size_t used;

	assert_non_null(shell);
	used = fread(output, 1, size - 1, shell);
	output[used] = 0;
	assert_int_equal(pclose(shell), 0);
}

/* As grub-mkconfig does: the file is sourced by a shell, and what it set is written into grub.cfg. */
static inline void read_by_shell(const char *folder, const char *line, char *value, size_t size)
{
	char command[512];

	folder_put(folder, "/grub", line);
	snprintf(command, sizeof(command), ". '%s/grub'; cat <<EOF\n${GRUB_CMDLINE_LINUX}\nEOF\n", folder);
	read_by_command(command, value, size);
	value[strcspn(value, "\n")] = 0;
}

#endif

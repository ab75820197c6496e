/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line for /etc/default/grub, through the shell and GRUB to the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/reservation.h"
#include "host/reservation_quote.h"
#include "loader_readers.h"

#define GIB (UINT64_C(1) << 30)

static char folder[256];

static int set_up(void **state)
{
	(void)state;
	folder_make(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

/* --- quoting --- */

static const char *const hard_words[] = {
	"memmap=1G$0x140000000",
	"memmap=1M$1G,2M!2G",
	"a`id`b",
	"a\\b",
	"a\\\\$1",
	"dyndbg=\"file a.c +p\"",
	"it's",
	"a b\tc",
	"x;y&z|<>{}",
	"$(id)${HOME}$HOME$5",
	"\\",
	"'\"'`$\\",
};

static void any_word_comes_through_shell_and_grub(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hard_words) / sizeof(hard_words[0]); i++) {
		for (int single = 0; single < 2; single++) {
			char quote = single ? '\'' : '"', line[512], configured[512], arrives[512], again[512];
			char *word = pm_quote_for_grub(hard_words[i]), *quoted = pm_quote_for_shell(word, quote);
			struct pm_grub_word read;

			snprintf(line, sizeof(line), "GRUB_CMDLINE_LINUX=%c%s%c\n", quote, quoted, quote);
			read_by_shell(folder, line, configured, sizeof(configured));
			assert_string_equal(configured, word);
			read_by_grub(configured, arrives);
			assert_string_equal(arrives, hard_words[i]);
			if (!strchr(hard_words[i], '\'') || !single) { /* else the quotes end in the middle */
				read = pm_grub_word_read(quoted, strlen(quoted), quote, again);
				assert_int_equal(read.length, strlen(quoted));
				assert_false(read.eaten);
				assert_string_equal(again, hard_words[i]);
			}
			free(word);
			free(quoted);
		}
	}
}

/* GRUB's own reader of scripts, where it is installed. */
static void grub_itself_takes_the_words(void **state)
{
	(void)state;
	if (system("command -v grub-script-check >/dev/null 2>&1") != 0) {
		print_message("grub-script-check is not installed here: the model of GRUB above stands in for it\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(hard_words) / sizeof(hard_words[0]); i++) {
		char *word = pm_quote_for_grub(hard_words[i]), line[512], command[512];

		snprintf(line, sizeof(line), "linux /vmlinuz %s\n", word);
		folder_put(folder, "/cfg", line);
		snprintf(command, sizeof(command), "grub-script-check '%s/cfg'", folder);
		assert_int_equal(system(command), 0);
		free(word);
	}
}

static void a_dollar_that_nothing_protects_is_seen(void **state)
{
	static const struct {
		const char *text;
		char quote;
		size_t length;
		bool eaten;
	} cases[] = {
		{"memmap=1G$0x1 quiet", '"', 13, true},
		{"memmap=1G\\$0x1 quiet", '"', 14, true}, /* the shell takes the backslash */
		{"memmap=1G\\\\$0x1", '"', 15, true}, /* and here the $ */
		{"memmap=1G\\\\\\$0x1", '"', 16, false},
		{"memmap=1G$0x1", '\'', 13, true},
		{"memmap=1G\\$0x1", '\'', 14, false},
		{"'memmap=1G$0x1'", '"', 15, true}, /* GRUB would not, but the shell does */
		{"memmap=$RANGES", '"', 14, false}, /* a variable that somebody means */
		{"a\\\"b c\\\" d", '"', 8, false}, /* a word with a blank in it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char read[64];
		struct pm_grub_word word =
			pm_grub_word_read(cases[i].text, strlen(cases[i].text), cases[i].quote, read);

		assert_int_equal(word.length, cases[i].length);
		assert_int_equal(word.eaten, cases[i].eaten);
	}
}

/* --- GRUB by /etc/default/grub --- */

static void the_line_for_grub_arrives_as_meant(void **state)
{
	static const struct {
		const char *file, *line, *arrives;
		bool pmem;
	} cases[] = {
		{"", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"", "memmap=1G$0x140000000", false},
		{"", "GRUB_CMDLINE_LINUX=\"memmap=1G!0x140000000\"", "memmap=1G!0x140000000", true},
		{"GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"\"\n", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"",
		 "memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=\"quiet splash\"\n",
		 "GRUB_CMDLINE_LINUX=\"quiet splash memmap=1G\\\\\\$0x140000000\"",
		 "quiet splash memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX='quiet'\n", "GRUB_CMDLINE_LINUX='quiet memmap=1G\\$0x140000000'",
		 "quiet memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=quiet # bare\n", "GRUB_CMDLINE_LINUX=\"quiet memmap=1G\\\\\\$0x140000000\"",
		 "quiet memmap=1G$0x140000000", false},
		/* there already */
		{"GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000 ro\"\n",
		 "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000 ro\"", "memmap=1G$0x140000000 ro", false},
		/* the last one counts; a comment does not */
		{"GRUB_CMDLINE_LINUX=\"a\"\n#GRUB_CMDLINE_LINUX=\"b\"\nGRUB_CMDLINE_LINUX=\"c\"\n",
		 "GRUB_CMDLINE_LINUX=\"c memmap=1G\\\\\\$0x140000000\"", "c memmap=1G$0x140000000", false},
		/* there already, otherwise written */
		{"GRUB_CMDLINE_LINUX=\"ro 'memmap=1G\\$0x140000000'\"\n",
		 "GRUB_CMDLINE_LINUX=\"ro 'memmap=1G\\$0x140000000'\"", "ro memmap=1G$0x140000000", false},
		/* one that loses its `$` is left out */
		{"GRUB_CMDLINE_LINUX=\"ro memmap=1G$0x140000000 quiet\"\n",
		 "GRUB_CMDLINE_LINUX=\"ro quiet memmap=1G\\\\\\$0x140000000\"", "ro quiet memmap=1G$0x140000000",
		 false},
		{"GRUB_CMDLINE_LINUX='ro memmap=1G$0x140000000'\n", "GRUB_CMDLINE_LINUX='ro memmap=1G\\$0x140000000'",
		 "ro memmap=1G$0x140000000", false},
		/* words with blanks, backquotes, backslashes stay as they are */
		{"GRUB_CMDLINE_LINUX=\"dyndbg=\\\"file a +p\\\" b=\\`\\\\\\\\ ro\"\n",
		 "GRUB_CMDLINE_LINUX=\"dyndbg=\\\"file a +p\\\" b=\\`\\\\\\\\ ro memmap=1G\\\\\\$0x140000000\"",
		 "dyndbg=file a +p b=`\\ ro memmap=1G$0x140000000", false},
		/* nothing to go by */
		{"#GRUB_CMDLINE_LINUX=\"a\"\n", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"",
		 "memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=\"quoted \\\" inside\"\n",
		 "GRUB_CMDLINE_LINUX=\"quoted \\\" inside memmap=1G\\\\\\$0x140000000\"",
		 "quoted  inside memmap=1G$0x140000000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pm_reservation_wish wish = {5 * GIB, GIB, cases[i].pmem};
		struct pm_reservation_edit edit;
		char configured[512], arrives[512], *line;

		assert_int_equal(pm_reservation_edit("ro", &wish, &edit), PM_OK);
		line = pm_reservation_grub_line(cases[i].file, &edit);
		assert_string_equal(line, cases[i].line);
		read_by_shell(folder, line, configured, sizeof(configured));
		read_by_grub(configured, arrives);
		assert_string_equal(arrives, cases[i].arrives);
		free(line);
		pm_reservation_edit_free(&edit);
	}
}

/* What only a shell can read is kept: the line stands behind it. */
static void no_option_for_grub_is_lost(void **state)
{
	static const struct pm_reservation_wish wish = {5 * GIB, GIB, false};
	static const struct {
		const char *file, *arrives;
	} cases[] = {
		{"GRUB_CMDLINE_LINUX=\"root=/dev/a \\\n quiet\"\n", "root=/dev/a  quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=\"root=/dev/a\"' quiet'\n", "root=/dev/a quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=root=/dev/a\\ quiet\n", "root=/dev/a quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=quiet\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX ro\"\n",
		 "quiet ro memmap=1G$0x140000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char file[512], configured[512], arrives[512], *line;
		struct pm_reservation_edit edit;
		const char *last;

		assert_int_equal(pm_reservation_edit("ro", &wish, &edit), PM_OK);
		line = pm_reservation_grub_line(cases[i].file, &edit);
		/* in the place of the one that it holds already */
		last = strstr(cases[i].file, "\nGRUB_CMDLINE_LINUX");
		snprintf(file, sizeof(file), "%.*s%s\n", last ? (int)(last + 1 - cases[i].file) : 400, cases[i].file,
			 line);
		read_by_shell(folder, file, configured, sizeof(configured));
		read_by_grub(configured, arrives);
		assert_string_equal(arrives, cases[i].arrives);
		free(line);
		pm_reservation_edit_free(&edit);
	}
}

/* Without the backslashes it would not: the model of GRUB takes the variable $0 away. */
static void an_unescaped_dollar_is_lost(void **state)
{
	char configured[512], arrives[512];

	(void)state;
	read_by_shell(folder, "GRUB_CMDLINE_LINUX='memmap=1G$4G'\n", configured, sizeof(configured));
	read_by_grub(configured, arrives);
	assert_string_equal(arrives, "memmap=1GG");
}

static void a_joined_option_replaces_the_others_for_grub(void **state)
{
	const struct pm_reservation_wish wish = {5 * GIB, GIB, false};
	struct pm_reservation_edit edit;
	char *line;

	(void)state;
	assert_int_equal(pm_reservation_edit("memmap=1M$1G memmap=1M$2G memmap=1M$3G memmap=1M$4G", &wish, &edit),
			 PM_OK);
	assert_true(edit.joined);
	line = pm_reservation_grub_line("GRUB_CMDLINE_LINUX=\"ro memmap=1M\\\\\\$1G memmap=1M\\\\\\$2G quiet\"\n",
					&edit);
	assert_string_equal(line,
			    "GRUB_CMDLINE_LINUX=\"ro quiet memmap=1M\\\\\\$1G,1M\\\\\\$2G,1M\\\\\\$3G,1M\\\\\\$4G,"
			    "1G\\\\\\$0x140000000\"");
	free(line);
	/* what it does not take in is not lost */
	line = pm_reservation_grub_line("GRUB_CMDLINE_LINUX='memmap=1M\\$1G,1M\\$9G memmap=1M\\$2G'", &edit);
	assert_string_equal(line, "GRUB_CMDLINE_LINUX='memmap=1M\\$1G,1M\\$9G memmap=1M\\$1G,1M\\$2G,1M\\$3G,1M\\$4G,"
				  "1G\\$0x140000000'");
	free(line);
	pm_reservation_edit_free(&edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(any_word_comes_through_shell_and_grub, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grub_itself_takes_the_words, set_up, tear_down),
		cmocka_unit_test(a_dollar_that_nothing_protects_is_seen),
		cmocka_unit_test_setup_teardown(the_line_for_grub_arrives_as_meant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unescaped_dollar_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_option_for_grub_is_lost, set_up, tear_down),
		cmocka_unit_test(a_joined_option_replaces_the_others_for_grub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

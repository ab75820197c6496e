/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a verb, and help, which is nothing but the table in words. */
#include "verbs.h"
#include "text.h"
#include <string.h>

static const struct verb *find(const char *first, const char *second)
{
	for (const struct verb *verb = verbs; verb->run; verb++) {
		if (!verb->noun && strcmp(verb->verb, first) == 0)
			return verb;
		if (verb->noun && second && strcmp(verb->noun, first) == 0 && strcmp(verb->verb, second) == 0)
			return verb;
	}
	return NULL;
}

static bool is_noun(const char *word)
{
	for (const struct verb *verb = verbs; verb->run; verb++)
		if (verb->noun && strcmp(verb->noun, word) == 0)
			return true;
	return false;
}

static void list_verbs(const char *noun, char *text, size_t size)
{
	text[0] = '\0';
	for (const struct verb *verb = verbs; verb->run; verb++) {
		if (!verb->noun || strcmp(verb->noun, noun) != 0)
			continue;
		strncat(text, text[0] ? ", " : "", size - strlen(text) - 1);
		strncat(text, verb->verb, size - strlen(text) - 1);
	}
}

static void no_verb(const char *word, struct pm_error *err)
{
	char known[128];

	if (!word) {
		pm_fail(err, PM_E_INVALID_PARAMS, "no verb given");
	} else if (is_noun(word)) {
		list_verbs(word, known, sizeof(known));
		pm_fail(err, PM_E_INVALID_PARAMS, "%s takes one of: %s", word, known);
	} else {
		pm_fail(err, PM_E_INVALID_PARAMS, "unknown verb \"%s\"", word);
	}
}

/* Index of the first word that is neither a global option nor its value. */
static int first_word(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i], "--help") != 0 &&
	       strcmp(argv[i], "--version") != 0)
		i += strcmp(argv[i], "--simulate") == 0 || strcmp(argv[i], "--region-size") == 0 ? 2 : 1;
	return i < argc ? i : argc;
}

/* Options before the verb are moved behind it: argv becomes them and what follows the verb. */
const struct verb *verb_take(int *argc, char ***argv, struct pm_error *err)
{
	char **words = *argv;
	int first = first_word(*argc, words), taken;
	const struct verb *verb = NULL;

	if (first < *argc)
		verb = find(words[first], first + 1 < *argc ? words[first + 1] : NULL);
	if (!verb) {
		no_verb(first < *argc ? words[first] : NULL, err);
		*argv = words + first;
		*argc -= first;
		return NULL;
	}
	taken = verb->noun ? 2 : 1;
	memmove(words + 1 + taken, words + 1, (size_t)(first - 1) * sizeof(*words));
	*argv = words + 1 + taken;
	*argc -= 1 + taken;
	return verb;
}

static void print_options(const struct option_spec *table)
{
	for (const struct option_spec *spec = table; spec && spec->name; spec++) {
		char text[48];

		snprintf(text, sizeof(text), "--%s%s%s", spec->name, spec->value ? " " : "",
			 spec->value ? spec->value : "");
		printf("  %-22s %s\n", text, spec->help);
	}
}

static void print_usage(const struct verb *verb)
{
	printf("pmpool %s%s%s%s%s%s", verb->noun ? verb->noun : "", verb->noun ? " " : "", verb->verb,
	       verb->words[0] ? " " : "", verb->words, verb->options ? " [options]" : "");
}

int verb_help(const struct verb *verb)
{
	printf("Usage: ");
	print_usage(verb);
	printf("\n\n%s.\n", verb->summary);
	if (verb->details)
		printf("%s\n", verb->details);
	if (verb->options) {
		printf("\nOptions:\n");
		print_options(verb->options);
	}
	printf("\nFor every verb:\n");
	print_options(global_options);
	if (verb->method)
		printf("\nWith --json it prints the result of %s (docs/protocol.md).\n", verb->method);
	printf("\nExamples:\n%s\n", verb->examples);
	return EXIT_OK;
}

/* With a noun only its verbs. */
static void print_verbs(FILE *to, const char *noun)
{
	for (const struct verb *verb = verbs; verb->run; verb++) {
		char text[48];

		if (noun && (!verb->noun || strcmp(verb->noun, noun) != 0))
			continue;
		snprintf(text, sizeof(text), "%s%s%s", verb->noun ? verb->noun : "", verb->noun ? " " : "", verb->verb);
		fprintf(to, "  %-18s %s\n", text, verb->summary);
	}
}

static int group_help(const char *noun)
{
	printf("Usage: pmpool %s VERB ...\n\nVerbs:\n", noun);
	print_verbs(stdout, noun);
	printf("\nMore: pmpool help %s VERB, man pmpool.\n", noun);
	return EXIT_OK;
}

static void print_overview(FILE *to)
{
	fprintf(to, "Usage: pmpool [--simulate DIR] VERB ...\n\n"
		    "Manages pools of physical memory that Linux leaves alone, through kexecs.\n\nVerbs:\n");
	print_verbs(to, NULL);
	fprintf(to, "  %-18s %s\n  %-18s %s\n", "help [VERB]", "Say what there is, or what a verb does", "--version",
		"Print the version");
	fprintf(to,
		"\nPOOL is a UUID or a name. ALLOCATION is a name, a page index, or a physical address in hexadecimal;\n"
		"name:X and page:X tell a name that looks like a number from the number.\n"
		"Sizes are in bytes, decimal or 0x..., with K, M, G or T.\n"
		"Exit codes: 0 done; 1 refused or failed; 2 usage; 3 not intact, or a check of the plan failed; "
		"130 interrupted.\nMore: pmpool help VERB, man pmpool.\n");
}

bool is_help(const char *word)
{
	return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

bool asks_for_group(char *const *words)
{
	return words[0] && words[1] && is_noun(words[0]) && is_help(words[1]);
}

int general_help(char **words, int exit_code)
{
	const struct verb *verb = words ? find(words[0], words[1]) : NULL;

	if (verb)
		return verb_help(verb);
	if (words && is_noun(words[0]) && (!words[1] || is_help(words[1])))
		return group_help(words[0]);
	if (words) {
		struct pm_error err = {0};

		no_verb(words[0], &err);
		fputs("pmpool: ", stderr);
		print_clean(stderr, err.message);
		fputc('\n', stderr);
		return EXIT_USAGE;
	}
	print_overview(exit_code == EXIT_OK ? stdout : stderr);
	return exit_code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json_build.h"
#include "verbs.h"
#include <locale.h>
#include <string.h>

int cli_fail(const struct cli *cli, const struct pm_error *err, const char *confirm)
{
	if (cli->json) {
		struct json_object *root = json_object_new_object(), *error = json_error(err->code, err->message);

		if (confirm[0])
			json_set_text(error, "confirm", confirm);
		json_set(root, "error", error);
		fprintf(cli->content_on_stdout ? stderr : stdout, "%s\n",
			json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
								     JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(root);
	} else {
		fprintf(stderr, "pmpool: %s\n", err->message);
		if (err->code > 0)
			fprintf(stderr, "  why: %s\n  way out: %s\n", pm_error_reason(err->code),
				pm_error_remedy(err->code));
	}
	return err->code == PM_E_CANCELLED ? EXIT_INTERRUPTED : EXIT_REFUSED;
}

int cli_usage(const struct cli *cli, const struct pm_error *err)
{
	const struct verb *verb = cli->verb;

	fprintf(stderr, "pmpool: %s\n", err->message);
	if (verb)
		fprintf(stderr, "Try: pmpool %s%s%s --help\n", verb->noun ? verb->noun : "", verb->noun ? " " : "",
			verb->verb);
	else
		fprintf(stderr, "Try: pmpool help\n");
	return EXIT_USAGE;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
	const struct verb *verb = cli->verb;
	struct pm_error err = {0};
	int exit_code;

	if (args_parse(argc, argv, verb->options, &cli->args, &err) != PM_OK)
		return cli_usage(cli, &err);
	if (args_given(&cli->args, "help"))
		return verb_help(verb);
	if (cli->args.word_count < verb->words_min || cli->args.word_count > verb->words_max) {
		pm_fail(&err, PM_E_INVALID_PARAMS, "it takes %s", verb->words[0] ? verb->words : "no operands");
		return cli_usage(cli, &err);
	}
	cli->json = args_given(&cli->args, "json");
	if (session_open(&cli->session, args_text(&cli->args, "simulate"), args_number(&cli->args, "region-size", 0),
			 &err) != PM_OK)
		return cli_fail(cli, &err, "");
	exit_code = verb->run(cli);
	session_close(&cli->session);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct pm_error err = {0};

	setlocale(LC_ALL, "");
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return general_help(argc > 2 ? argv + 2 : NULL, argc < 2 ? EXIT_USAGE : EXIT_OK);
	if (strcmp(argv[1], "--version") == 0) {
		puts("pmpool " PMPOOL_VERSION);
		return EXIT_OK;
	}
	cli.verb = verb_take(&argc, &argv, &err);
	if (!cli.verb)
		return cli_usage(&cli, &err);
	return run_verb(&cli, argc, argv);
}

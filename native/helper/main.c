/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "verbs.h"
#include <errno.h>
#include <locale.h>
#include <string.h>

/* Before the words are understood: an error in them is an object already. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
	const struct verb *verb = cli->verb;
	struct pm_error err = {0};
	int exit_code;

	cli->json = wants_json(argc, argv);
	if (args_parse(argc, argv, verb->options, &cli->args, &err) != PM_OK)
		return cli_usage(cli, &err);
	if (args_given(&cli->args, "help"))
		return verb_help(verb);
	if (cli->args.word_count > verb->words_max)
		return cli_usage_say(cli, "unexpected operand \"%s\": it takes %s", cli->args.words[verb->words_max],
				     verb->words[0] ? verb->words : "none");
	if (cli->args.word_count < verb->words_min)
		return cli_usage_say(cli, "an operand is missing: it takes %s", verb->words);
	if (cli_is_zero(cli, "region-size"))
		return cli_usage_say(cli, "--region-size 0 is no region; leave it out for 1G");
	if (session_open(&cli->session, args_text(&cli->args, "simulate"), args_number(&cli->args, "region-size", 0),
			 &err) != PM_OK)
		return cli_fail(cli, &err, "");
	exit_code = verb->run(cli);
	session_close(&cli->session);
	return exit_code;
}

/* A disk that is full shows only when the last bytes go out. */
static int flushed(int exit_code)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) == 0 && !failed)
		return exit_code;
	fprintf(stderr, "pmpool: the result could not be written: %s\n", strerror(errno));
	return exit_code == EXIT_OK ? EXIT_REFUSED : exit_code;
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct pm_error err = {0};

	setlocale(LC_ALL, "");
	cli.verb = verb_take(&argc, &argv, &err);
	if (cli.verb)
		return flushed(run_verb(&cli, argc, argv));
	/* what is left are words that are no verb */
	if (argc == 0)
		return general_help(NULL, EXIT_USAGE);
	if (asks_for_group(argv))
		return flushed(general_help(argv, EXIT_OK));
	if (is_help(argv[0]))
		return flushed(general_help(argc > 1 ? argv + 1 : NULL, EXIT_OK));
	if (strcmp(argv[0], "--version") == 0) {
		puts("pmpool " PMPOOL_VERSION);
		return flushed(EXIT_OK);
	}
	return cli_usage(&cli, &err);
}

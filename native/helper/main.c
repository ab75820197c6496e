/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "verbs.h"
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Before the words are understood: an error in them is an object already. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

/* Regions of other sizes than the usual one: the host is made here, unless it is there. */
static enum pm_code make_host(const struct args *args, struct pm_error *err)
{
	uint64_t sizes[PM_SIMULATED_REGIONS_MAX];
	size_t count = args_sizes(args, "region-size", sizes, PM_SIMULATED_REGIONS_MAX);
	const char *folder = args_text(args, "simulate");
	enum pm_code code;

	for (size_t i = 0; i < count && i < PM_SIMULATED_REGIONS_MAX; i++)
		if (!sizes[i])
			return pm_fail(err, PM_E_INVALID_PARAMS,
				       "--region-size 0 is no region; leave it out for one of 1G");
	code = count && folder ? pm_host_simulated_make(folder, sizes, count, err) : PM_OK;
	if (!code && count && folder && pm_host_simulated_differs(folder, sizes, count))
		fprintf(stderr, "pmpool: --region-size does nothing here: the host in %s has other regions already\n",
			folder);
	return code;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
	const struct verb *verb = cli->verb;
	struct pm_error err = {0};
	enum pm_code code;
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
	code = make_host(&cli->args, &err);
	if (code == PM_E_INVALID_PARAMS)
		return cli_usage(cli, &err);
	if (code == PM_OK)
		code = session_open(&cli->session, args_text(&cli->args, "simulate"), 0, &err);
	if (code != PM_OK)
		return cli_fail(cli, &err, "");
	exit_code = verb->run(cli);
	if (exit_code == EXIT_OK)
		cli_say_partial(cli);
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

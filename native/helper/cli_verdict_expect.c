/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "cli_memory.h"
#include "json_build.h"
#include "text.h"

static void print_expectation(struct cli *cli, struct json_object *expectation)
{
	char bytes[TEXT_BYTES];

	(void)cli;
	fact(stdout, "Expectation", "%s", json_text(expectation, "id"));
	fact(stdout, "Pages", "%llu", (unsigned long long)json_count(expectation, "pages"));
	fact(stdout, "Content", "%s",
	     json_flag(expectation, "content") ? "the bytes of the pages" : "a digest of each page");
	if (json_flag(expectation, "pattern"))
		fact(stdout, "Free pages", "hold a pattern that the verdict checks");
	fact(stdout, "File", "%s", text_size(json_count(expectation, "bytes"), bytes));
	fact(stdout, "Digest", "%s", json_text(expectation, "digest"));
}

/* The nonce of the kernel that is loaded, unless another is given. */
static bool choose_nonce(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct attached *attached;
	struct pm_error err = {0};
	char nonce[NONCE_BYTES] = "";

	if (args_given(&cli->args, "nonce")) {
		cli_pass_text(cli, "nonce", params, "nonce");
		return true;
	}
	attached = cli_pool_attached(cli, exit_code);
	if (!attached)
		return false;
	if (!loaded_nonce(&cli->session, attached, nonce)) {
		pm_fail(&err, PM_E_KEXEC_NOT_LOADED, "no plan of this pool was loaded in this boot: give --nonce");
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	json_set_text(params, "nonce", nonce);
	return true;
}

static bool pass_pattern(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct json_object *pattern;

	if (!args_given(&cli->args, "pattern")) {
		if (!args_given(&cli->args, "seed") && !args_given(&cli->args, "data"))
			return true;
		*exit_code = cli_usage_say(cli, "--seed and --data belong to --pattern");
		return false;
	}
	pattern = cli_pattern(cli, args_text(&cli->args, "pattern"), exit_code);
	if (pattern)
		json_set(params, "pattern", pattern);
	return pattern != NULL;
}

int cli_expect(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	cli_pass_text(cli, "content", params, "content");
	if (!choose_nonce(cli, params, &exit_code) || !pass_pattern(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	return cli_run(cli, "expectation/create", params, print_expectation);
}

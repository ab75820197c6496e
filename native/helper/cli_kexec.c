/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "cli.h"
#include "cli_checks.h"
#include "json_build.h"
#include "pmpool/kexec.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAN_MAX ((size_t)1 << 20)

static void print_list(const char *name, struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		fact(stdout, i == 0 ? name : "", "%s", json_object_get_string(json_object_array_get_idx(list, i)));
}

static void print_plan(struct cli *cli, struct json_object *plan)
{
	struct json_object *regions = json_member(plan, "regions");

	(void)cli;
	if (json_flag(plan, "simulated"))
		printf("This host is simulated: no kernel is touched.\n");
	for (size_t i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *region = json_object_array_get_idx(regions, i);
		char base[TEXT_BYTES], size[TEXT_BYTES];

		fact(stdout, i == 0 ? "Region" : "", "%s, %s at %s", json_text(region, "id"),
		     text_size(json_count(region, "size"), size), text_address(json_count(region, "base"), base));
	}
	fact(stdout, "Kernel", "%s", json_text(plan, "kernel"));
	fact(stdout, "Initrd", "%s", json_member(plan, "initrd") ? json_text(plan, "initrd") : "none");
	fact(stdout, "Command line", "%s", json_text(plan, "cmdline"));
	print_list("Added", json_member(plan, "added"));
	print_list("Removed", json_member(plan, "removed"));
	fact(stdout, "Nonce", "%s", json_text(plan, "nonce"));
	if (json_flag(plan, "dropReservation"))
		printf("The reservation is left out on purpose: the pool will be lost.\n");
	printf("\n");
	print_checks(json_member(plan, "checks"));
}

static struct json_object *ask_plan(struct cli *cli, int *exit_code)
{
	struct json_object *params = cli_pool_params(cli, exit_code);

	if (!params)
		return NULL;
	cli_pass_text(cli, "kernel", params, "kernel");
	cli_pass_text(cli, "initrd", params, "initrd");
	cli_pass_typed(cli, "cmdline", params, "cmdline");
	cli_pass_typed(cli, "append", params, "append");
	if (args_given(&cli->args, "drop-reservation"))
		json_set_bool(params, "dropReservation", true);
	return cli_ask(cli, "kexec/plan", params, exit_code);
}

int cli_kexec_plan(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *plan = ask_plan(cli, &exit_code);

	if (plan && checks_failed(json_member(plan, "checks")))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, plan, exit_code, print_plan);
}

static enum pm_code read_text(int fd, char *text, struct pm_error *err)
{
	size_t got = 0;

	while (got < PLAN_MAX) {
		ssize_t n = read(fd, text + got, PLAN_MAX - got);

		if (n < 0 && errno != EINTR)
			return fail_errno(err, errno, "cannot read the plan");
		if (n == 0) {
			text[got] = '\0';
			return PM_OK;
		}
		got += n > 0 ? (size_t)n : 0;
	}
	return pm_fail(err, PM_E_INVALID_PARAMS, "the plan has more than %zu bytes", PLAN_MAX);
}

static enum pm_code read_plan(const char *path, struct json_object **plan, struct pm_error *err)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text = malloc(PLAN_MAX + 1);
	enum pm_code code;

	if (!text)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a plan");
	else
		code = fd < 0 ? fail_errno(err, errno, path) : read_text(fd, text, err);
	if (fd > STDERR_FILENO)
		close(fd);
	*plan = code == PM_OK ? json_tokener_parse(text) : NULL;
	free(text);
	if (code == PM_OK && !*plan)
		return pm_fail(err, PM_E_INVALID_PARAMS, "%s is not JSON: make a plan with kexec plan --json", path);
	return code;
}

static struct json_object *take_plan(struct cli *cli, int *exit_code)
{
	struct json_object *plan = NULL;
	struct pm_error err = {0};

	if (args_given(&cli->args, "plan") == (cli->args.word_count > 0)) {
		pm_fail(&err, PM_E_INVALID_PARAMS, "give either a pool or --plan");
		*exit_code = cli_usage(cli, &err);
		return NULL;
	}
	if (cli->args.word_count > 0)
		return ask_plan(cli, exit_code);
	if (read_plan(args_text(&cli->args, "plan"), &plan, &err) != PM_OK)
		*exit_code = cli_fail(cli, &err, "");
	return plan;
}

static void print_loaded(struct cli *cli, struct json_object *result)
{
	(void)cli;
	(void)result;
	printf("The kernel is loaded.\n");
}

int cli_kexec_load(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *plan = take_plan(cli, &exit_code), *params, *result;

	if (!plan)
		return exit_code;
	params = json_object_new_object();
	json_set(params, "plan", json_object_get(plan));
	result = cli_ask(cli, "kexec/load", params, &exit_code);
	if (result && !cli->json)
		fact(stdout, "Nonce", "%s", json_text(plan, "nonce"));
	json_object_put(plan);
	return cli_result(cli, result, exit_code, print_loaded);
}

static void print_unloaded(struct cli *cli, struct json_object *result)
{
	(void)cli;
	(void)result;
	printf("Unloaded.\n");
}

static void print_nothing_loaded(struct cli *cli, struct json_object *result)
{
	(void)cli;
	(void)result;
	printf("Nothing was loaded.\n");
}

int cli_kexec_unload(struct cli *cli)
{
	return cli_run(cli, "kexec/unload", json_object_new_object(),
		       pm_kexec_loaded(&cli->session.host) ? print_unloaded : print_nothing_loaded);
}

static bool may_jump(struct cli *cli, const struct attached *attached, struct json_object *host, int *exit_code)
{
	char question[512];

	snprintf(question, sizeof(question),
		 "Leave the running kernel of %s%.64s with pool \"%.63s\" %s? Everything that runs on it ends now.",
		 json_flag(host, "simulated") ? "the simulated host " : "", json_text(host, "hostname"),
		 attached->pool.sb.pool_name, attached->uuid);
	return cli_agreed(cli, question, json_text(host, "hostname"), exit_code);
}

static struct json_object *jump_params(struct cli *cli, struct attached *attached, struct json_object *host)
{
	struct json_object *params = json_object_new_object();
	char nonce[NONCE_BYTES];
	bool known = loaded_nonce(&cli->session, attached, nonce);

	json_set_text(params, "pool", attached->uuid);
	json_set_text(params, "bootId", json_text(host, "bootId"));
	json_set_text(params, "nonce", known ? nonce : "unknown");
	cli_pass_text(cli, "nonce", params, "nonce");
	return params;
}

static void print_jumped(struct cli *cli, struct json_object *result)
{
	(void)result;
	if (cli->session.host.simulated)
		printf("Simulated kexec: the host is back with a new boot id over the same bytes.\n");
	else
		printf("systemd is taking the host down into the next kernel.\n");
}

static int jump(struct cli *cli, struct attached *attached, struct json_object *host)
{
	struct json_object *result;
	int exit_code = EXIT_OK;

	if (!may_jump(cli, attached, host, &exit_code))
		return exit_code;
	result = cli_ask(cli, "kexec/jump", jump_params(cli, attached, host), &exit_code);
	return cli_result(cli, result, exit_code, print_jumped);
}

int cli_kexec_jump(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct json_object *host;

	if (!attached)
		return exit_code;
	host = cli_ask(cli, "host/info", json_object_new_object(), &exit_code);
	if (!host)
		return exit_code;
	exit_code = jump(cli, attached, host);
	json_object_put(host);
	return exit_code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "cli_checks.h"
#include "json_build.h"
#include "text.h"
#include <stdio.h>
#include <string.h>

static const char *const loader_ids[] = {"grub", "bls", "systemd-boot", "extlinux", "plain"};

static struct json_object *range_params(struct cli *cli, int *exit_code)
{
	struct json_object *params;
	uint64_t base, size;

	if (!parse_size(cli->args.words[0], &base) || !parse_size(cli->args.words[1], &size)) {
		*exit_code = cli_usage_say(cli, "BASE and SIZE are numbers like 0x140000000, 5G or 256M");
		return NULL;
	}
	params = json_object_new_object();
	json_set_count(params, "base", base);
	json_set_count(params, "size", size);
	json_set_text(params, "kind", args_given(&cli->args, "pmem") ? "pmem" : "reserved");
	return params;
}

static void print_texts(const char *name, struct json_object *texts)
{
	for (size_t i = 0; i < json_object_array_length(texts); i++)
		fact(stdout, i ? "" : name, "%s", json_object_get_string(json_object_array_get_idx(texts, i)));
}

static void print_lines(const char *lines)
{
	for (const char *name = "  line"; name; name = "") {
		size_t length = strcspn(lines, "\n");

		fact(stdout, name, "%.*s", (int)length, lines);
		if (!lines[length])
			break;
		lines += length + 1;
	}
}

static void print_loader(struct json_object *loader)
{
	printf("\n");
	fact(stdout, json_text(loader, "title"), "%s", json_flag(loader, "found") ? "this host seems to use it" : "");
	if (json_text(loader, "file")[0])
		fact(stdout, "  file", "%s", json_text(loader, "file"));
	print_lines(json_text(loader, "line"));
	print_texts("  then", json_member(loader, "commands"));
	print_texts("  seen", json_member(loader, "evidence"));
	fact(stdout, "  note", "%s", json_text(loader, "note"));
}

/* With --loader that one; else those that the host seems to use. */
static bool wanted(const struct cli *cli, struct json_object *loader)
{
	if (args_given(&cli->args, "loader"))
		return strcmp(args_text(&cli->args, "loader"), json_text(loader, "id")) == 0;
	return json_flag(loader, "found");
}

static void print_plan(struct cli *cli, struct json_object *plan)
{
	struct json_object *loaders = json_member(plan, "loaders");

	fact(stdout, "Option", "%s", json_text(plan, "option"));
	fact(stdout, "Command line", "%s", json_text(plan, "cmdline"));
	for (size_t i = 0; i < json_object_array_length(loaders); i++)
		if (wanted(cli, json_object_array_get_idx(loaders, i)))
			print_loader(json_object_array_get_idx(loaders, i));
	printf("\n");
	print_checks(json_member(plan, "checks"));
}

static bool known_loader(const char *id)
{
	for (size_t i = 0; i < sizeof(loader_ids) / sizeof(loader_ids[0]); i++)
		if (strcmp(id, loader_ids[i]) == 0)
			return true;
	return false;
}

int cli_reservation_plan(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params, *plan;

	if (args_given(&cli->args, "loader") && !known_loader(args_text(&cli->args, "loader")))
		return cli_usage_say(cli, "--loader is grub, bls, systemd-boot, extlinux or plain");
	params = range_params(cli, &exit_code);
	if (!params)
		return exit_code;
	plan = cli_ask(cli, "reservation/plan", params, &exit_code);
	if (plan && checks_failed(json_member(plan, "checks")))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, plan, exit_code, print_plan);
}

static void print_reservation(struct json_object *reservation)
{
	char base[TEXT_BYTES], size[TEXT_BYTES], time[TEXT_BYTES];

	fact(stdout, "Reservation", "%s", json_text(reservation, "id"));
	fact(stdout, "Range", "%s at %s", text_size(json_count(reservation, "size"), size),
	     text_address(json_count(reservation, "base"), base));
	fact(stdout, "Option", "%s", json_text(reservation, "option"));
	fact(stdout, "Kept", "%s", text_time(json_count(reservation, "keptAt"), time));
	fact(stdout, "State", "%s", json_text(reservation, "state"));
	print_checks(json_member(reservation, "checks"));
}

static void print_kept(struct cli *cli, struct json_object *reservation)
{
	(void)cli;
	print_reservation(reservation);
}

int cli_reservation_keep(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = range_params(cli, &exit_code);

	return params ? cli_run(cli, "reservation/keep", params, print_kept) : exit_code;
}

static void print_list(struct cli *cli, struct json_object *result)
{
	struct json_object *list = json_member(result, "reservations");

	(void)cli;
	if (json_object_array_length(list) == 0)
		printf("Nothing is kept: pmpool reservation keep BASE SIZE does.\n");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (i)
			printf("\n");
		print_reservation(json_object_array_get_idx(list, i));
	}
}

static bool any_differs(struct json_object *result)
{
	struct json_object *list = json_member(result, "reservations");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_text(json_object_array_get_idx(list, i), "state"), "differs") == 0)
			return true;
	return false;
}

int cli_reservation_list(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *result = cli_ask(cli, "reservation/list", json_object_new_object(), &exit_code);

	if (result && any_differs(result))
		exit_code = EXIT_NOT_INTACT;
	return cli_result(cli, result, exit_code, print_list);
}

static void print_forgotten(struct cli *cli, struct json_object *result)
{
	(void)result;
	printf("Forgot %s. The command line is as it was.\n", cli->args.words[0]);
}

int cli_reservation_forget(struct cli *cli)
{
	struct json_object *params = json_object_new_object();

	cli_set_typed(params, "id", cli->args.words[0]);
	return cli_run(cli, "reservation/forget", params, print_forgotten);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check and repair. */
#include "cli.h"
#include "json_build.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATCHES_SHOWN 20
#define FINDINGS_SHOWN 100

/* A region by its id, or with --offset; else a pool. */
static bool is_region(struct cli *cli, const char *word)
{
	struct pm_region_info *list = NULL;
	size_t count = 0;
	bool found = args_given(&cli->args, "offset");

	if (!found && pm_region_list(&cli->session.host, &list, &count, NULL) == PM_OK)
		for (size_t i = 0; i < count; i++)
			found = found || strcmp(list[i].id, word) == 0;
	free(list);
	return found;
}

static struct json_object *check_params(struct cli *cli, int *exit_code)
{
	struct json_object *params;

	if (!is_region(cli, cli->args.words[0]))
		return cli_pool_params(cli, exit_code);
	params = json_object_new_object();
	cli_set_typed(params, "region", cli->args.words[0]);
	cli_pass_count(cli, "offset", params, "offset");
	return params;
}

/* Where the pages of a region begin among the pool's, as its superblock says: `list` counts that way. 0 when no
 * superblock can be read. Attaching the pool would take back what is being looked at. */
static uint64_t first_pool_page(const struct place *places, size_t count, struct json_object *result, uint64_t index)
{
	for (size_t i = 0; i < count; i++) {
		char uuid[PM_UUID_TEXT];

		pm_uuid_format(places[i].sb.pool_uuid, uuid);
		if (places[i].sb.region_index == index && strcmp(uuid, json_text(result, "pool")) == 0)
			return places[i].sb.first_pool_page;
	}
	return 0;
}

static void print_place(struct json_object *finding, uint64_t first, char text[2 * TEXT_BYTES])
{
	unsigned long long pages = json_count(finding, "pages"), bytes = json_count(finding, "bytes");

	if (json_member(finding, "page"))
		snprintf(text, 2 * TEXT_BYTES, "page %llu+%llu",
			 (unsigned long long)(first + json_count(finding, "page")), pages);
	else if (json_member(finding, "offset"))
		snprintf(text, 2 * TEXT_BYTES, "0x%llx+%llu", (unsigned long long)json_count(finding, "offset"), bytes);
	else
		snprintf(text, 2 * TEXT_BYTES, "-");
}

static const char *remedy(struct json_object *finding)
{
	if (json_flag(finding, "repairable"))
		return "yes";
	return json_text(finding, "refusal")[0] ? "refused" : "-";
}

static void print_findings(const struct cli *cli, struct json_object *result)
{
	struct json_object *findings = json_member(result, "findings");
	size_t count = json_object_array_length(findings);
	struct place *places = NULL;
	size_t place_count = 0;
	struct table table;

	session_places(&cli->session, &places, &place_count, NULL);
	table_begin(&table, "SEVERITY|CODE|>REGION|PLACE|REPAIR|EVIDENCE");
	for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++) {
		struct json_object *finding = json_object_array_get_idx(findings, i);
		char region[TEXT_BYTES], place[2 * TEXT_BYTES];
		const char *const cells[] = {
			json_text(finding, "severity"),
			json_text(finding, "code"),
			text_count(json_count(finding, "region"), region),
			place,
			remedy(finding),
			json_text(finding, "text"),
		};

		print_place(finding, first_pool_page(places, place_count, result, json_count(finding, "region")),
			    place);
		table_row(&table, cells);
	}
	free(places);
	table_end(&table, stdout);
	if (count > FINDINGS_SHOWN)
		printf("and %zu more; --json has them\n", count - FINDINGS_SHOWN);
}

/* Each code that was found, once: what it means and what repair does about it. */
static void print_meanings(struct json_object *result)
{
	struct json_object *findings = json_member(result, "findings");

	printf("\n");
	json_object_object_foreach(json_member(json_member(result, "summary"), "counts"), code, count)
	{
		(void)count;
		for (size_t i = 0; i < json_object_array_length(findings); i++) {
			struct json_object *finding = json_object_array_get_idx(findings, i);

			if (strcmp(json_text(finding, "code"), code) != 0)
				continue;
			printf("%s: %s Repair %s.\n", code, json_text(finding, "meaning"),
			       json_text(finding, "repair"));
			break;
		}
	}
}

static void print_summary(struct json_object *summary)
{
	unsigned long long damage = json_count(summary, "damage"), leftovers = json_count(summary, "leftovers");
	unsigned long long hints = json_count(summary, "hints");

	if (damage + leftovers + hints == 0) {
		printf("Nothing is wrong.\n");
		return;
	}
	printf("%llu of damage, %llu left over from a crash, %llu hints; repair puts %llu right and refuses %llu.\n",
	       damage, leftovers, hints, (unsigned long long)json_count(summary, "repairable"),
	       (unsigned long long)json_count(summary, "refused"));
}

static void print_check(struct cli *cli, struct json_object *result)
{
	if (json_object_array_length(json_member(result, "findings")) > 0) {
		print_findings(cli, result);
		print_meanings(result);
	}
	print_summary(json_member(result, "summary"));
}

static int code_of(struct json_object *summary)
{
	return json_flag(summary, "clean") ? EXIT_OK : EXIT_NOT_INTACT;
}

int cli_check(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = check_params(cli, &exit_code), *result;

	if (!params)
		return exit_code;
	result = cli_ask(cli, "pool/check", params, &exit_code);
	if (result)
		exit_code = code_of(json_member(result, "summary"));
	return cli_result(cli, result, exit_code, print_check);
}

/* --- repair --- */

static void print_patches(struct json_object *result)
{
	struct json_object *patches = json_member(result, "patches");
	unsigned long long count = json_count(result, "patchCount");
	struct table table;

	printf("\n");
	table_begin(&table, ">REGION|OFFSET|FROM|TO");
	for (size_t i = 0; i < json_object_array_length(patches) && i < PATCHES_SHOWN; i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);
		char region[TEXT_BYTES], offset[TEXT_BYTES];
		const char *const cells[] = {
			text_count(json_count(patch, "region"), region),
			text_address(json_count(patch, "offset"), offset),
			json_text(patch, "from"),
			json_text(patch, "to"),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	if (count > PATCHES_SHOWN)
		printf("and %llu more words; --json has more of them\n", count - PATCHES_SHOWN);
}

static void print_dry_run(struct cli *cli, struct json_object *result)
{
	print_check(cli, result);
	if (json_count(result, "patchCount") == 0)
		return;
	print_patches(result);
	printf("Nothing was changed. %llu words would be, with --apply.\n",
	       (unsigned long long)json_count(result, "patchCount"));
}

static void print_repaired(struct cli *cli, struct json_object *result)
{
	(void)cli;
	if (!json_flag(result, "applied")) {
		printf("Nothing to repair.\n");
		return;
	}
	printf("Repaired: %llu words written. Backup of the metadata: %s\n",
	       (unsigned long long)json_count(result, "patchCount"), json_text(result, "backup"));
	printf("Checked again: ");
	print_summary(json_member(result, "after"));
}

static bool copy_fd(int from, int to)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) > 0)
		for (ssize_t done = 0, wrote; done < got; done += wrote) {
			wrote = write(to, bytes + done, (size_t)(got - done));
			if (wrote <= 0)
				return false;
		}
	return got == 0 && fsync(to) == 0;
}

/* The backup stands in the state directory already; this is the copy that was asked for. */
static int copy_backup(struct cli *cli, const char *name, int to)
{
	struct pm_error err = {0};
	int from;
	enum pm_code code = store_open(&cli->session.host, &store_backups, name, &from, &err);

	if (code == PM_OK) {
		if (!copy_fd(from, to))
			code = fail_errno(&err, errno, args_text(&cli->args, "backup"));
		close(from);
	}
	return code == PM_OK ? EXIT_OK : cli_fail(cli, &err, "");
}

/* Opened before anything is changed: a file that cannot be made is a reason not to begin. -1: none is wanted, -2: it
 * cannot be made. */
static int backup_open(struct cli *cli, int *exit_code)
{
	const char *path = args_text(&cli->args, "backup");
	struct pm_error err = {0};
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;

	if (!path || fd >= 0)
		return fd;
	fail_errno(&err, errno, path);
	*exit_code = cli_fail(cli, &err, "");
	return -2;
}

static bool may_repair(struct cli *cli, struct json_object *shown, int *exit_code)
{
	char question[384];

	if (!cli->json && !args_given(&cli->args, "yes"))
		print_dry_run(cli, shown);
	snprintf(question, sizeof(question), "Write %llu words into the metadata of pool %.63s (%.36s)?",
		 (unsigned long long)json_count(shown, "patchCount"), json_text(shown, "name"),
		 json_text(shown, "pool"));
	return cli_agreed(cli, question, "repair", exit_code);
}

static int apply(struct cli *cli, struct json_object *params, struct json_object *shown)
{
	int exit_code = EXIT_OK, copied = EXIT_OK, fd;
	struct json_object *result;

	if (!may_repair(cli, shown, &exit_code))
		return exit_code;
	fd = backup_open(cli, &exit_code);
	if (fd == -2)
		return exit_code;
	json_set_bool(params, "apply", true);
	json_set_text(params, "token", json_text(shown, "token"));
	result = cli_ask(cli, "pool/repair", json_object_get(params), &exit_code);
	if (result && fd >= 0)
		copied = copy_backup(cli, json_text(result, "backup"), fd);
	if (fd >= 0)
		close(fd);
	if (!result && fd >= 0)
		unlink(args_text(&cli->args, "backup"));
	if (result)
		exit_code = code_of(json_member(result, "after"));
	exit_code = cli_result(cli, result, exit_code, print_repaired);
	return copied != EXIT_OK ? copied : exit_code;
}

int cli_repair(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = check_params(cli, &exit_code), *shown;
	bool wanted = args_given(&cli->args, "apply");

	if (!params)
		return exit_code;
	if (!wanted && args_given(&cli->args, "backup")) {
		json_object_put(params);
		return cli_usage_say(cli, "--backup goes with --apply");
	}
	shown = cli_ask(cli, "pool/repair", json_object_get(params), &exit_code);
	if (shown && wanted && json_count(shown, "patchCount") > 0) {
		exit_code = apply(cli, params, shown);
		json_object_put(shown);
	} else {
		if (shown)
			exit_code = code_of(json_member(shown, "summary"));
		exit_code = cli_result(cli, shown, exit_code, wanted ? print_check : print_dry_run);
	}
	json_object_put(params);
	return exit_code;
}

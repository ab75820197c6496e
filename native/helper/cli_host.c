/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "host/kexec_simulated.h"
#include "json_build.h"
#include "text.h"
#include <stdio.h>

static void print_host(struct cli *cli, struct json_object *host)
{
	(void)cli;
	fact(stdout, "Host", "%s%s", json_text(host, "hostname"), json_flag(host, "simulated") ? " (simulated)" : "");
	fact(stdout, "Kernel", "%s", json_text(host, "kernel"));
	fact(stdout, "Boot id", "%s", json_text(host, "bootId"));
	fact(stdout, "Command line", "%s", json_text(host, "cmdline"));
	fact(stdout, "Lockdown", "%s", json_text(host, "lockdown"));
	fact(stdout, "Kexec", "%s", json_flag(host, "kexecLoaded") ? "a kernel is loaded" : "nothing loaded");
	fact(stdout, "Acting for", "%s (uid %llu)", json_text(host, "user"),
	     (unsigned long long)json_count(host, "uid"));
}

int cli_host_info(struct cli *cli)
{
	return cli_run(cli, "host/info", json_object_new_object(), print_host);
}

int cli_host_reset(struct cli *cli)
{
	struct pm_error err = {0};

	if (pm_kexec_simulated_reset(&cli->session.host, &err) != PM_OK)
		return cli_fail(cli, &err, "");
	return cli_host_info(cli);
}

/* The name of a pool of another region that takes some of this one: pmpool= names a part of a memmap=. */
static const char *taken_by(struct json_object *regions, struct json_object *region)
{
	uint64_t base = json_count(region, "base"), end = base + json_count(region, "size");

	for (size_t i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *other = json_object_array_get_idx(regions, i), *pools = json_member(other, "pools");

		for (size_t j = 0; other != region && j < json_object_array_length(pools); j++) {
			struct json_object *pool = json_object_array_get_idx(pools, j);
			uint64_t start = json_count(other, "base") + json_count(pool, "offset");

			/* one that starts here is in the list of this region */
			if (start < end && base < start + json_count(pool, "size") && start < base)
				return json_text(pool, "name");
		}
	}
	return NULL;
}

static void add_region(struct table *table, struct json_object *regions, struct json_object *region)
{
	const char *taken = taken_by(regions, region);
	char base[TEXT_BYTES], size[TEXT_BYTES], grain[TEXT_BYTES], node[TEXT_BYTES], pools[TEXT_BYTES];
	char state[TEXT_BYTES + 80];
	struct json_object *refused = json_member(region, "refused");
	const char *const cells[] = {
		json_text(region, "id"),
		json_text(region, "kind"),
		text_address(json_count(region, "base"), base),
		text_size(json_count(region, "size"), size),
		text_size(json_count(region, "grain"), grain),
		json_member(region, "numaNode") ? text_count(json_count(region, "numaNode"), node) : "",
		text_count(json_object_array_length(json_member(region, "pools")), pools),
		state,
		json_text(region, "source"),
	};

	if (refused)
		snprintf(state, sizeof(state), "%s", json_text(refused, "name"));
	else if (taken)
		snprintf(state, sizeof(state), "in pool %s", taken);
	else
		snprintf(state, sizeof(state), "usable");
	table_row(table, cells);
}

void print_refused(FILE *to, struct json_object *region)
{
	struct json_object *refused = json_member(region, "refused");

	if (!refused)
		return;
	fputc('\n', to);
	fact(to, json_text(region, "id"), "%s", json_text(refused, "message"));
	fact(to, "  why", "%s", json_text(refused, "reason"));
	fact(to, "  way out", "%s", json_text(refused, "remedy"));
}

static void print_regions(struct cli *cli, struct json_object *result)
{
	struct json_object *regions = json_member(result, "regions");
	struct table table;

	(void)cli;
	if (json_object_array_length(regions) == 0) {
		printf("No region: the kernel command line gives no memory away (memmap=SIZE$BASE).\n");
		return;
	}
	table_begin(&table, "REGION|KIND|>BASE|>SIZE|>GRAIN|>NODE|>POOLS|STATE|GIVEN AWAY BY");
	for (size_t i = 0; i < json_object_array_length(regions); i++)
		add_region(&table, regions, json_object_array_get_idx(regions, i));
	table_end(&table, stdout);
	for (size_t i = 0; i < json_object_array_length(regions); i++)
		print_refused(stdout, json_object_array_get_idx(regions, i));
}

int cli_region_list(struct cli *cli)
{
	return cli_run(cli, "region/list", json_object_new_object(), print_regions);
}

static void print_found(struct cli *cli, struct json_object *found)
{
	(void)cli;
	if (!json_member(found, "confirm")) {
		printf("Nothing is there.\n");
		return;
	}
	fact(stdout, "Holds", "%s", json_text(found, "label"));
	fact(stdout, "Kind", "%s", json_text(found, "kind"));
	fact(stdout, "Overwrite", "--overwrite %s", json_text(found, "confirm"));
}

int cli_region_recognise(struct cli *cli)
{
	struct json_object *params;

	if (cli_is_zero(cli, "size"))
		return cli_usage_say(cli, "--size 0 is no part; leave --size out for all up to the region's end");
	params = json_object_new_object();
	json_set_text(params, "region", cli->args.words[0]);
	cli_pass_count(cli, "offset", params, "offset");
	cli_pass_count(cli, "size", params, "size");
	return cli_run(cli, "region/recognise", params, print_found);
}

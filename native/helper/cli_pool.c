/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json_build.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static void print_recovered(struct json_object *recovered)
{
	uint64_t runs = json_count(recovered, "runsTakenBack"), finished = json_count(recovered, "recordsFinished");
	uint64_t dropped = json_count(recovered, "recordsDropped");

	if (runs + finished + dropped > 0)
		fact(stdout, "Taken back",
		     "%llu runs (%llu pages), %llu records finished, %llu dropped: a process died in the middle",
		     (unsigned long long)runs, (unsigned long long)json_count(recovered, "pagesTakenBack"),
		     (unsigned long long)finished, (unsigned long long)dropped);
}

/* Only of a pool of several regions, or of one that is not whole. */
static void print_pool_regions(struct json_object *regions)
{
	struct table table;

	table_begin(&table, ">INDEX|REGION|KIND|>NODE|>ADDRESS|>SIZE|>FIRST PAGE|STATE");
	for (size_t i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *region = json_object_array_get_idx(regions, i);
		struct json_object *error = json_member(region, "error"), *node = json_member(region, "numaNode");
		char index[TEXT_BYTES], base[TEXT_BYTES], size[TEXT_BYTES], first[TEXT_BYTES];
		const char *const cells[] = {
			text_count(json_count(region, "index"), index),
			json_text(region, "region"),
			json_text(region, "medium"),
			node ? json_object_get_string(node) : "",
			text_address(json_count(region, "base"), base),
			text_size(json_count(region, "size"), size),
			text_count(json_count(region, "firstPage"), first),
			error ? json_text(error, "message") : "",
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

/* Of several regions only the first one's address would read as if all stood there; pages between them are none. */
static void print_address(struct json_object *pool)
{
	struct json_object *regions = json_member(pool, "regions");
	size_t count = json_object_array_length(regions);
	char size[TEXT_BYTES], base[TEXT_BYTES], more[48] = "";
	uint64_t pages = 0;

	for (size_t i = 0; i < count; i++)
		pages += json_count(json_object_array_get_idx(regions, i), "size") / PM_PAGE_SIZE;
	if (count > 1)
		snprintf(more, sizeof(more), " and %zu more range%s", count - 1, text_s(count - 1));
	fact(stdout, "Address", "%s%s, %s, %llu page%s", text_address(json_count(pool, "base"), base), more,
	     text_size(json_count(pool, "size"), size), (unsigned long long)pages, text_s(pages));
}

void print_pool(struct cli *cli, struct json_object *pool)
{
	char offset[TEXT_BYTES], when[TEXT_BYTES];
	struct json_object *usage = json_member(pool, "usage"), *order = json_member(usage, "largestFreeOrder");

	(void)cli;
	fact(stdout, "Pool", "%s", json_text(pool, "name"));
	fact(stdout, "UUID", "%s", json_text(pool, "uuid"));
	fact(stdout, "Region", "%s at offset %s%s", json_text(pool, "region"),
	     text_size(json_count(pool, "offset"), offset), json_flag(pool, "readOnly") ? " (read-only)" : "");
	print_address(pool);
	fact(stdout, "Created", "%s in boot %s", text_time(json_count(pool, "createdAt"), when),
	     json_text(pool, "createdBootId"));
	fact(stdout, "Format", "version %llu", (unsigned long long)json_count(pool, "formatVersion"));
	fact(stdout, "Pages", "%llu free, %llu allocated, %llu bad, %llu metadata",
	     (unsigned long long)json_count(usage, "pagesFree"),
	     (unsigned long long)json_count(usage, "pagesAllocated"), (unsigned long long)json_count(usage, "pagesBad"),
	     (unsigned long long)json_count(usage, "pagesMetadata"));
	fact(stdout, "Allocations", "%llu, of them %llu with a record (%llu slots)",
	     (unsigned long long)json_count(usage, "allocations"), (unsigned long long)json_count(usage, "records"),
	     (unsigned long long)json_count(usage, "recordSlots"));
	fact(stdout, "Largest free", "%llu page%s, order %s", (unsigned long long)json_count(usage, "largestFreeRun"),
	     text_s(json_count(usage, "largestFreeRun")), order ? json_object_get_string(order) : "none");
	print_recovered(json_member(pool, "recovered"));
	if (json_flag(pool, "degraded"))
		fact(stdout, "Degraded", "a region is missing or not as it should be: the pool can only be read");
	if (json_flag(pool, "degraded") || json_object_array_length(json_member(pool, "regions")) > 1)
		print_pool_regions(json_member(pool, "regions"));
}

/* A host where none can be used: the first region's refusal is the error, those of the others follow it. */
static int fail_no_region(const struct cli *cli, struct json_object *regions)
{
	struct pm_error err = {.code = PM_E_REGION_NOT_RESERVED};
	size_t count = json_object_array_length(regions);
	struct json_object *region = count ? json_object_array_get_idx(regions, 0) : NULL, *refused;
	int exit_code;

	if (!region) {
		pm_fail(&err, err.code, "no region: the kernel command line gives no memory away (memmap=SIZE$BASE)");
		return cli_fail(cli, &err, "");
	}
	refused = json_member(region, "refused");
	pm_fail(&err, (enum pm_code)json_count(refused, "code"), "none of the regions (%zu) can be used; %s: %s", count,
		json_text(region, "id"), json_text(refused, "message"));
	exit_code = cli_fail(cli, &err, "");
	for (size_t i = 1; i < count && !cli->json; i++)
		print_refused(stderr, json_object_array_get_idx(regions, i));
	return exit_code;
}

/* Without --region there must be just one that can be used. */
static bool only_region(struct cli *cli, struct json_object *params, int *exit_code)
{
	struct json_object *result = cli_ask(cli, "region/list", json_object_new_object(), exit_code), *regions;
	const char *found = NULL;
	size_t usable = 0;

	if (!result)
		return false;
	regions = json_member(result, "regions");
	for (size_t i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *region = json_object_array_get_idx(regions, i);

		if (json_member(region, "refused"))
			continue;
		found = json_text(region, "id");
		usable++;
	}
	if (usable == 1)
		json_set_text(params, "region", found);
	else if (usable == 0)
		*exit_code = fail_no_region(cli, regions);
	else
		*exit_code = cli_usage_say(cli, "%zu regions can be used; say which with --region", usable);
	json_object_put(result);
	return usable == 1;
}

int cli_pool_create(struct cli *cli)
{
	struct json_object *params;
	int exit_code;

	if (cli_is_zero(cli, "size"))
		return cli_usage_say(cli, "--size 0 is no pool; leave --size out for all up to the region's end");
	params = json_object_new_object();
	cli_set_typed(params, "name", cli->args.words[0]);
	cli_pass_text(cli, "region", params, "region");
	cli_pass_count(cli, "offset", params, "offset");
	cli_pass_count(cli, "size", params, "size");
	cli_pass_count(cli, "log-slots", params, "logSlots");
	cli_pass_text(cli, "overwrite", params, "overwrite");
	if (!args_given(&cli->args, "region") && !only_region(cli, params, &exit_code)) {
		json_object_put(params);
		return exit_code;
	}
	return cli_run(cli, "pool/create", params, print_pool);
}

static void print_pools(struct cli *cli, struct json_object *result)
{
	struct json_object *pools = json_member(result, "pools");
	struct table table;

	(void)cli;
	if (json_object_array_length(pools) == 0) {
		printf("No pool. Make one: pmpool pool create NAME\n");
		return;
	}
	table_begin(&table, "POOL|UUID|REGION|>BASE|>SIZE|>FREE|>ALLOCATIONS|STATE");
	for (size_t i = 0; i < json_object_array_length(pools); i++) {
		struct json_object *pool = json_object_array_get_idx(pools, i), *usage = json_member(pool, "usage");
		char base[TEXT_BYTES], size[TEXT_BYTES], free_text[TEXT_BYTES], count[TEXT_BYTES];
		const char *const cells[] = {
			json_text(pool, "name"),
			json_text(pool, "uuid"),
			json_text(pool, "region"),
			text_address(json_count(pool, "base"), base),
			text_size(json_count(pool, "size"), size),
			text_size(json_count(usage, "pagesFree") * PM_PAGE_SIZE, free_text),
			text_count(json_count(usage, "allocations"), count),
			json_flag(pool, "degraded")   ? "degraded"
			: json_flag(pool, "readOnly") ? "read-only"
						      : "",
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

/* Regions where a pool may stand unseen, with the reason on stderr. False when nothing could be looked at. */
static bool say_unseen(const struct cli *cli)
{
	struct pm_region_info *list = NULL;
	size_t count = 0, seen = 0;

	if (pm_region_list(&cli->session.host, &list, &count, NULL) != PM_OK)
		return true; /* pool/list has said it */
	for (size_t i = 0; i < count; i++) {
		struct pm_error err = list[i].refused;
		struct place *places = NULL;
		size_t found;

		if (err.code == PM_OK)
			err.code = region_places(&cli->session, &list[i], &places, &found, &err);
		free(places);
		seen += err.code == PM_OK;
		if (err.code == PM_OK)
			continue;
		fprintf(stderr, "pmpool: %s could not be looked at: ", list[i].id);
		print_clean(stderr, err.message);
		fprintf(stderr, "\n  way out: %s\n", pm_error_remedy(err.code));
	}
	free(list);
	return count == 0 || seen > 0;
}

int cli_pool_list(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *result = cli_ask(cli, "pool/list", json_object_new_object(), &exit_code);

	if (result && !cli->json && !say_unseen(cli)) {
		json_object_put(result);
		return EXIT_REFUSED;
	}
	return cli_result(cli, result, exit_code, print_pools);
}

int cli_pool_info(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	return cli_run(cli, "pool/info", params, print_pool);
}

static void print_log(struct cli *cli, struct json_object *result)
{
	struct json_object *entries = json_member(result, "entries");
	struct table table;

	(void)cli;
	table_begin(&table, ">SEQUENCE|TIME|BOOT|ACT|>PAGE|>PAGES|ACTOR|DETAIL");
	for (size_t i = 0; i < json_object_array_length(entries); i++) {
		struct json_object *entry = json_object_array_get_idx(entries, i);
		char sequence[TEXT_BYTES], when[TEXT_BYTES], page[TEXT_BYTES], pages[TEXT_BYTES], boot[9];
		const char *const cells[] = {
			text_count(json_count(entry, "sequence"), sequence),
			text_time(json_count(entry, "time"), when),
			boot,
			json_text(entry, "verb"),
			text_count(json_count(entry, "page"), page),
			text_count(json_count(entry, "pages"), pages),
			json_text(entry, "actor"),
			json_text(entry, "detail"),
		};

		snprintf(boot, sizeof(boot), "%.8s", json_text(entry, "bootId"));
		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

int cli_log(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct json_object *params = cli_pool_params(cli, &exit_code);

	if (!params)
		return exit_code;
	cli_pass_count(cli, "before", params, "before");
	cli_pass_count(cli, "after", params, "after");
	cli_pass_count(cli, "limit", params, "limit");
	return cli_run(cli, "log/list", params, print_log);
}

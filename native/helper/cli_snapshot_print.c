/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_snapshot_print.h"
#include "json_build.h"
#include "text.h"
#include <string.h>

static unsigned long long count_of(struct json_object *object, const char *name)
{
	return (unsigned long long)json_count(object, name);
}

static void print_pages(FILE *to, struct json_object *snapshot)
{
	char text[160];
	int at = snprintf(text, sizeof(text), "%llu, of them %llu all zero, %llu repeated", count_of(snapshot, "pages"),
			  count_of(snapshot, "zeroPages"), count_of(snapshot, "repeatedPages"));

	if (json_member(snapshot, "parent"))
		snprintf(text + at, sizeof(text) - (size_t)at, ", %llu in the parent",
			 count_of(snapshot, "parentPages"));
	fact(to, "Pages", "%s%s", text, json_flag(snapshot, "all") ? "; free pages too" : "");
}

void print_snapshot(struct cli *cli, struct json_object *snapshot)
{
	FILE *to = cli->content_on_stdout ? stderr : stdout;
	struct json_object *parent = json_member(snapshot, "parent"), *damage = json_member(snapshot, "damage");
	char bytes[TEXT_BYTES], when[TEXT_BYTES];

	fact(to, "Snapshot", "%s, %s", json_text(snapshot, "name"), text_size(json_count(snapshot, "bytes"), bytes));
	fact(to, "Pool", "%s %s", json_text(snapshot, "poolName"), json_text(snapshot, "pool"));
	fact(to, "Taken", "%s", text_time(json_count(snapshot, "createdAt"), when));
	print_pages(to, snapshot);
	if (json_count(snapshot, "movedPages") > 0)
		fact(to, "Moved", "%llu pages were freed or allocated by others while they were copied",
		     count_of(snapshot, "movedPages"));
	if (parent)
		fact(to, "Builds on", "%s %s%s", json_text(parent, "name"), json_text(parent, "digest"),
		     json_flag(parent, "present") ? "" : ", which is not here");
	fact(to, "Digest", "%s", json_text(snapshot, "digest"));
	if (damage)
		fact(to, "Damage", "%s", json_text(damage, "message"));
}

void print_whole(struct cli *cli, struct json_object *snapshot)
{
	struct json_object *parent = json_member(snapshot, "parent");

	print_snapshot(cli, snapshot);
	printf("Every checksum matches.\n");
	if (parent && !json_flag(parent, "present"))
		printf("The pages that its parent holds were not looked at.\n");
}

/* Why one is not to be relied upon; what it builds on. */
static const char *remark(struct json_object *snapshot, char text[160])
{
	struct json_object *parent = json_member(snapshot, "parent"), *damage = json_member(snapshot, "damage");

	text[0] = '\0';
	if (damage)
		snprintf(text, 160, "damaged: %s", json_text(damage, "name"));
	else if (parent)
		snprintf(text, 160, "%s%.120s",
			 json_flag(parent, "present") ? "" : "missing: ", json_text(parent, "name"));
	return text;
}

void print_snapshots(struct cli *cli, struct json_object *result)
{
	struct json_object *snapshots = json_member(result, "snapshots");
	struct table table;

	(void)cli;
	if (json_object_array_length(snapshots) == 0) {
		printf("No snapshot in the state directory.\n");
		return;
	}
	table_begin(&table, "SNAPSHOT|POOL|TAKEN|>PAGES|>SIZE|DIGEST|BUILDS ON");
	for (size_t i = 0; i < json_object_array_length(snapshots); i++) {
		struct json_object *snapshot = json_object_array_get_idx(snapshots, i);
		char when[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES], builds_on[160];
		const char *const cells[] = {
			json_text(snapshot, "name"),
			json_text(snapshot, "poolName"),
			text_time(json_count(snapshot, "createdAt"), when),
			text_count(json_count(snapshot, "pages"), pages),
			text_size(json_count(snapshot, "bytes"), size),
			json_text(snapshot, "digest"),
			remark(snapshot, builds_on),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_regions(struct json_object *regions)
{
	struct table table;

	table_begin(&table, ">REGION|BASE|>SIZE|>FIRST PAGE|>PAGES");
	for (size_t i = 0; i < json_object_array_length(regions); i++) {
		struct json_object *region = json_object_array_get_idx(regions, i);
		char index[TEXT_BYTES], base[TEXT_BYTES], size[TEXT_BYTES], first[TEXT_BYTES], pages[TEXT_BYTES];
		const char *const cells[] = {
			text_count(json_count(region, "index"), index),
			text_address(json_count(region, "base"), base),
			text_size(json_count(region, "size"), size),
			text_count(json_count(region, "firstPage"), first),
			text_count(json_count(region, "pages"), pages),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

/* Of a snapshot that was taken of a degraded pool. */
static void print_missing(struct json_object *missing)
{
	for (size_t i = 0; missing && i < json_object_array_length(missing); i++) {
		struct json_object *region = json_object_array_get_idx(missing, i);
		char base[TEXT_BYTES], size[TEXT_BYTES];

		if (json_count(region, "size") == 0)
			fact(stdout, "Missing", "region %llu of the pool", count_of(region, "index"));
		else
			fact(stdout, "Missing", "region %llu of the pool, %s at %s", count_of(region, "index"),
			     text_size(json_count(region, "size"), size),
			     text_address(json_count(region, "base"), base));
	}
}

void print_snapshot_info(struct cli *cli, struct json_object *info)
{
	struct json_object *usage = json_member(info, "usage"), *host = json_member(info, "host");
	struct json_object *regions = json_member(info, "regions");

	print_snapshot(cli, json_member(info, "snapshot"));
	fact(stdout, "Written by", "%s", json_text(info, "writer"));
	if (host) {
		fact(stdout, "Host", "%s, Linux %s", json_text(host, "hostname"), json_text(host, "kernel"));
		fact(stdout, "Boot", "%s", json_text(host, "bootId"));
	}
	if (usage)
		fact(stdout, "Usage", "%llu allocation%s, %llu record%s; pages: %llu allocated, %llu free, %llu bad",
		     count_of(usage, "allocations"), text_s(json_count(usage, "allocations")),
		     count_of(usage, "records"), text_s(json_count(usage, "records")),
		     count_of(usage, "pagesAllocated"), count_of(usage, "pagesFree"), count_of(usage, "pagesBad"));
	print_missing(json_member(info, "missingRegions"));
	if (regions && json_object_array_length(regions) > 0) {
		printf("\n");
		print_regions(regions);
	}
}

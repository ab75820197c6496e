/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json_build.h"
#include "text.h"
#include <string.h>

#define LINES_MAX 20 /* of each list; --json has them all */

static void heading(const char *text)
{
	printf("\n%s\n", text);
}

static size_t length_of(struct json_object *list)
{
	return json_object_array_length(list);
}

static void print_more(size_t count)
{
	if (count > LINES_MAX)
		printf("  and %zu more; --json has them\n", count - LINES_MAX);
}

static const char *percent(uint64_t thousandths, char text[TEXT_BYTES])
{
	snprintf(text, TEXT_BYTES, "%llu.%llu %%", (unsigned long long)thousandths / 10,
		 (unsigned long long)thousandths % 10);
	return text;
}

static void print_summary(struct json_object *audit)
{
	struct json_object *usage = json_member(audit, "usage"), *leaks = json_member(audit, "leaks");
	uint64_t free_pages = json_count(usage, "pagesFree"), largest = json_count(usage, "largestFreeRun");
	char size[TEXT_BYTES], used[TEXT_BYTES], run[TEXT_BYTES], metadata[TEXT_BYTES], leaked[TEXT_BYTES];

	fact(stdout, "Allocated", "%llu page%s (%s) in %llu allocation%s, %llu of them named",
	     (unsigned long long)json_count(usage, "pagesAllocated"), text_s(json_count(usage, "pagesAllocated")),
	     text_size(json_count(usage, "pagesAllocated") * PM_PAGE_SIZE, used),
	     (unsigned long long)json_count(usage, "allocations"), text_s(json_count(usage, "allocations")),
	     (unsigned long long)json_count(usage, "records"));
	fact(stdout, "Free", "%llu page%s (%s) in %llu run%s, the largest of %llu page%s (%s)",
	     (unsigned long long)free_pages, text_s(free_pages), text_size(free_pages * PM_PAGE_SIZE, size),
	     (unsigned long long)json_count(audit, "freeRuns"), text_s(json_count(audit, "freeRuns")),
	     (unsigned long long)largest, text_s(largest), text_size(largest * PM_PAGE_SIZE, run));
	fact(stdout, "Metadata", "%s", text_size(json_count(audit, "metadataBytes"), metadata));
	fact(stdout, "Bad", "%llu page%s", (unsigned long long)json_count(usage, "pagesBad"),
	     text_s(json_count(usage, "pagesBad")));
	fact(stdout, "Leaks",
	     "%llu unnamed allocation%s, %llu page%s (%s), older than boot %.8s or older than the log reaches",
	     (unsigned long long)json_count(leaks, "allocations"), text_s(json_count(leaks, "allocations")),
	     (unsigned long long)json_count(leaks, "pages"), text_s(json_count(leaks, "pages")),
	     text_size(json_count(leaks, "pages") * PM_PAGE_SIZE, leaked), json_text(leaks, "olderThanBoot"));
}

/* Free runs of the order's size stand in the same line. */
static uint64_t runs_of_order(struct json_object *classes, uint64_t order)
{
	for (size_t i = 0; i < length_of(classes); i++) {
		struct json_object *class = json_object_array_get_idx(classes, i);

		if (json_count(class, "order") == order)
			return json_count(class, "runs");
	}
	return 0;
}

static void print_fragmentation(struct json_object *audit)
{
	struct json_object *list = json_member(audit, "fragmentation"), *classes = json_member(audit, "freeRunsBySize");
	struct table table;

	heading("Fragmentation");
	table_begin(&table, ">ORDER|>SIZE|>FIT NOW|>UNUSABLE|>FREE RUNS OF THIS SIZE");
	for (size_t i = 0; i < length_of(list); i++) {
		struct json_object *row = json_object_array_get_idx(list, i);
		uint64_t order_number = json_count(row, "order");
		char order[TEXT_BYTES], size[TEXT_BYTES], fits[TEXT_BYTES], unusable[TEXT_BYTES], runs[TEXT_BYTES];
		const char *const cells[] = {
			text_count(order_number, order),
			text_size(PM_PAGE_SIZE << order_number, size),
			text_count(json_count(row, "fits"), fits),
			percent(json_count(row, "unusable"), unusable),
			text_count(runs_of_order(classes, order_number), runs),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

/* A list of shares: what they share, then allocations and pages. */
static void print_shares(const char *title, struct json_object *list, const char *headings,
			 const char *(*name)(struct json_object *share, char text[64]))
{
	struct table table;

	if (length_of(list) == 0)
		return;
	heading(title);
	table_begin(&table, headings);
	for (size_t i = 0; i < length_of(list) && i < LINES_MAX; i++) {
		struct json_object *share = json_object_array_get_idx(list, i);
		char text[64], count[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES];
		const char *const cells[] = {
			name(share, text),
			text_count(json_count(share, "allocations"), count),
			text_count(json_count(share, "pages"), pages),
			text_size(json_count(share, "pages") * PM_PAGE_SIZE, size),
		};

		table_row(&table, cells);
	}
	table_end(&table, stdout);
	print_more(length_of(list));
}

static const char *owner_name(struct json_object *share, char text[64])
{
	struct json_object *owner = json_member(share, "owner");

	(void)text;
	if (!owner)
		return "(unnamed allocations)";
	return json_object_get_string_len(owner) > 0 ? json_object_get_string(owner) : "(no owner)";
}

static const char *boot_name(struct json_object *share, char text[64])
{
	char when[TEXT_BYTES];

	if (!json_member(share, "bootId"))
		return "(before the log)";
	snprintf(text, 64, "%.8s since %s%s", json_text(share, "bootId"), text_time(json_count(share, "at"), when),
		 json_flag(share, "current") ? ", running" : "");
	return text;
}

static const char *age_name(struct json_object *share, char text[64])
{
	static const char *const names[][2] = {
		{"hour", "under an hour"},  {"day", "under a day"},	  {"week", "under a week"},
		{"month", "under 30 days"}, {"older", "30 days or more"}, {"unknown", "(before the log)"},
	};
	const char *age = json_text(share, "age");

	(void)text;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], age) == 0)
			return names[i][1];
	return age;
}

static void print_leaks(struct json_object *runs)
{
	struct table table;

	if (length_of(runs) == 0)
		return;
	heading("Leaks");
	table_begin(&table, ">PAGE|>PAGES|>SIZE|>ADDRESS|ALLOCATED|BOOT|BY");
	for (size_t i = 0; i < length_of(runs) && i < LINES_MAX; i++) {
		struct json_object *leak = json_object_array_get_idx(runs, i);
		char page[TEXT_BYTES], pages[TEXT_BYTES], size[TEXT_BYTES], address[TEXT_BYTES], when[TEXT_BYTES];
		char boot[9];
		bool known = json_member(leak, "allocatedAt") != NULL;
		const char *const cells[] = {
			text_count(json_count(leak, "page"), page),
			text_count(json_count(leak, "pages"), pages),
			text_size(json_count(leak, "pages") * PM_PAGE_SIZE, size),
			text_address(json_count(leak, "address"), address),
			known ? text_time(json_count(leak, "allocatedAt"), when) : "before the log",
			boot,
			json_text(leak, "actor"),
		};

		snprintf(boot, sizeof(boot), "%.8s", json_text(leak, "bootId"));
		table_row(&table, cells);
	}
	table_end(&table, stdout);
	print_more(length_of(runs));
}

static void print_regions(struct json_object *regions)
{
	struct table table;

	if (length_of(regions) < 2)
		return;
	heading("Regions");
	table_begin(&table, ">REGION|KIND|>NODE|>FREE|>ALLOCATED|>BAD|>METADATA|>LARGEST FREE");
	for (size_t i = 0; i < length_of(regions); i++) {
		struct json_object *region = json_object_array_get_idx(regions, i);
		struct json_object *usage = json_member(region, "usage"), *node = json_member(region, "numaNode");
		char index[TEXT_BYTES], text[5][TEXT_BYTES];
		static const char *const names[5] = {"pagesFree", "pagesAllocated", "pagesBad", "pagesMetadata",
						     "largestFreeRun"};
		const char *cells[8] = {
			text_count(json_count(region, "index"), index),
			json_text(region, "medium"),
			node ? json_object_get_string(node) : "",
		};

		for (size_t j = 0; j < 5; j++)
			cells[3 + j] = usage ? text_count(json_count(usage, names[j]), text[j]) : "missing";
		table_row(&table, cells);
	}
	table_end(&table, stdout);
}

static void print_audit(struct cli *cli, struct json_object *audit)
{
	struct json_object *bad = json_member(audit, "bad");

	(void)cli;
	print_summary(audit);
	print_fragmentation(audit);
	print_shares("Owners", json_member(audit, "owners"), "OWNER|>ALLOCATIONS|>PAGES|>SIZE", owner_name);
	print_shares("Boots", json_member(audit, "boots"), "BOOT|>ALLOCATIONS|>PAGES|>SIZE", boot_name);
	print_shares("Ages", json_member(audit, "ages"), "AGE|>ALLOCATIONS|>PAGES|>SIZE", age_name);
	print_leaks(json_member(json_member(audit, "leaks"), "runs"));
	if (length_of(bad) > 0) {
		heading("Bad pages");
		print_bad_list(bad);
	}
	print_regions(json_member(audit, "regions"));
}

int cli_audit(struct cli *cli)
{
	const char *boot = args_text(&cli->args, "older-than-boot");
	int exit_code = EXIT_OK;
	struct json_object *params;
	uint8_t uuid[16];

	if (boot && !pm_uuid_parse(boot, uuid))
		return cli_usage_say(cli, "--older-than-boot: \"%s\" is no boot id, which is a UUID in lower case",
				     boot);
	params = cli_pool_params(cli, &exit_code);
	if (!params)
		return exit_code;
	cli_pass_text(cli, "older-than-boot", params, "olderThanBoot");
	return cli_run(cli, "pool/audit", params, print_audit);
}

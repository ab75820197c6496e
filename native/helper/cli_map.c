/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool map: the whole pool on one screen. */
#include "acts.h"
#include "cli.h"
#include "density.h"
#include "guarded.h"
#include "json_build.h"
#include "text.h"
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROWS 16
#define LABEL_WIDTH 20 /* of the address before each row */
#define COLUMNS_LEAST 16

static size_t terminal_columns(void)
{
	struct winsize window;
	const char *columns = getenv("COLUMNS");
	uint64_t number;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
		return window.ws_col;
	return columns && parse_count(columns, &number) && number > 0 && number < 1000 ? (size_t)number : 80;
}

/* A power of two again, so that each row begins at a round address. */
static size_t cells_in_a_row(void)
{
	size_t columns = terminal_columns(), cells = COLUMNS_LEAST;

	while (cells * 2 + LABEL_WIDTH <= columns)
		cells *= 2;
	return cells;
}

static const char *cell_text(const struct density_cell *cell, bool unicode)
{
	static const char *const blocks[] = {"\xc2\xb7", "\xe2\x96\x91", "\xe2\x96\x92", "\xe2\x96\x93",
					     "\xe2\x96\x88"};
	static const char *const letters[] = {".", "-", "+", "*", "#"};

	if (cell->bad)
		return "!";
	if (cell->metadata > 0 && cell->allocated == 0)
		return "M";
	return unicode ? blocks[density_level(cell)] : letters[density_level(cell)];
}

static bool unicode(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void print_cells(const struct density *density, uint64_t base, size_t row)
{
	bool wide = unicode();

	for (size_t i = 0; i < density->count; i++) {
		char address[TEXT_BYTES];

		if (i % row == 0)
			printf("%*s  ", LABEL_WIDTH - 2,
			       text_address(base + i * density->pages_per_cell * PM_PAGE_SIZE, address));
		fputs(cell_text(&density->cells[i], wide), stdout);
		if (i % row == row - 1 || i + 1 == density->count)
			putchar('\n');
	}
	printf("\n%llu %s a cell. ", (unsigned long long)density->pages_per_cell,
	       density->pages_per_cell == 1 ? "page" : "pages");
}

static void print_legend(void)
{
	bool wide = unicode();

	printf("%s free  %s%s%s%s allocated, up to all of it  M metadata  ! a bad page\n", wide ? "\xc2\xb7" : ".",
	       wide ? "\xe2\x96\x91" : "-", wide ? "\xe2\x96\x92" : "+", wide ? "\xe2\x96\x93" : "*",
	       wide ? "\xe2\x96\x88" : "#");
}

/* What pool/map answers, without the way there and back as text: of a large pool that is most of the work. */
static bool collect(struct cli *cli, struct density *density, const struct attached *attached, uint64_t first_page,
		    int *exit_code)
{
	uint64_t *states = malloc(MAP_PAGES / PM_PAGES_PER_WORD * sizeof(*states));
	struct pm_error err = {0};
	enum pm_code code = states ? PM_OK : pm_fail(&err, PM_E_OUT_OF_MEMORY, "no memory for the states of pages");

	for (uint64_t first = 0; code == PM_OK && first < density->page_count; first += MAP_PAGES) {
		uint64_t left = density->page_count - first, count = left < MAP_PAGES ? left : MAP_PAGES;
		uint64_t words = (count + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;

		code = guarded_states(&attached->pool, first_page + first, words, states, &err);
		if (code == PM_OK)
			density_add(density, first, count, (const uint8_t *)states);
	}
	free(states);
	if (code != PM_OK)
		*exit_code = cli_fail(cli, &err, "");
	return code == PM_OK;
}

static bool print_region(struct cli *cli, const struct attached *attached, const struct pm_member_info *info,
			 size_t row, size_t rows, int *exit_code)
{
	struct density density;
	struct pm_run part;
	bool done;

	if (!density_begin(&density, info->page_count, info->data_first, info->data_end, row * rows)) {
		*exit_code = EXIT_REFUSED;
		return false;
	}
	for (uint32_t n = 0; pm_directory_run(&attached->pool, info->index, n, &part); n++)
		density_own(&density, part.page - info->first_pool_page, part.pages);
	done = collect(cli, &density, attached, info->first_pool_page, exit_code);
	if (done)
		print_cells(&density, info->physical_base, row);
	density_end(&density);
	return done;
}

/* Region by region: their pages do not follow each other, neither by number nor by address. */
static int print_map(struct cli *cli, const struct attached *attached)
{
	const struct pm_pool *pool = &attached->pool;
	size_t row = cells_in_a_row(), rows = ROWS / pool->region_count;
	int exit_code = EXIT_OK;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (pool->region_count > 1)
			printf("%sRegion %u, from page %llu%s\n", i ? "\n\n" : "", (unsigned)i,
			       (unsigned long long)info->first_pool_page, info->present ? "" : ": missing");
		if (info->present && !print_region(cli, attached, info, row, rows ? rows : 1, &exit_code))
			return exit_code;
	}
	print_legend();
	return exit_code;
}

int cli_pool_map(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct json_object *params;

	if (!attached)
		return exit_code;
	if (!cli->json)
		return print_map(cli, attached);
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	cli_pass_count(cli, "first", params, "first");
	cli_pass_count(cli, "count", params, "count");
	return cli_run(cli, "pool/map", params, NULL);
}

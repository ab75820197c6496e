/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"
#include "json/json.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

const char *text_size(uint64_t bytes, char text[TEXT_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	unsigned unit = 0;
	uint64_t whole = bytes, rest = 0;

	while (whole >= 1024 && unit < 5) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (rest * 10 / 1024 == 0)
		snprintf(text, TEXT_BYTES, "%llu %s", (unsigned long long)whole, units[unit]);
	else
		snprintf(text, TEXT_BYTES, "%llu.%llu %s", (unsigned long long)whole,
			 (unsigned long long)(rest * 10 / 1024), units[unit]);
	return text;
}

const char *text_address(uint64_t address, char text[TEXT_BYTES])
{
	snprintf(text, TEXT_BYTES, "0x%llx", (unsigned long long)address);
	return text;
}

const char *text_count(uint64_t count, char text[TEXT_BYTES])
{
	snprintf(text, TEXT_BYTES, "%llu", (unsigned long long)count);
	return text;
}

const char *text_time(uint64_t time_ms, char text[TEXT_BYTES])
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local;

	if (!localtime_r(&seconds, &local) || strftime(text, TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &local) == 0)
		snprintf(text, TEXT_BYTES, "?");
	return text;
}

static char *copy_clean(const char *text)
{
	char *clean = json_clean_text(text, strlen(text));

	if (!clean)
		abort();
	for (char *at = clean; *at; at++)
		if (*at == '\t' || *at == '\n')
			*at = ' ';
	return clean;
}

void print_clean(FILE *to, const char *text)
{
	char *clean = copy_clean(text);

	fputs(clean, to);
	free(clean);
}

static void add_cell(struct table *table, const char *text)
{
	char **grown = realloc(table->cells, (table->count + 1) * sizeof(*grown));

	if (!grown)
		abort();
	table->cells = grown;
	table->cells[table->count++] = copy_clean(text);
}

void table_begin(struct table *table, const char *headings)
{
	char *copy = strdup(headings), *rest = copy;

	if (!copy)
		abort();
	memset(table, 0, sizeof(*table));
	for (char *heading = strsep(&rest, "|"); heading && table->columns < TABLE_COLUMNS;
	     heading = strsep(&rest, "|")) {
		table->right[table->columns] = heading[0] == '>';
		add_cell(table, heading + (heading[0] == '>'));
		table->columns++;
	}
	free(copy);
}

void table_row(struct table *table, const char *const *cells)
{
	for (unsigned column = 0; column < table->columns; column++)
		add_cell(table, cells[column]);
}

/* Columns that valid UTF-8 takes on a terminal, by the current locale. */
static size_t columns_of(const char *text)
{
	size_t columns = 0, bytes = strlen(text);
	mbstate_t state;

	memset(&state, 0, sizeof(state));
	for (size_t in = 0; in < bytes;) {
		wchar_t wide;
		size_t length = mbrtowc(&wide, text + in, bytes - in, &state);
		int width;

		if (length == (size_t)-1 || length == (size_t)-2 || length == 0) {
			memset(&state, 0, sizeof(state));
			columns++;
			in++;
			continue;
		}
		width = wcwidth(wide);
		columns += width > 0 ? (size_t)width : 0;
		in += length;
	}
	return columns;
}

static void pad(FILE *to, size_t columns)
{
	fprintf(to, "%*s", (int)columns, "");
}

/* No blanks at the end of a line, also where the last cells are empty. */
static unsigned filled(const struct table *table, char *const *row)
{
	unsigned columns = table->columns;

	while (columns > 0 && row[columns - 1][0] == '\0')
		columns--;
	return columns;
}

static void print_row(const struct table *table, char *const *row, const size_t *widths, FILE *to)
{
	unsigned columns = filled(table, row);

	for (unsigned column = 0; column < columns; column++) {
		size_t space = widths[column] - columns_of(row[column]);

		if (column > 0)
			fputs("  ", to);
		if (table->right[column])
			pad(to, space);
		fputs(row[column], to);
		if (!table->right[column] && column + 1 < columns)
			pad(to, space);
	}
	fputc('\n', to);
}

void table_end(struct table *table, FILE *to)
{
	size_t widths[TABLE_COLUMNS] = {0};

	for (size_t i = 0; i < table->count; i++) {
		size_t columns = columns_of(table->cells[i]);

		if (columns > widths[i % table->columns])
			widths[i % table->columns] = columns;
	}
	for (size_t i = 0; i < table->count; i += table->columns)
		print_row(table, table->cells + i, widths, to);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	memset(table, 0, sizeof(*table));
}

void fact(FILE *to, const char *name, const char *format, ...)
{
	char label[32], text[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(label, sizeof(label), "%s%s", name,
		 name[0] ? ":" : ""); /* no name: one more value of the line above */
	fprintf(to, "%-14s ", label);
	print_clean(to, text);
	fputc('\n', to);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"
#include "utf8.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* Bytes of the sequence at `at` that turns the direction of what follows or breaks the line; 0: none does. */
static size_t steering(const unsigned char *at)
{
	if (at[0] == 0xd8 && at[1] == 0x9c) /* U+061C */
		return 2;
	if (at[0] != 0xe2)
		return 0;
	if (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae)))
		return 3; /* U+200E, U+200F, U+2028 to U+202E */
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0; /* U+2066 to U+2069 */
}

/* C1 controls (U+0080 to U+009F) steer some terminals too: their second byte is 0x80 to 0x9f after 0xc2. */
static char *copy_clean(const char *text)
{
	char *clean = utf8_clean(text, strlen(text));

	if (!clean)
		abort();
	for (unsigned char *at = (unsigned char *)clean; *at; at++) {
		if (*at < 0x20 || *at == 0x7f)
			*at = '?';
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
			at[0] = at[1] = '?';
		memset(at, '?', steering(at));
	}
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
		size_t space = widths[column] - utf8_columns(row[column]);

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
		size_t columns = utf8_columns(table->cells[i]);

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

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_inspect.h"
#include <inttypes.h>
#include <string.h>

void dump_begin(struct dump *dump, uint64_t offset)
{
	memset(dump, 0, sizeof(*dump));
	dump->offset = offset;
}

static void print_byte(uint8_t byte, enum dump_state state)
{
	if (state == DUMP_HELD)
		printf(" %02x", byte);
	else
		printf(state == DUMP_MISSING ? " --" : "   ");
}

static void print_line(struct dump *dump, uint64_t offset)
{
	bool same = memcmp(dump->line, dump->before, DUMP_LINE) == 0 &&
		    memcmp(dump->states, dump->states_before, DUMP_LINE) == 0;

	if (same) {
		if (!dump->starred)
			printf("*\n");
		dump->starred = true;
		return;
	}
	dump->starred = false;
	printf("%010" PRIx64 " ", offset);
	for (unsigned i = 0; i < DUMP_LINE; i++) {
		if (i == DUMP_LINE / 2)
			printf(" ");
		print_byte(dump->line[i], (enum dump_state)dump->states[i]);
	}
	printf("  |");
	for (unsigned i = 0; i < DUMP_LINE; i++) {
		uint8_t byte = dump->line[i];

		putchar(dump->states[i] != DUMP_HELD ? ' ' : byte >= 0x20 && byte < 0x7f ? byte : '.');
	}
	printf("|\n");
}

/* Those of the last line, which a next one may be like. */
static void end_line(struct dump *dump)
{
	print_line(dump, (dump->offset - 1) / DUMP_LINE * DUMP_LINE);
	memcpy(dump->before, dump->line, DUMP_LINE);
	memcpy(dump->states_before, dump->states, DUMP_LINE);
	memset(dump->line, 0, DUMP_LINE);
	memset(dump->states, DUMP_NONE, DUMP_LINE);
}

void dump_bytes(struct dump *dump, const uint8_t *bytes, size_t count, enum dump_state state)
{
	for (size_t i = 0; i < count; i++) {
		unsigned column = (unsigned)(dump->offset % DUMP_LINE);

		dump->line[column] = state == DUMP_HELD ? bytes[i] : 0;
		dump->states[column] = (uint8_t)state;
		dump->offset++;
		if (column == DUMP_LINE - 1)
			end_line(dump);
	}
}

void dump_end(struct dump *dump)
{
	if (dump->offset % DUMP_LINE)
		end_line(dump);
	printf("%010" PRIx64 "\n", dump->offset);
}

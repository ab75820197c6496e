/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory read, snapshot bytes, expectation bytes: bytes of a pool as a dump, or as they are. */
#include "acts.h"
#include "cli_inspect.h"
#include "host/base64.h"
#include "json_build.h"
#include "pool_bytes.h"
#include "store.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define END                                   \
	{                                     \
		NULL, OPTION_FLAG, NULL, NULL \
	}
#define LENGTH_USUAL 256u

const struct option_spec memory_read_options[] = {
	{"page", OPTION_COUNT, "PAGE", "the offset counts from the first byte of this page"},
	{"address", OPTION_SIZE, "ADDRESS", "the offset counts from this physical address"},
	{"raw", OPTION_FLAG, NULL, "the bytes as they are, to standard output"},
	END,
};
const struct option_spec held_bytes_options[] = {
	{"page", OPTION_COUNT, "PAGE", "the offset counts from the first byte of this page"},
	{"raw", OPTION_FLAG, NULL, "the bytes as they are, to standard output; zeros where none are held"},
	END,
};

/* Where the offset counts from; UINT64_MAX: nowhere in the pool. */
static uint64_t start_of(const struct cli *cli, const struct attached *attached)
{
	uint64_t address = args_number(&cli->args, "address", 0), page;

	if (!attached || !args_given(&cli->args, "address"))
		return args_number(&cli->args, "page", 0) * PM_PAGE_SIZE;
	page = pm_page_of_address(&attached->pool, address);
	return page == UINT64_MAX ? page : page * PM_PAGE_SIZE + address % PM_PAGE_SIZE;
}

bool cli_offset(struct cli *cli, const struct attached *attached, const char *word, uint64_t *offset, int *exit_code)
{
	uint64_t start = start_of(cli, attached);

	if (args_given(&cli->args, "address") && args_given(&cli->args, "page")) {
		*exit_code = cli_usage_say(cli, "give either --page or --address");
	} else if (start == UINT64_MAX) {
		*exit_code = cli_usage_say(cli, "--address: %s is in no region of the pool",
					   args_text(&cli->args, "address"));
	} else if (!parse_size(word, offset)) {
		*exit_code = cli_usage_say(cli, "\"%s\" is no offset; like 4096, 0x1000 or 4K", word);
	} else if (start > JSON_COUNT_MAX || *offset > JSON_COUNT_MAX - start) {
		*exit_code = cli_usage_say(cli, "\"%s\" is behind every pool", word);
	} else {
		*offset += start;
		return true;
	}
	return false;
}

bool cli_length(struct cli *cli, unsigned word, uint64_t otherwise, uint64_t *length, int *exit_code)
{
	const char *text = cli->args.word_count > word ? cli->args.words[word] : NULL;

	*length = otherwise;
	if (!text || (parse_size(text, length) && *length > 0))
		return true;
	*exit_code = cli_usage_say(cli, "\"%s\" is no length; like 256, 0x100 or 4K", text);
	return false;
}

static enum pm_code put_raw(const uint8_t *bytes, size_t count, struct pm_error *err)
{
	return fwrite(bytes, 1, count, stdout) == count ? PM_OK : fail_errno(err, errno, "cannot write what was read");
}

/* Part by part, whatever the length. */
static enum pm_code show_memory(const struct cli *cli, const struct pm_pool *pool, uint64_t offset, uint64_t length,
				struct pm_error *err)
{
	uint8_t *buffer = malloc(CHUNK_BYTES);
	bool raw = args_given(&cli->args, "raw");
	enum pm_code code = buffer ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a buffer");
	struct dump dump;

	dump_begin(&dump, offset);
	for (uint64_t done = 0, part; code == PM_OK && done < length; done += part) {
		part = length - done < CHUNK_BYTES ? length - done : CHUNK_BYTES;
		code = pool_bytes_read(pool, offset + done, buffer, part, err);
		if (code == PM_OK && raw)
			code = put_raw(buffer, (size_t)part, err);
		else if (code == PM_OK)
			dump_bytes(&dump, buffer, (size_t)part, DUMP_HELD);
	}
	if (code == PM_OK && !raw)
		dump_end(&dump);
	free(buffer);
	return code;
}

int cli_memory_read(struct cli *cli)
{
	int exit_code = EXIT_OK;
	struct attached *attached = cli_pool_attached(cli, &exit_code);
	struct pm_error err = {0};
	struct json_object *params;
	uint64_t offset, length;

	if (!attached || !cli_offset(cli, attached, cli->args.words[1], &offset, &exit_code) ||
	    !cli_length(cli, 2, LENGTH_USUAL, &length, &exit_code))
		return exit_code;
	if (!cli->json)
		return show_memory(cli, &attached->pool, offset, length, &err) == PM_OK ? EXIT_OK
											: cli_fail(cli, &err, "");
	params = json_object_new_object();
	json_set_text(params, "pool", attached->uuid);
	json_set_count(params, "offset", offset);
	json_set_count(params, "length", length);
	return cli_run(cli, "memory/read", params, NULL);
}

/* --- what a file holds --- */

static void dump_held(struct dump *dump, const uint8_t *data, size_t count, struct json_object *missing)
{
	uint64_t offset = dump->offset, end = offset + count;

	for (size_t i = 0; i <= json_object_array_length(missing); i++) {
		struct json_object *part = json_object_array_get_idx(missing, i); /* NULL behind the last */
		uint64_t first = part ? json_count(part, "offset") : end;
		const uint8_t *from = data + (dump->offset - offset);

		dump_bytes(dump, from, (size_t)(first - dump->offset), DUMP_HELD);
		if (part)
			dump_bytes(dump, data, (size_t)json_count(part, "length"), DUMP_MISSING);
	}
}

/* One part of the method's answer; false when it is not what was asked for. */
static bool show_held(const struct cli *cli, struct json_object *result, struct dump *dump, uint64_t length)
{
	uint8_t *data = NULL;
	size_t count = 0;
	bool shown = base64_decode(json_text(result, "data"), &data, &count) && count == length;

	if (shown && args_given(&cli->args, "raw"))
		shown = fwrite(data, 1, count, stdout) == count;
	else if (shown)
		dump_held(dump, data, count, json_member(result, "missing"));
	free(data);
	return shown;
}

static struct json_object *ask_held(struct cli *cli, const char *method, const char *parameter, uint64_t offset,
				    uint64_t length, int *exit_code)
{
	struct json_object *params = json_object_new_object();

	json_set_text(params, parameter, cli->args.words[0]);
	json_set_count(params, "offset", offset);
	json_set_count(params, "length", length);
	return cli_ask(cli, method, params, exit_code);
}

static int held_bytes(struct cli *cli, const char *method, const char *parameter)
{
	int exit_code = EXIT_OK;
	uint64_t offset, length;
	struct dump dump;

	if (!cli_offset(cli, NULL, cli->args.words[1], &offset, &exit_code) ||
	    !cli_length(cli, 2, LENGTH_USUAL, &length, &exit_code))
		return exit_code;
	if (cli->json)
		return cli_result(cli, ask_held(cli, method, parameter, offset, length, &exit_code), exit_code, NULL);
	dump_begin(&dump, offset);
	for (uint64_t done = 0, part; done < length; done += part) {
		struct json_object *result;
		bool shown;

		part = length - done < CHUNK_BYTES ? length - done : CHUNK_BYTES;
		result = ask_held(cli, method, parameter, offset + done, part, &exit_code);
		if (!result)
			return exit_code;
		shown = show_held(cli, result, &dump, part);
		json_object_put(result);
		if (!shown)
			return EXIT_REFUSED; /* main says why standard output takes no more */
	}
	if (!args_given(&cli->args, "raw"))
		dump_end(&dump);
	return EXIT_OK;
}

int cli_snapshot_bytes(struct cli *cli)
{
	return held_bytes(cli, "snapshot/bytes", "name");
}

int cli_expectation_bytes(struct cli *cli)
{
	return held_bytes(cli, "expectation/bytes", "expectation");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"
#include "json_build.h"
#include "text.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_print_json(struct json_object *object, FILE *to)
{
	fprintf(to, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	return fflush(to) == 0 ? EXIT_OK : EXIT_REFUSED;
}

/* Parameters whose option has another name. */
static const char *const option_names[][2] = {
	{"alignOrder", "align"}, {"withinOrder", "within"}, {"addressFrom", "from"},
	{"addressTo", "to"},	 {"placement", "place"},    {"olderThanBoot", "older-than-boot"},
	{"node", "place"},	 {"logSlots", "log-slots"},
};

/* The verb's option for the parameter, NULL when it has none. */
static const char *option_of(const struct cli *cli, const char *name, size_t length)
{
	const struct option_spec *spec = cli->verb ? cli->verb->options : NULL;

	for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++)
		if (strlen(option_names[i][0]) == length && strncmp(option_names[i][0], name, length) == 0)
			return option_names[i][1];
	while (spec && spec->name && (strlen(spec->name) != length || strncmp(spec->name, name, length) != 0))
		spec++;
	return spec ? spec->name : NULL;
}

/* "parameter order: ..." is what the protocol says; who typed --order knows no parameter. */
static void print_message(const struct cli *cli, const char *message)
{
	static const char prefix[] = "parameter ";
	const char *name = message + sizeof(prefix) - 1;
	size_t length = strncmp(message, prefix, sizeof(prefix) - 1) == 0 ? strcspn(name, ":") : 0;
	const char *option = length > 0 ? option_of(cli, name, length) : NULL;

	fputs("pmpool: ", stderr);
	if (option) {
		fprintf(stderr, "--%s", option);
		message = name + length;
	} else if (strncmp(name, "expect: ", 8) == 0 && length == 6) {
		message = name + 8; /* what the verb itself looked up */
	} else if (length > 0) {
		message = name;
	}
	print_clean(stderr, message);
	fputc('\n', stderr);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

int cli_fail(const struct cli *cli, const struct pm_error *err, const char *confirm)
{
	if (cli->json) {
		struct json_object *root = json_object_new_object(), *error = json_error(err->code, err->message);

		if (confirm[0])
			json_set_text(error, "confirm", confirm);
		json_set(root, "error", error);
		cli_print_json(root, cli->content_on_stdout ? stderr : stdout);
		json_object_put(root);
	} else {
		print_message(cli, err->message);
		if (err->code > 0 && !ends_with(err->message, pm_error_reason(err->code)))
			fprintf(stderr, "  why: %s\n", pm_error_reason(err->code));
		if (err->code > 0)
			fprintf(stderr, "  way out: %s\n", pm_error_remedy(err->code));
	}
	if (err->code == PM_E_CANCELLED)
		return EXIT_INTERRUPTED;
	return err->code == PM_E_INVALID_PARAMS ? EXIT_USAGE : EXIT_REFUSED;
}

int cli_usage(const struct cli *cli, const struct pm_error *err)
{
	const struct verb *verb = cli->verb;

	if (cli->json)
		return cli_fail(cli, err, "");
	fputs("pmpool: ", stderr);
	print_clean(stderr, err->message);
	fputc('\n', stderr);
	if (verb)
		fprintf(stderr, "Try: pmpool %s%s%s --help\n", verb->noun ? verb->noun : "", verb->noun ? " " : "",
			verb->verb);
	else
		fprintf(stderr, "Try: pmpool help\n");
	return EXIT_USAGE;
}

int cli_usage_say(const struct cli *cli, const char *format, ...)
{
	struct pm_error err = {.code = PM_E_INVALID_PARAMS};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(err.message, sizeof(err.message), format, arguments);
	va_end(arguments);
	return cli_usage(cli, &err);
}

struct json_object *cli_ask(struct cli *cli, const char *name, struct json_object *params, int *exit_code)
{
	const struct method *method = method_find(name);
	struct call call = {.session = &cli->session, .params = params};
	struct json_object *result = NULL;
	enum pm_code code;

	if (method->work)
		interruptible_begin(&call, name);
	code = call_run(method, &call);
	if (method->work)
		interruptible_end(&call);
	if (code == PM_OK) {
		result = json_object_get(call.result);
		*exit_code = EXIT_OK;
	} else {
		call.err.code = code;
		*exit_code = cli_fail(cli, &call.err, call.confirm);
	}
	call_clear(&call);
	return result;
}

int cli_result(struct cli *cli, struct json_object *result, int exit_code,
	       void (*print)(struct cli *cli, struct json_object *result))
{
	if (!result)
		return exit_code;
	if (cli->json && cli_print_json(result, cli->content_on_stdout ? stderr : stdout) != EXIT_OK)
		exit_code = EXIT_REFUSED;
	else if (!cli->json)
		print(cli, result);
	json_object_put(result);
	return exit_code;
}

int cli_run(struct cli *cli, const char *method, struct json_object *params,
	    void (*print)(struct cli *cli, struct json_object *result))
{
	int exit_code = EXIT_OK;
	struct json_object *result = cli_ask(cli, method, params, &exit_code);

	return cli_result(cli, result, exit_code, print);
}

struct json_object *cli_pool_params(struct cli *cli, int *exit_code)
{
	struct json_object *params;
	struct pm_error err = {0};
	char uuid[PM_UUID_TEXT];

	if (session_pool_named(&cli->session, cli->args.words[0], uuid, &err) != PM_OK) {
		*exit_code = cli_fail(cli, &err, "");
		return NULL;
	}
	params = json_object_new_object();
	json_set_text(params, "pool", uuid);
	return params;
}

struct attached *cli_pool_attached(struct cli *cli, int *exit_code)
{
	struct attached *attached = NULL;
	struct pm_error err = {0};
	char uuid[PM_UUID_TEXT];
	enum pm_code code = session_pool_named(&cli->session, cli->args.words[0], uuid, &err);

	if (code == PM_OK)
		code = session_pool(&cli->session, uuid, &attached, &err);
	if (code == PM_OK)
		return attached;
	*exit_code = cli_fail(cli, &err, "");
	return NULL;
}

/* Page that a number names: an index, or in hexadecimal the physical address of the page. */
static enum pm_code page_numbered(const struct attached *attached, const char *text, uint64_t number, uint64_t *page,
				  struct pm_error *err)
{
	*page = number;
	if (strncasecmp(text, "0x", 2) != 0)
		return PM_OK;
	*page = pm_page_of_address(&attached->pool, number);
	if (*page == UINT64_MAX || number % PM_PAGE_SIZE)
		return pm_fail(err, PM_E_NOT_ALLOCATED, "%s is no address of a page of this pool", text);
	return PM_OK;
}

/* A name may look like a number; a word that names two allocations names none. */
static enum pm_code find_allocation(const struct attached *attached, const char *text, uint64_t *page,
				    struct pm_error *err)
{
	const struct pm_pool *pool = &attached->pool;
	uint64_t number, named;
	struct run_copy run;
	enum pm_code code;

	if (strncmp(text, "name:", 5) == 0)
		return guarded_record_find(pool, text + 5, page, err);
	if (strncmp(text, "page:", 5) == 0 && parse_count(text + 5, &number))
		return page_numbered(attached, text + 5, number, page, err);
	if (!parse_count(text, &number))
		return guarded_record_find(pool, text, page, err);
	code = page_numbered(attached, text, number, page, err);
	if (guarded_record_find(pool, text, &named, NULL) != PM_OK || (code == PM_OK && named == *page))
		return code;
	if (code == PM_OK && guarded_run_at(pool, *page, &run, NULL) == PM_OK)
		return pm_fail(err, PM_E_INVALID_PARAMS,
			       "%s is the name of one allocation and the place of another: say name:%s or page:%s",
			       text, text, text);
	*page = named;
	return PM_OK;
}

bool cli_allocation(struct cli *cli, const struct attached *attached, const char *text, uint64_t *page, int *exit_code)
{
	struct pm_error err = {0};

	if (find_allocation(attached, text, page, &err) == PM_OK)
		return true;
	*exit_code = cli_fail(cli, &err, "");
	if (err.code == PM_E_NOT_ALLOCATED && !cli->json)
		cli_say_degraded(attached); /* it may stand in what is missing */
	return false;
}

void cli_pass_text(const struct cli *cli, const char *option, struct json_object *params, const char *name)
{
	if (args_given(&cli->args, option))
		json_set_text(params, name, args_text(&cli->args, option));
}

void cli_set_typed(struct json_object *params, const char *name, const char *text)
{
	json_set(params, name, json_object_new_string(text));
}

void cli_pass_typed(const struct cli *cli, const char *option, struct json_object *params, const char *name)
{
	if (args_given(&cli->args, option))
		cli_set_typed(params, name, args_text(&cli->args, option));
}

void cli_pass_count(const struct cli *cli, const char *option, struct json_object *params, const char *name)
{
	if (args_given(&cli->args, option))
		json_set_count(params, name, args_number(&cli->args, option, 0));
}

bool cli_is_zero(const struct cli *cli, const char *option)
{
	return args_given(&cli->args, option) && args_number(&cli->args, option, 1) == 0;
}

/* The question on stderr; true when the answer is `word`. */
static bool confirmed(const char *question, const char *word)
{
	char *line = NULL;
	size_t size = 0;
	bool same;
	ssize_t got;

	print_clean(stderr, question);
	fputs("\nType ", stderr);
	print_clean(stderr, word);
	fputs(" to go on: ", stderr);
	got = getline(&line, &size, stdin);
	if (got > 0 && line[got - 1] == '\n')
		line[got - 1] = '\0';
	same = got > 0 && strcmp(line, word) == 0;
	free(line);
	if (!same)
		fprintf(stderr, "Nothing was changed.\n");
	return same;
}

bool cli_agreed(const struct cli *cli, const char *question, const char *word, int *exit_code)
{
	if (args_given(&cli->args, "yes"))
		return true;
	*exit_code = EXIT_REFUSED;
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return confirmed(question, word);
	*exit_code = cli_usage_say(cli, "nobody can be asked here: give --yes");
	return false;
}

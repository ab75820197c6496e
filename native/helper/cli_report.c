/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli_report.h"
#include "json_build.h"
#include "store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPORT_BYTES ((size_t)64 << 20)

/* --- where to, and in which form --- */

static bool format_of_suffix(const char *path, enum pm_report_format *format)
{
	static const struct {
		const char *suffix;
		enum pm_report_format format;
	} suffixes[] = {{".html", PM_REPORT_HTML},   {".htm", PM_REPORT_HTML},	{".json", PM_REPORT_JSON},
			{".junit", PM_REPORT_JUNIT}, {".xml", PM_REPORT_JUNIT}, {".ktap", PM_REPORT_KTAP},
			{".tap", PM_REPORT_KTAP},    {".txt", PM_REPORT_TEXT}};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcasecmp(dot, suffixes[i].suffix) == 0) {
			*format = suffixes[i].format;
			return true;
		}
	return false;
}

bool cli_document_wanted(const struct cli *cli, const char *file_option, struct cli_document *document, int *exit_code)
{
	const char *format = args_text(&cli->args, "format");
	struct pm_error err = {0};

	memset(document, 0, sizeof(*document));
	document->path = args_text(&cli->args, file_option);
	document->format = PM_REPORT_TEXT;
	document->asked = document->path || format;
	if (document->path && strcmp(document->path, "-") == 0)
		document->path = NULL;
	if (format && !pm_report_format_parse(format, &document->format)) {
		*exit_code = cli_usage_say(cli, "--format: \"%s\" is none of html, json, junit, ktap and text", format);
		return false;
	}
	if (!format && document->path && !format_of_suffix(document->path, &document->format)) {
		*exit_code = cli_usage_say(cli, "%s does not say what it is to be: give --format", document->path);
		return false;
	}
	if (document->asked && !document->path && cli->json) {
		*exit_code = cli_usage_say(cli, "standard output has room for one of --json and --format: give --%s",
					   file_option);
		return false;
	}
	if (document->path && access(document->path, F_OK) == 0) {
		pm_fail(&err, PM_E_FILE_EXISTS, "%s is already there", document->path);
		*exit_code = cli_fail(cli, &err, "");
		return false;
	}
	return true;
}

/* --- a file that is whole or not there --- */

struct new_file {
	const char *path;
	char temporary[4096];
	FILE *file;
};

static enum pm_code new_file_make(struct new_file *file, const char *path, struct pm_error *err)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	file->path = path;
	if (snprintf(file->temporary, sizeof(file->temporary), "%s.XXXXXX", path) >= (int)sizeof(file->temporary))
		return pm_fail(err, PM_E_IO_FAILED, "%.80s...: the path is too long", path);
	fd = mkostemp(file->temporary, O_CLOEXEC);
	file->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file->file && fchmod(fd, 0666 & ~mask) == 0)
		return PM_OK;
	return fail_errno(err, errno, path);
}

static enum pm_code new_file_keep(struct new_file *file, struct pm_error *err)
{
	bool failed = fflush(file->file) != 0 || fsync(fileno(file->file)) != 0;

	if (failed)
		return fail_errno(err, errno, file->path);
	if (renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE) != 0)
		return fail_errno(err, errno, file->path);
	return PM_OK;
}

static enum pm_code write_document(const struct cli_document *document, struct json_object *object,
				   struct pm_error *err)
{
	struct new_file file;
	enum pm_code code = new_file_make(&file, document->path, err);

	if (code == PM_OK)
		code = pm_report_write(object, document->format, file.file, err);
	if (code == PM_OK)
		code = new_file_keep(&file, err);
	if (file.file)
		fclose(file.file);
	if (code != PM_OK && file.file)
		unlink(file.temporary);
	return code;
}

/* --- after the work --- */

void print_report(struct cli *cli, struct json_object *object)
{
	(void)cli;
	pm_report_write(object, PM_REPORT_TEXT, stdout, NULL); /* that stdout takes it is main's to check */
}

int cli_document_end(struct cli *cli, const struct cli_document *document, struct json_object *object, int exit_code)
{
	struct pm_error err = {0};
	enum pm_code code = PM_OK;

	if (object && document->path)
		code = write_document(document, object, &err);
	else if (object && document->asked)
		code = pm_report_write(object, document->format, stdout, &err);
	if (code != PM_OK)
		exit_code = cli_fail(cli, &err, "");
	/* what was found is told although the file could not be written */
	if (object && (document->path || !document->asked))
		return cli_result(cli, object, exit_code, print_report);
	json_object_put(object);
	return exit_code;
}

/* --- a document of a file that is there already --- */

static char *read_text(FILE *from, size_t *bytes)
{
	char *text = NULL;
	size_t room = 0, got;

	*bytes = 0;
	do {
		char *grown = room - *bytes > 65536 ? text : realloc(text, (room = room * 2 + 131072));

		if (!grown) {
			free(text);
			return NULL;
		}
		text = grown;
		got = fread(text + *bytes, 1, room - *bytes - 1, from);
		*bytes += got;
	} while (got > 0 && *bytes <= REPORT_BYTES);
	text[*bytes] = '\0';
	return text;
}

static enum pm_code parse(const char *path, const char *text, size_t bytes, struct json_object **object,
			  struct pm_error *err)
{
	struct json_tokener *tokener = json_tokener_new();
	size_t end;

	if (!tokener)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read %.200s", path);
	if (bytes <= REPORT_BYTES)
		*object = json_tokener_parse_ex(tokener, text, (int)bytes);
	end = json_tokener_get_parse_end(tokener);
	if (bytes > REPORT_BYTES || json_tokener_get_error(tokener) != json_tokener_success ||
	    end + strspn(text + end, " \t\r\n") != bytes || !json_object_is_type(*object, json_type_object)) {
		json_object_put(*object);
		*object = NULL;
		pm_fail(err, PM_E_FILE_FOREIGN, "%.200s holds no JSON object", path);
	}
	json_tokener_free(tokener);
	return *object ? PM_OK : err->code;
}

static enum pm_code read_object(const char *path, struct json_object **object, struct pm_error *err)
{
	FILE *from = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	size_t bytes = 0;
	enum pm_code code = PM_OK;
	char *text;

	if (!from)
		return fail_errno(err, errno, path);
	text = read_text(from, &bytes);
	if (!text)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read %.200s", path);
	else if (ferror(from))
		code = fail_errno(err, errno, path);
	else
		code = parse(path, text, bytes, object, err);
	free(text);
	if (from != stdin)
		fclose(from);
	return code;
}

int cli_report(struct cli *cli)
{
	struct cli_document document;
	struct json_object *object = NULL;
	struct pm_error err = {0};
	int exit_code = EXIT_OK;
	enum pm_code code;

	if (!cli_document_wanted(cli, "output", &document, &exit_code))
		return exit_code;
	if (!document.asked)
		return cli_usage_say(cli, "say --format or --output");
	code = read_object(cli->args.words[0], &object, &err);
	if (code == PM_OK && document.path)
		code = write_document(&document, object, &err);
	else if (code == PM_OK)
		code = pm_report_write(object, document.format, stdout, &err);
	json_object_put(object);
	return code == PM_OK ? EXIT_OK : cli_fail(cli, &err, "");
}

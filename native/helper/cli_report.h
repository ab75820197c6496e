/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts, comparisons and results of memory tests as documents: the options --format and --output, and files that
 * are whole or not there. */
#ifndef PMPOOL_HELPER_CLI_REPORT_H
#define PMPOOL_HELPER_CLI_REPORT_H

#include "cli.h"
#include <pmpool/report.h>

struct cli_document {
	const char *path; /* NULL: standard output */
	enum pm_report_format format;
	bool asked; /* for another form than the text that the verb prints anyhow */
};

/* From --format and the option that names the file; checked before any long work, so that a file in the way is said
 * at once. false: *exit_code says what to end with. */
bool cli_document_wanted(const struct cli *cli, const char *file_option, struct cli_document *document, int *exit_code);
/* Writes the document when one was asked for, prints the object as --json or a text when its place is free, and ends
 * with exit_code unless something failed. Takes the object; NULL (an error) only passes exit_code on. */
int cli_document_end(struct cli *cli, const struct cli_document *document, struct json_object *object, int exit_code);

/* As text on standard output. */
void print_report(struct cli *cli, struct json_object *object);

#endif

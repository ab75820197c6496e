/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the HTML page, in their order; each writes whole elements. */
#ifndef PMPOOL_REPORT_HTML_H
#define PMPOOL_REPORT_HTML_H

#include "internal.h"
#include "markup.h"

void html_style(FILE *to); /* what stands in <style> */
void html_facts(const struct report *report, FILE *to);
void html_map(const struct report *report, FILE *to);
void html_checks(const struct report *report, FILE *to);
void html_diagnoses(const struct report *report, FILE *to);
void html_tables(const struct report *report, FILE *to);

#endif

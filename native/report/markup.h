/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where text becomes HTML or XML. What it writes is well-formed in both: elements are closed, attributes
 * quoted, entities numeric or XML's own. */
#ifndef PMPOOL_REPORT_MARKUP_H
#define PMPOOL_REPORT_MARKUP_H

#include <stdio.h>

/* In content and in attributes. Line ends and tabs are kept in content. */
void markup_text(FILE *to, const char *text);
/* The same, formatted first; at most 1023 bytes of it. */
void markup_format(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* <name>text</name>, with a class unless that is NULL; both of them are ours, the text is anybody's. */
void markup_element(FILE *to, const char *name, const char *class, const char *text);
/* " name=\"value\"" */
void markup_attribute(FILE *to, const char *name, const char *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a document is what it says it is. Each answers NULL, or what is wrong with it. */
#ifndef PMPOOL_TESTS_WELL_FORMED_H
#define PMPOOL_TESTS_WELL_FORMED_H

/* XML, or HTML written so that it is XML too: elements nest and close, attributes are quoted, nothing is unescaped. */
const char *markup_wrong(const char *document);
/* A plan, and as many results, in order; nothing but results and diagnostics. */
const char *ktap_wrong(const char *document);
/* UTF-8 without controls but line ends. */
const char *plain_wrong(const char *document);
/* An object with "$schema". */
const char *json_wrong(const char *document);

#endif

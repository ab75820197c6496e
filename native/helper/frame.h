/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content-Length framing as in LSP, strict: CR LF line ends, one Content-Length of plain digits, headers of at most
 * 1 KiB, messages of at most 8 MiB. A stream that breaks a rule cannot be trusted to be in step again: it is over.
 */
#ifndef PMPOOL_HELPER_FRAME_H
#define PMPOOL_HELPER_FRAME_H

#include <pmpool/error.h>
#include <stddef.h>

#define FRAME_HEADER_MAX ((size_t)1024)
#define FRAME_BODY_MAX ((size_t)8 << 20)

struct frame_reader {
	char *data;
	size_t bytes, capacity;
	size_t taken; /* bytes of the message that was handed out last */
};

/* Append what was read. OUT_OF_MEMORY. */
enum pm_code frame_push(struct frame_reader *reader, const char *data, size_t bytes, struct pm_error *err);
/* The next message: *body stays valid until the next call; NULL when more bytes are needed. PARSE ends the stream. */
enum pm_code frame_next(struct frame_reader *reader, const char **body, size_t *bytes, struct pm_error *err);
void frame_free(struct frame_reader *reader);

#endif

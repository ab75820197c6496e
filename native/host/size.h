/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes of a kernel command line (lib/cmdline.c: memparse). */
#ifndef PMPOOL_HOST_SIZE_H
#define PMPOOL_HOST_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* A number as strtoull with base 0 reads it, and one of KMGTPE in either case; *at goes behind it. False on no digits
 * or overflow. */
bool pm_read_size(const char **at, uint64_t *value);

/* The shortest whole number with a unit: "64M", "1536K", "4097". */
void pm_write_size(uint64_t bytes, char text[32]);

#endif

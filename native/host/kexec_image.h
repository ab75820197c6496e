/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels and initrds to load: files that only root can have put there (rule 3 of docs/safety.md). */
#ifndef PMPOOL_KEXEC_IMAGE_H
#define PMPOOL_KEXEC_IMAGE_H

#include "pmpool/host.h"

/* Open for reading, after the file and every folder above it have proved to be root's and writable by nobody else,
 * none of them a link. KEXEC_KERNEL_UNTRUSTED or FILE_NOT_FOUND. On a simulated host its own user counts as root. */
enum pm_code pm_image_open(const struct pm_host *host, const char *path, int *fd, struct pm_error *err);

/* The running kernel's image. */
void pm_image_default_kernel(const struct pm_host *host, char path[1024]);
/* The initrd that belongs to a kernel's image; "" when there is none. */
void pm_image_default_initrd(const struct pm_host *host, const char *kernel, char path[1024]);

#endif

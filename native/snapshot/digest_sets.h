/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_DIGEST_SETS_H
#define PMPOOL_DIGEST_SETS_H

#include "digest.h"

extern const struct pm_digester pm_digester_plain; /* SSE2 on x86-64, NEON on arm64 */
#if defined(__x86_64__)
extern const struct pm_digester pm_digester_avx2, pm_digester_avx512;
#endif

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
#define PM_DIGESTER pm_digester_avx2
#define PM_DIGESTER_NAME "avx2"
#include "digest_pages.h"

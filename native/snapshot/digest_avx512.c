// SPDX-License-Identifier: GPL-2.0-or-later
#define PM_DIGESTER pm_digester_avx512
#define PM_DIGESTER_NAME "avx512"
#include "digest_pages.h"

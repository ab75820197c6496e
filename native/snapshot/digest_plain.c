// SPDX-License-Identifier: GPL-2.0-or-later
#define PM_DIGESTER pm_digester_plain
#define PM_DIGESTER_NAME "plain"
#include "digest_pages.h"

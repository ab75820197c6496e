/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_BASE64_H
#define PMPOOL_HELPER_BASE64_H

#include "host/base64.h"

#endif

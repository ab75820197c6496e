/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the contract in main/api/hostMethods.ts that changes something. */
#ifndef PMPOOL_HELPER_ACT_RESERVATION_H
#define PMPOOL_HELPER_ACT_RESERVATION_H

#include "call.h"

extern const struct param reservation_params[], reservation_id_params[];

enum pm_code act_reservation_plan(struct call *call);
enum pm_code act_reservation_keep(struct call *call);
enum pm_code act_reservation_list(struct call *call);
enum pm_code act_reservation_forget(struct call *call);

#endif

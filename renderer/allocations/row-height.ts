// SPDX-License-Identifier: GPL-2.0-or-later
/** CSS pixels; --row of style/tokens.css. */
export const rowHeight = 26

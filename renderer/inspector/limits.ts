// SPDX-License-Identifier: GPL-2.0-or-later
/** Limits of the contract (main/api/inspectMethods.ts), which the page imports as types only. */

/** Longest thing that memory/search looks for. */
export const needleMost = 4096
/** Most bytes that one memory/write carries. */
export const writeMost = 1 << 16
/** Most bytes that one read carries. */
export const readMost = 1 << 20
/** Most hits that one memory/search answers. */
export const hitsMost = 10_000

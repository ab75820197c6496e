// SPDX-License-Identifier: GPL-2.0-or-later
/** cellFlags of main/api/mapMethods.ts, which the page cannot import for its schemas: the types hold the two together. */
import type { cellFlags as contract } from '@api'

export const cellFlags = { free: 1, metadata: 2, allocated: 4, first: 8, bad: 16, absent: 32 } as const satisfies {
  -readonly [K in keyof typeof contract]: (typeof contract)[K]
}

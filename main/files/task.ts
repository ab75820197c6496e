// SPDX-License-Identifier: GPL-2.0-or-later
/** Somebody waits for a long act: who wants to hear how far it is, and may end it. */
export interface Task {
  /** bytes */
  readonly progress?: ((value: { done: number; total: number }) => void) | undefined
  readonly signal: AbortSignal
}

// SPDX-License-Identifier: GPL-2.0-or-later
import type { LabError } from '@api'

/** Words alone: case, stops and quotes do not make another sentence. */
const words = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** An error's reason, when it says more than the message that stands above it. */
export function newReason(error: Pick<LabError, 'message' | 'reason'> | null): string {
  if (!error?.reason) return ''
  return words(error.message).includes(words(error.reason)) ? '' : error.reason
}

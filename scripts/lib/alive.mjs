// SPDX-License-Identifier: GPL-2.0-or-later
import { readFileSync } from 'node:fs'

/**
 * Whether a process runs; one that has ended and only waits for its parent to take notice does not.
 * @param {number} pid
 */
export function alive(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

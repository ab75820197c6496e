// SPDX-License-Identifier: GPL-2.0-or-later
/** A check that passed because nothing was there to look at proves nothing: it is told apart from one that did. */
import type { Check } from '@api'

export type Standing = Check['level'] | 'not known' | 'not asked'

/** The contract has no level for it, so the evidence tells. By id; what the helper of this version says. */
const nothingToGoBy: Readonly<Record<string, RegExp>> = {
  'strict-devmem': / is not there/,
  'secure-boot': /^UEFI without a variable/,
  'load-disabled': /^kexec_load_disabled is absent/,
  'already-loaded': / is absent/,
  kho: /^No kho= .* is not there/,
  cma: /^No cma= .* not told/,
  'hot-plug': /^auto_online_blocks is not there/
}
const simulated = /^A simulated host /

export function standingOf({ id, level, detail }: Check): Standing {
  if (level !== 'pass') return level
  if (simulated.test(detail)) return 'not asked'
  return nothingToGoBy[id]?.test(detail) ? 'not known' : 'pass'
}

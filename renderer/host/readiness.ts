// SPDX-License-Identifier: GPL-2.0-or-later
/** What the checks of a host's readiness mean, and the commands in their remedies. */
import type { Check } from '@api'

/** By the id of the check without the number of its region; what is not here explains itself. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /memmap|reserv|region/,
    'Only the command line keeps this memory from being handed out as ordinary RAM. What becomes RAM is overwritten.'
  ],
  [
    /iomem/,
    'The kernel’s own map decides what it uses. What it lists as System RAM is not reserved, whatever was meant.'
  ],
  [
    /dev-?mem/,
    'The helper maps a reserved range through /dev/mem. Without it the pool is there and cannot be reached.'
  ],
  [
    /lockdown|secure/,
    'Lockdown, the default under Secure Boot, closes /dev/mem and takes only signed kernels for a kexec.'
  ],
  [
    /load-?(disabled|limit)|kexec-?load/,
    'A kernel that refuses to load another one can only be left by a cold boot, which clears memory.'
  ],
  [
    /kaslr|memmap-count/,
    'The kernel places itself at random, around at most four reserved ranges. It may land on a fifth.'
  ],
  [/crash/, 'The crash kernel is loaded into memory of its own. Where that overlaps a region, a load overwrites it.'],
  [/kernel|initrd|image/, 'The next kernel and its initrd have to be there before the jump.'],
  [/systemd|logind|target/, 'systemd shuts services down in order before the jump.'],
  [
    /kho/,
    'With KHO on, the next kernel is loaded into scratch memory only, and a mismatch of formats drops the handed over state.'
  ],
  [/cma/, 'A CMA area is ordinary RAM that is lent out: it must not overlap a region.'],
  [/reserve-?mem/, 'reserve_mem= keeps memory at an address that may change with each boot.'],
  [/cmdline/, 'The next kernel gets its reservation by its command line alone.']
]

export const meaningOf = ({ id }: Check): string => meanings.find(([pattern]) => pattern.test(id))?.[1] ?? ''

const starts = /^(?:sudo|sysctl|systemctl|mokutil|modprobe|update-grub|grub-mkconfig|kexec|mount|echo|pmpool|apt|dnf)\b/

/** Commands that a remedy quotes in backticks, or writes on a line of their own. */
export function commandsOf(remedy: string): string[] {
  const quoted = [...remedy.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
  const lines = remedy
    .split('\n')
    .map((line) => line.trim().replace(/^[$#] /, ''))
    .filter((line) => starts.test(line) && !line.endsWith('.'))
  return [...new Set([...quoted.filter((text) => starts.test(text)), ...lines])]
}

// SPDX-License-Identifier: GPL-2.0-or-later
/** What the checks of a host's readiness mean, and the commands in their remedies. */
import type { Check } from '@api'
import { partsOf } from '../composables/code-text.ts'

/** By the id of a check, without the number of its region. */
const meanings: Record<string, string> = {
  rights: 'Without addresses nobody can tell where a region is, and whether it is reserved.',
  'memmap-eaten':
    'A boot loader or a shell read $ and what follows as a variable. What arrives names another range, or cuts RAM off.',
  'mem-limit': 'Memory above the limit belongs to nobody: no driver and no region may count on it.',
  'now-reserved':
    'Only the command line keeps a range from being used as ordinary RAM. Command line, memory map and firmware have to tell the same story.',
  'dev-mem': 'The helper maps a reserved range through /dev/mem. Without it the pool is there and cannot be reached.',
  'strict-devmem': 'It decides what /dev/mem gives to root: reserved ranges only, or all of RAM.',
  'secure-boot':
    'Under Secure Boot most distributions lock the kernel down, which closes /dev/mem and wants signed kernels.',
  'pmem-driver': 'A driver that holds the range keeps /dev/mem out of it, and may write to it.',
  'kexec-file': 'kexec_file_load is the only way to load a kernel that stays off the region.',
  'load-disabled': 'A host that may not load a kernel can only be left by a cold boot, which clears memory.',
  lockdown: 'Lockdown refuses /dev/mem, and takes only signed kernels for a kexec.',
  'kernel-file': 'Whoever can write the next kernel decides what it does with the region.',
  'initrd-file': 'Most kernels find no root file system without theirs.',
  'cmdline-length': 'The next kernel gets its reservation by the command line alone: one that is cut off loses it.',
  'kaslr-ranges': 'The kernel places itself at random, around at most four reserved ranges. It may land on a fifth.',
  crashkernel: 'The crash kernel is loaded into memory of its own. Where that overlaps a region, a load overwrites it.',
  systemd: 'What ends before the jump: with systemd running, services and mounts are shut down in order.',
  'already-loaded': 'Any reboot jumps into what is loaded, with the command line it was loaded with.',
  'kexec-target':
    'What comes last: kexec.target makes the jump itself. Without that unit the host would really reboot.',
  'auto-kexec': 'A reboot then loads the default boot entry, with that entry’s options and not with the plan’s.',
  kho: 'The next kernel is loaded into scratch memory only, and a mismatch of formats drops what was handed over.',
  cma: 'A CMA area is ordinary RAM that is lent out: it must not overlap a region.',
  'reserve-mem': 'It keeps memory at an address that may change with each boot, and that /dev/mem refuses.',
  'hot-plug': 'Memory that is added at run time can be put to use at once, a devdax device too.'
}

/** Empty: the check explains itself. */
export const meaningOf = ({ id }: Check): string => meanings[id] ?? meanings[id.replace(/-\d+$/, '')] ?? ''

/** Two that sound alike say beside their evidence how they differ; what the others mean matters when they do not pass. */
const alike: readonly string[] = ['systemd', 'kexec-target']
export const differenceOf = (check: Check): string => (alike.includes(check.id) ? meaningOf(check) : '')

const programs =
  /^(?:sudo|sysctl|systemctl|mokutil|modprobe|update-grub|grub-mkconfig|kexec|mount|echo|pmpool|ndctl|daxctl)\s/

/** Commands that a remedy quotes in backticks; one with a word in capitals wants that filled in first. */
export const commandsOf = (remedy: string): string[] =>
  partsOf(remedy)
    .filter(({ text, code }) => code && programs.test(text) && !/\b[A-Z]{4,}\b/.test(text))
    .map(({ text }) => text)

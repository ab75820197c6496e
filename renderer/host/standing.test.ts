// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, it } from 'vitest'
import type { Check } from '@api'
import { standingOf } from './standing.ts'

it.each([
  ['strict-devmem', 'CONFIG_STRICT_DEVMEM=y in /boot/config-6.1.0.', 'pass'],
  ['strict-devmem', '/boot/config-6.1.0 is not there; a region was mapped all the same.', 'not known'],
  ['kho', 'No kho= on the command line; /sys/kernel/debug/kho is not there.', 'not known'],
  ['kho', 'kho=off on the command line; /sys/kernel/debug/kho is not there.', 'pass'],
  ['cma', 'No cma= on the command line, CmaTotal not told.', 'not known'],
  ['cma', 'No cma= on the command line, CmaTotal 0 kB.', 'pass'],
  ['hot-plug', 'auto_online_blocks is not there; no devdax device is in use.', 'not known'],
  ['hot-plug', 'auto_online_blocks is offline; no devdax device is in use.', 'pass'],
  ['secure-boot', 'UEFI without a variable SecureBoot that can be read.', 'not known'],
  ['secure-boot', 'No /sys/firmware/efi: no UEFI, no Secure Boot.', 'pass'],
  ['already-loaded', '/sys/kernel/kexec_loaded is absent.', 'not known'],
  ['auto-kexec', '/etc/default/kexec is not there.', 'pass'], // without it nothing loads a kernel by itself
  ['systemd', 'A simulated host boots by itself.', 'not asked'],
  ['kexec-target', '/lib/systemd/system/kexec.target; process 1 is systemd.', 'pass']
] as const)('%s: %s', (id, detail, standing) =>
  expect(standingOf({ id, level: 'pass', title: '', detail, remedy: '' })).toBe(standing)
)

it.each(['warn', 'fail'] as const)('a %s stays one', (level) => {
  const check: Check = { id: 'cma', level, title: '', detail: 'No cma= …, CmaTotal not told', remedy: '' }
  expect(standingOf(check)).toBe(level)
})

// SPDX-License-Identifier: GPL-2.0-or-later
/** What physical memory is used for, by the names that /proc/iomem and the firmware give it. */
import type { HostMemory } from '@api'

export const kinds = [
  'ram',
  'reserved',
  'acpi',
  'pmem',
  'device',
  'crashkernel',
  'kernel',
  'region',
  'pool',
  'node',
  'difference',
  'free',
  'other'
] as const
export type Kind = (typeof kinds)[number]

export const kindTitles: Record<Kind, string> = {
  ram: 'System RAM',
  reserved: 'Reserved',
  acpi: 'ACPI',
  pmem: 'Persistent memory',
  device: 'MMIO and PCI',
  crashkernel: 'Crash kernel',
  kernel: 'Kernel image',
  region: 'Region',
  pool: 'Pool',
  node: 'NUMA node',
  difference: 'Difference',
  free: 'Can be reserved',
  other: 'Other'
}

/** The first that matches decides; what nothing matches is a device's. */
const names: readonly (readonly [RegExp, Kind])[] = [
  [/^System RAM/i, 'ram'],
  [/^Crash kernel/i, 'crashkernel'],
  [/^Kernel (code|rodata|data|bss)/i, 'kernel'],
  [/ACPI/i, 'acpi'],
  [/persistent memory|^namespace\d|^dax\d|^nfit|^btt/i, 'pmem'],
  [/reserved|^RAM buffer|^Video ROM|^System ROM|unusable|e820 type/i, 'reserved']
]

/** Of a line of /proc/iomem or a type of /sys/firmware/memmap. */
export const kindOfName = (name: string): Kind => names.find(([pattern]) => pattern.test(name))?.[1] ?? 'device'

const options: Record<HostMemory['options'][number]['kind'], Kind> = {
  reserved: 'reserved',
  pmem: 'pmem',
  acpi: 'acpi',
  ram: 'ram',
  pmpool: 'region',
  crashkernel: 'crashkernel',
  limit: 'other',
  other: 'other'
}
export const kindOfOption = (kind: HostMemory['options'][number]['kind']): Kind => options[kind]

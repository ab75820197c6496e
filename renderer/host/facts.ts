// SPDX-License-Identifier: GPL-2.0-or-later
/** What is told of a range of physical memory, and the forms in which its address is pasted elsewhere. */
import type { HostMemory } from '@api'
import { formatBytes, formatCount, formatHex, pageBytes } from '../composables/format.ts'
import { endOf, laneSources, type MapItem } from './items.ts'
import { kindTitles } from './kinds.ts'

type Range = { readonly base: number; readonly size: number }

export const formatRange = (range: Range): string => `${formatHex(range.base)} – ${formatHex(endOf(range) - 1)}`

/** First and last page frame number that it touches. */
export function formatPfns({ base, size }: Range): string {
  const first = Math.floor(base / pageBytes)
  const last = Math.floor((base + size - 1) / pageBytes)
  const pages = `${formatCount(last - first + 1)} page${first === last ? '' : 's'}`
  return first === last ? `${formatHex(first)}, ${pages}` : `${formatHex(first)} – ${formatHex(last)}, ${pages}`
}

/** A line of what it is, for tip and status. */
export function describeItem(item: MapItem): { title: string; lines: string[] } {
  const depth = item.lane === 'kernel' && item.row > 0 ? [`depth ${item.row}`] : []
  return {
    title: item.name,
    lines: [
      formatRange(item),
      [formatBytes(item.size), kindTitles[item.kind], ...depth].join(' · '),
      laneSources[item.lane]
    ]
  }
}

const units = [
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10]
] as const

/** As memmap= reads it: the largest unit that divides it, else bytes. */
export function kernelSize(bytes: number): string {
  const unit = units.find(([, factor]) => bytes >= factor && bytes % factor === 0)
  return unit ? `${bytes / unit[1]}${unit[0]}` : formatHex(bytes)
}

/** A shell's single quotes: an unquoted $ is eaten. */
const quoted = (text: string): string => `'${text}'`

export interface CopyForm {
  readonly what: string
  readonly text: string
  /** what to know before it is used; empty: nothing */
  readonly hint: string
}

export function copyForms(range: Range): CopyForm[] {
  const first = Math.floor(range.base / pageBytes)
  const pages = Math.ceil(endOf(range) / pageBytes) - first
  return [
    { what: 'address', text: formatHex(range.base), hint: '' },
    { what: 'range', text: `${formatHex(range.base)}-${formatHex(endOf(range) - 1)}`, hint: '' },
    {
      what: 'memmap=',
      text: `memmap=${kernelSize(range.size)}$${formatHex(range.base)}`,
      hint: 'As it has to arrive in /proc/cmdline. GRUB and shells eat an unescaped $: the planner writes the line for each.'
    },
    {
      what: 'dd',
      text: `dd if=${quoted('/dev/mem')} of=${quoted('memory.bin')} bs=${pageBytes} skip=${first} count=${pages}`,
      hint: 'The kernel refuses System RAM, and read() above the end of RAM: there pmpool read maps the memory instead.'
    }
  ]
}

type Difference = HostMemory['differences'][number]

/** Why firmware and kernel do not say the same of a range, as far as it can be told. */
export function explainDifference({ base, firmware, kernel, option }: Difference): string {
  const [says, becomes] = [firmware || 'nothing', kernel || 'nothing']
  if (option) return `The firmware says ${says}; the command line makes it ${becomes} by ${option}. This is as meant.`
  const told = `The firmware says ${says}, the kernel says ${becomes}, and no option of the command line explains it.`
  if (firmware === 'System RAM' && base < 2 ** 20)
    return `${told} Below 1 MiB the kernel always keeps the first page and the BIOS area to itself.`
  if (firmware === 'System RAM' && kernel === '')
    return `${told} A limit (mem=, or a memmap= whose $ was eaten) or a hole left for alignment takes RAM out of use.`
  if (firmware === 'System RAM')
    return `${told} The kernel took it early in the boot for itself: setup data, a crash kernel, or tables it found there.`
  if (kernel.startsWith('System RAM'))
    return `${told} RAM that the firmware does not name was added later (hotplug), or by memmap=SIZE@BASE.`
  return `${told} A driver or a table of ACPI named it later.`
}

// SPDX-License-Identifier: GPL-2.0-or-later
/** An allocation as it is pasted elsewhere. */
import type { Allocation } from '@api'
import { commandLine, shellWord } from '../composables/command-line.ts'
import { formatHex, pageBytes } from '../composables/format.ts'

export interface CopyContext {
  readonly pool: string
  /** directory of a simulated host; its memory is a file there */
  readonly simulate?: string | undefined
}

const sizeUnits = [
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10]
] as const

/** As the kernel's memparse reads it: 2M, 1200K. */
export function kernelSize(bytes: number): string {
  const unit = sizeUnits.find(([, factor]) => bytes % factor === 0)
  return unit ? `${bytes / unit[1]}${unit[0]}` : String(bytes)
}

const bytesOf = ({ pages }: Allocation): number => pages * pageBytes
const memmap = (each: Allocation): string => `memmap=${kernelSize(bytesOf(each))}$${formatHex(each.address)}`

/** Of an allocation, to name a file or a variable; never empty. */
export const labelOf = ({ record, page }: Allocation): string => record?.name ?? `page-${page}`
export const fileNameOf = (each: Allocation): string =>
  `${
    labelOf(each)
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[.-]+/, '') || `page-${each.page}`
  }.bin`
/** The word before = on a kernel command line. */
const argumentOf = (each: Allocation): string => labelOf(each).replace(/[^A-Za-z0-9._-]+/g, '_')

const cString = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
const initialiser = (each: Allocation): string =>
  `{ .name = ${cString(labelOf(each))}, .base = ${formatHex(each.address)}ULL, .size = ${formatHex(bytesOf(each))}ULL },`

function json(list: readonly Allocation[]): string {
  const plain = list.map((each) => ({ ...each, size: bytesOf(each) }))
  return JSON.stringify(plain.length === 1 ? plain[0] : plain, null, 2)
}

type Line = (allocation: Allocation, context: CopyContext) => string
const forms: readonly (readonly [id: string, title: string, line: Line])[] = [
  ['address', 'Address', (each) => formatHex(each.address)],
  ['address-decimal', 'Address, decimal', (each) => String(each.address)],
  ['pfn', 'Page frame number', (each) => formatHex(each.pfn)],
  ['page', 'Page index', (each) => String(each.page)],
  ['size', 'Size in bytes', (each) => String(bytesOf(each))],
  ['range', 'Range, as in /proc/iomem', (each) => iomemRange(each)],
  ['memmap', 'memmap= argument', memmap],
  // /etc/default/grub is read by a shell first, the file it makes by GRUB: each takes a backslash before the $
  ['memmap-grub', 'memmap= for /etc/default/grub', (each) => memmap(each).replace('$', '\\\\\\$')],
  [
    'argument',
    'Kernel argument',
    (each) => `${argumentOf(each)}=${formatHex(each.address)},${kernelSize(bytesOf(each))}`
  ],
  ['gdb-examine', 'GDB: examine', (each) => `x/${Math.min(512, bytesOf(each) / 8)}gx ${formatHex(each.address)}`],
  [
    'gdb-dump',
    'GDB: dump to a file',
    (each) =>
      `dump binary memory ${fileNameOf(each)} ${formatHex(each.address)} ${formatHex(each.address + bytesOf(each))}`
  ],
  ['c', 'C initialiser', initialiser],
  [
    'dd',
    'dd command',
    (each, { simulate }) =>
      `dd if=${simulate === undefined ? '/dev/mem' : shellWord(`${simulate.replace(/\/$/, '')}/dev/mem`)} ` +
      `of=${fileNameOf(each)} bs=4096 skip=${each.pfn} count=${each.pages}`
  ],
  [
    'pmpool',
    'pmpool command',
    (each, { pool, simulate }) => commandLine('read', [pool, wordOf(each), fileNameOf(each)], [], simulate)
  ]
]

const iomemRange = (each: Allocation): string => {
  const hex = (value: number): string => value.toString(16).padStart(8, '0')
  return `${hex(each.address)}-${hex(each.address + bytesOf(each) - 1)}`
}
/** An allocation as a word of the command line: by its page, which no name is mistaken for. */
export const wordOf = ({ page }: Allocation): string => `page:${page}`

/** In the order of the menu. */
export const formTitles: readonly { readonly id: string; readonly title: string }[] = [
  ...forms.map(([id, title]) => ({ id, title })),
  { id: 'json', title: 'JSON' }
]

/** Of several allocations a line each, or one list. */
export function copyForm(list: readonly Allocation[], context: CopyContext, id: string): string {
  const line = forms.find((form) => form[0] === id)?.[2]
  return line ? list.map((each) => line(each, context)).join('\n') : json(list)
}

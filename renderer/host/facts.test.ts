// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { copyForms, describeItem, explainDifference, formatPfns, kernelSize } from './facts.ts'
import { itemsOf } from './items.ts'
import { guest } from './recorded.ts'

const gib = 2 ** 30
const region = { base: 5 * gib, size: gib }
const form = (what: string): string => copyForms(region).find((each) => each.what === what)?.text ?? ''

describe('a range to paste elsewhere', () => {
  it.each([
    ['address', '0x140000000'],
    ['range', '0x140000000-0x17fffffff'],
    ['memmap=', 'memmap=1G$0x140000000'],
    ['dd', "dd if='/dev/mem' of='memory.bin' bs=4096 skip=1310720 count=262144"]
  ])('%s', (what, text) => expect(form(what)).toBe(text))

  it.each([
    [gib, '1G'],
    [1536 * 2 ** 20, '1536M'],
    [2 ** 40, '1T'],
    [4096, '4K'],
    [1000, '0x3e8']
  ])('%d bytes as memmap= reads them: %s', (bytes, text) => expect(kernelSize(bytes)).toBe(text))

  it('counts the pages that it touches', () => {
    expect(formatPfns({ base: 0x9fc00, size: 0x400 })).toBe('0x9f, 1 page')
    expect(formatPfns(region)).toBe('0x140000 – 0x17ffff, 262,144 pages')
  })
})

it('an item says its name, range, size, depth and source', () => {
  const code = itemsOf(guest).find(({ name }) => name === 'Kernel code')!
  expect(describeItem(code)).toEqual({
    title: 'Kernel code',
    lines: ['0x1000000 – 0x1ffffff', '16 MiB · Kernel image · depth 1', '/proc/iomem']
  })
})

describe('a difference is explained', () => {
  const base = 5 * gib
  const size = gib
  it.each([
    ['by the option', { base, size, firmware: 'System RAM', kernel: 'Reserved', option: 'memmap=1G$5G' }, 'as meant'],
    ['below 1 MiB', { base: 0, size, firmware: 'System RAM', kernel: 'Reserved', option: '' }, 'first page'],
    ['RAM out of use', { base, size, firmware: 'System RAM', kernel: '', option: '' }, 'mem=, or a memmap='],
    ['taken early', { base, size, firmware: 'System RAM', kernel: 'Reserved', option: '' }, 'early in the boot'],
    ['RAM that was added', { base, size, firmware: '', kernel: 'System RAM', option: '' }, 'hotplug'],
    ['else', { base, size, firmware: 'Reserved', kernel: 'PCI Bus 0000:00', option: '' }, 'named it later']
  ])('%s', (_name, difference, text) => expect(explainDifference(difference)).toContain(text))
})

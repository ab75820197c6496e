// SPDX-License-Identifier: GPL-2.0-or-later
/** What is typed to find allocations: words, and conditions such as `owner:vfio`, `size:>1M`, `age:<1d`, `unnamed`. */
import type { Allocation } from '@api'
import { pageBytes, parseSize } from '../composables/format.ts'

export type Test = (allocation: Allocation) => boolean

export interface Filter {
  /** all of them have to hold */
  readonly tests: readonly Test[]
  /** what is wrong with the first condition that could not be read; the rest holds */
  readonly wrong: string | null
}

export interface FilterContext {
  /** milliseconds since 1970 */
  readonly now: number
  /** the running boot */
  readonly bootId: string
}

/** For the page's help, and for its test: every form there is. */
export const filterForms: readonly (readonly [form: string, finds: string])[] = [
  ['dma ring', 'name, owner or purpose holds every word; also page indexes and 0x addresses'],
  ['"dma ring"', 'these words in this order'],
  ['owner:vfio', 'likewise name and purpose; owner:=vfio is the whole text, owner:="" none'],
  ['order:>=9', 'likewise pages, page and pfn; > >= < <= or a range, order:3..9'],
  ['size:>1M', 'likewise address; 4K, 1.5G or 0x100000000'],
  ['age:<1d', 'made less than a day ago; s, min, h, d, w; unnamed ones have no age'],
  ['boot:running', 'made in the running boot; boot:earlier, boot:3f2a by its id'],
  ['unnamed', 'without a record; named with one'],
  ['-owner:vfio', 'a minus before any of these: the others']
]

interface Condition {
  readonly field: string | null
  readonly value: string
  readonly quoted: boolean
  readonly negated: boolean
  readonly text: string
}

const pattern = /(-?)(?:([a-z]+):)?(=?"[^"]*"?|\S+)/gi

function* conditionsOf(text: string): Generator<Condition> {
  for (const [whole, minus, field, raw] of text.matchAll(pattern)) {
    const quoted = /^=?"/.test(raw!)
    yield {
      field: field?.toLowerCase() ?? null,
      value: quoted ? raw!.replaceAll('"', '') : raw!,
      quoted,
      negated: minus === '-',
      text: whole
    }
  }
}

/** What a value means to a field, or a sentence that says what is wrong with it. */
type Reader = (value: string, context: FilterContext) => Test | string

const fields: Record<string, Reader> = {
  name: (value) => ofText(value, ({ record }) => record?.name),
  owner: (value) => ofText(value, ({ record }) => record?.owner),
  purpose: (value) => ofText(value, ({ record }) => record?.purpose),
  page: (value) => ofNumber(value, count, ({ page }) => page, 'A page is a whole number, as page:>=4096.'),
  pfn: (value) => ofNumber(value, count, ({ pfn }) => pfn, 'A page frame number is a whole number, as pfn:0x100000.'),
  pages: (value) => ofNumber(value, count, ({ pages }) => pages, 'A page count is a whole number, as pages:>300.'),
  order: (value) => ofNumber(value, count, ({ pages }) => Math.log2(pages), 'An order is a number, as order:>=9.'),
  size: (value) => ofNumber(value, parseSize, ({ pages }) => pages * pageBytes, 'A size is written as size:>1M.'),
  address: (value) =>
    ofNumber(value, parseSize, ({ address }) => address, 'An address is written as address:>=0x100000000.'),
  age: (value, { now }) => ofAge(value, now),
  boot: (value, { bootId }) => ofBoot(value.toLowerCase(), bootId)
}

export function parseFilter(text: string, context: FilterContext): Filter {
  const tests: Test[] = []
  let wrong: string | null = null
  for (const condition of conditionsOf(text)) {
    const test = read(condition, context)
    if (typeof test === 'string') wrong ??= `${condition.text}: ${test} It is left out.`
    else tests.push(condition.negated ? (each) => !test(each) : test)
  }
  return { tests, wrong }
}

function read({ field, value, quoted, negated, text }: Condition, context: FilterContext): Test | string {
  if (field === null) {
    if (!quoted && value.toLowerCase() === 'unnamed') return ({ record }) => record === null
    if (!quoted && value.toLowerCase() === 'named') return ({ record }) => record !== null
    return ofWord(value)
  }
  const reader = fields[field]
  if (!reader)
    return `There is no condition ${field}:; write "${negated ? text.slice(1) : text}" to look for these characters.`
  return reader(value, context)
}

const holding = (word: string): RegExp => new RegExp(word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i')

function ofWord(word: string): Test {
  const like = holding(word)
  const inRecord: Test = ({ record }) =>
    record !== null && (like.test(record.name) || like.test(record.owner) || like.test(record.purpose))
  if (/^0x[0-9a-f]+$/i.test(word)) {
    const digits = word.toLowerCase()
    return (each) => inRecord(each) || `0x${each.address.toString(16)}`.includes(digits)
  }
  if (/^\d[\d,]*$/.test(word)) {
    const digits = word.replaceAll(',', '')
    return (each) => inRecord(each) || String(each.page).includes(digits)
  }
  return inRecord
}

function ofText(value: string, textOf: (allocation: Allocation) => string | undefined): Test {
  if (value.startsWith('=')) {
    const wanted = value.slice(1).toLowerCase()
    return (each) => textOf(each)?.toLowerCase() === wanted
  }
  const like = holding(value)
  return (each) => like.test(textOf(each) ?? '')
}

type Compare = (value: number) => boolean

/** `>3`, `>=3`, `3..9` or `3`; null when a number in it is none. */
function comparison(value: string, parse: (text: string) => number | null): Compare | null {
  const range = /^(.+?)\.\.(.+)$/.exec(value)
  if (range) {
    const [from, to] = [parse(range[1]!), parse(range[2]!)]
    return from === null || to === null ? null : (each) => each >= from && each <= to
  }
  const [, sign, rest] = /^(>=|<=|>|<|=)?(.*)$/.exec(value)!
  const than = parse(rest!)
  if (than === null) return null
  if (sign === '>') return (each) => each > than
  if (sign === '>=') return (each) => each >= than
  if (sign === '<') return (each) => each < than
  if (sign === '<=') return (each) => each <= than
  return (each) => each === than
}

function count(text: string): number | null {
  const digits = text.replaceAll(',', '')
  return /^(\d+|0x[0-9a-f]+)$/i.test(digits) ? Number(digits) : null
}

function ofNumber(
  value: string,
  parse: (text: string) => number | null,
  numberOf: (allocation: Allocation) => number,
  wrong: string
): Test | string {
  const holds = comparison(value, parse)
  return holds ? (each) => holds(numberOf(each)) : wrong
}

const milliseconds: Record<string, number> = { s: 1e3, min: 6e4, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 }

function duration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(s|min|m|h|d|w)$/i.exec(text)
  return match ? Number(match[1]) * milliseconds[match[2]!.toLowerCase()]! : null
}

function ofAge(value: string, now: number): Test | string {
  const holds = /^[<>]|\.\./.test(value) ? comparison(value, duration) : null
  if (!holds) return 'An age is compared: age:<1d, age:>=2h or age:1d..1w.'
  return ({ record }) => record !== null && holds(now - record.createdAt)
}

function ofBoot(value: string, running: string): Test | string {
  if (value === 'running') return ({ record }) => record?.bootId === running
  if (value === 'earlier') return ({ record }) => record !== null && record.bootId !== running
  if (!/^[0-9a-f-]+$/.test(value)) return 'A boot is running, earlier, or the beginning of its id.'
  return ({ record }) => record?.bootId.startsWith(value) ?? false
}

// SPDX-License-Identifier: GPL-2.0-or-later
/** Where a typed place is: an address, a pfn, a page, an offset of the pool, the name of a record, or so far from here. */
import { formatCount, formatHex, pageBytes } from '../composables/format.ts'
import type { PoolSpace } from './space.ts'

export interface Target {
  readonly offset: number
  /** how it was understood: "page 12" */
  readonly as: string
}
export type Goal = { readonly target: Target; readonly wrong: null } | { readonly target: null; readonly wrong: string }

interface NamedAllocation {
  readonly page: number
  readonly record: { readonly name: string } | null
}

const number = '(0x[0-9a-f]+|\\d[\\d,_]*)'
const relative = new RegExp(`^([+-])\\s*${number}$`, 'i')
const withWord = new RegExp(`^(page|pfn|offset|address)\\s*:?\\s*${number}(?:\\s*\\+\\s*${number})?$`, 'i')
const bare = new RegExp(`^${number}(?:\\s*\\+\\s*${number})?$`, 'i')

const value = (text: string | undefined): number => (text === undefined ? 0 : Number(text.replace(/[,_]/g, '')))
const wrong = (text: string): Goal => ({ target: null, wrong: text })

/** The readings of a number, in the order in which they are tried. */
function readings(space: PoolSpace, plain: number): Record<'address' | 'pfn' | 'page' | 'offset', Target | null> {
  const inside = (offset: number | null, as: string): Target | null =>
    offset !== null && offset >= 0 && offset < space.size ? { offset, as } : null
  const shown = formatHex(plain)
  return {
    address: inside(space.offsetOf(plain), `address ${shown}`),
    pfn: inside(plain <= 2 ** 41 ? space.offsetOf(plain * pageBytes) : null, `pfn ${shown}`),
    page: inside(plain * pageBytes, `page ${formatCount(plain)}`),
    offset: inside(plain, `offset ${shown}`)
  }
}

/** `here` is the cursor, for + and -. A hex number is an address before it is a pfn, a decimal one a page before that. */
export function parseGoal(text: string, space: PoolSpace, here: number, allocations: readonly NamedAllocation[]): Goal {
  const typed = text.trim()
  if (typed === '') return wrong('An address, "page 12", "pfn 0x100", "offset 0x1000", a name, or +0x40.')
  const step = relative.exec(typed)
  if (step) {
    const offset = here + (step[1] === '-' ? -1 : 1) * value(step[2])
    if (offset < 0 || offset >= space.size) return wrong('That is outside the pool.')
    return { target: { offset, as: `${typed} from the cursor` }, wrong: null }
  }
  const named = byName(typed, allocations)
  if (named) return { target: named, wrong: null }
  const match = withWord.exec(typed) ?? bare.exec(/^(?=.*[a-f])[0-9a-f]{4,}$/i.test(typed) ? `0x${typed}` : typed)
  if (!match) return wrong('No record has this name, and it is no address.')
  const worded = match.length === 4
  const [word, plain, more] = worded ? [match[1]!.toLowerCase(), match[2], match[3]] : ['', match[1], match[2]]
  const all = readings(space, value(plain))
  const target = worded
    ? all[word as keyof typeof all]
    : /^0x/i.test(plain ?? '')
      ? (all.address ?? all.pfn ?? all.offset)
      : (all.page ?? all.address ?? all.pfn)
  if (!target) return wrong('That is not in the pool.')
  const offset = target.offset + value(more)
  if (offset >= space.size) return wrong('That is outside the pool.')
  return { target: { offset, as: more ? `${target.as} + ${formatHex(value(more))}` : target.as }, wrong: null }
}

function byName(typed: string, allocations: readonly NamedAllocation[]): Target | null {
  const lower = typed.toLowerCase()
  const name = ({ record }: NamedAllocation): string => record?.name ?? ''
  const found =
    allocations.find((each) => name(each) === typed) ??
    (/^[\d+-]/.test(typed)
      ? undefined
      : (allocations.find((each) => name(each).toLowerCase().startsWith(lower)) ??
        allocations.find((each) => name(each).toLowerCase().includes(lower))))
  return found ? { offset: found.page * pageBytes, as: `record ${name(found)}` } : null
}

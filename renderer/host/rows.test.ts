// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { Axis } from './axis.ts'
import { childrenOf, itemsOf, parentOf, type MapItem } from './items.ts'
import { fitted, whole } from './lens.ts'
import { guest, laptop } from './recorded.ts'
import { boxOf, itemAt, neighbourOf, pictureOf, verticalOf, type Shown } from './rows.ts'

const gib = 2 ** 30
const items = itemsOf(guest)
const shown: Shown = {
  items,
  hidden: new Set(),
  picture: pictureOf(items),
  lens: whole(new Axis('folded', items, guest.end), 1200)
}
const named = (name: string, lane = 'kernel'): MapItem =>
  items.find((item) => item.name === name && item.lane === lane) as MapItem

describe('the picture', () => {
  it('has a lane for each source that says something, one under the other', () => {
    expect(shown.picture.lanes.map(({ lane }) => lane)).toEqual([
      'kernel',
      'firmware',
      'differences',
      'options',
      'nodes',
      'regions',
      'free'
    ])
    expect(pictureOf(itemsOf({ ...guest, firmware: null, differences: [] })).lanes).toHaveLength(5)
  })

  it('nests by depth: kernel code lies in System RAM, one row below', () => {
    const code = named('Kernel code')
    expect(code.row).toBe(1)
    expect(parentOf(items, code)).toMatchObject({ name: 'System RAM', base: 0x100000 })
    expect(childrenOf(items, parentOf(items, code)!).map(({ name }) => name)).toContain('Crash kernel')
  })

  it('puts overlapping options on rows of their own', () => {
    const twice = itemsOf({
      ...guest,
      options: [
        { text: 'memmap=1G$5G', kind: 'reserved', base: 5 * gib, size: gib },
        { text: 'pmpool=5G,1G', kind: 'pmpool', base: 5 * gib, size: gib },
        { text: 'memmap=1G$6G', kind: 'reserved', base: 6 * gib, size: gib }
      ]
    }).filter(({ lane }) => lane === 'options')
    expect(twice.map(({ row }) => row)).toEqual([0, 1, 0])
  })
})

describe('what is under a point', () => {
  it('is each item at its own middle', () => {
    for (const map of [guest, laptop]) {
      const all = itemsOf(map)
      const picture = pictureOf(all)
      const lens = whole(new Axis('folded', all, map.end), 1600)
      for (const item of all) {
        const near = fitted(lens, item.base, item.size)
        const box = boxOf(item, picture, near)!
        expect(itemAt({ items: all, hidden: new Set(), picture, lens: near }, box.x + box.width / 2, box.y + 4)).toBe(
          item
        )
      }
    }
  })

  it('is nothing beside the lanes, and nothing of a kind that is hidden', () => {
    const { x, width, y } = boxOf(named('Kernel code'), shown.picture, shown.lens)!
    expect(itemAt(shown, x + width / 2, 3)).toBeNull()
    expect(itemAt({ ...shown, hidden: new Set(['kernel'] as const) }, x + width / 2, y + 4)).toBeNull()
  })

  it('a page among gigabytes is wide enough to be hit, to scale', () => {
    const lens = whole(new Axis('linear', items, guest.end), 1200)
    const { width } = boxOf(named('System RAM → Reserved', 'differences'), shown.picture, lens)!
    expect(width).toBeGreaterThanOrEqual(4)
  })
})

describe('going on from an item', () => {
  it('by address on its lane', () => {
    expect(neighbourOf(items, named('Kernel code'), 1)?.name).toBe('Kernel rodata')
    expect(neighbourOf(items, items[0]!, -1)).toBeNull()
  })

  it('down to what it holds and to what others say of it', () => {
    const region = named('mem:0x140000000', 'regions')
    const up = [region]
    for (let at = verticalOf(shown, region, -1, region.base); at; at = verticalOf(shown, at, -1, region.base))
      up.push(at)
    expect(up.map(({ lane }) => lane)).toEqual(['regions', 'nodes', 'options', 'differences', 'firmware', 'kernel'])
    expect(verticalOf(shown, region, 1, region.base)).toBeNull()
  })
})

// SPDX-License-Identifier: GPL-2.0-or-later
// The page map by the real helper on a simulated host: cells, ranges, and the next run of a state.
import { describe, expect, it } from 'vitest'
import { StreamMessageReader } from 'vscode-jsonrpc/node'
import { cellFlags, errorCodes, rpcCodes, tileCells } from '../../main/api/index.ts'
import { answered, type Helper, makePool, mebibyte, onHosts, ready, shares, unknownPool } from './helper-support.ts'

onHosts()

const { free, metadata, allocated, first, bad } = cellFlags

/** Each cell as [what occurs, the share that is used]. */
const cells = async (helper: Helper, pool: string, level: number, from = 0, count = tileCells): Promise<number[][]> => {
  const tiles = await helper.ask('pool/tiles', { pool, level, first: from, count })
  const bytes = Buffer.from(tiles.cells, 'base64')
  expect([tiles.level, tiles.first, tiles.count]).toStrictEqual([level, from, bytes.length / 2])
  return Array.from({ length: tiles.count }, (_, cell) => [...bytes.subarray(cell * 2, cell * 2 + 2)])
}

/** 16 MiB and 8 MiB: pages 0 to 4095 and 4096 to 6143. 512 pages from 1536 and 3 from 2048 are allocated, 3000 is bad. */
const makeTwo = async (helper: Helper): Promise<string> => {
  const { uuid: pool, region, base } = await makePool(helper, 'lab', { size: 16 * mebibyte })
  await helper.ask('pool/extend', { pool, region, offset: 32 * mebibyte, size: 8 * mebibyte })
  await helper.ask('allocation/create', { pool, pages: 512, addressFrom: base + 6 * mebibyte })
  await helper.ask('allocation/create', { pool, pages: 3, addressFrom: base + 8 * mebibyte, name: 'db' })
  await helper.ask('bad/add', { pool, page: 3000, pages: 1, why: 'test' })
  return pool
}

describe('pool/tiles', () => {
  it('shows each page, and in larger cells all that occurs in them', async () => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    const pages = await cells(helper, pool, 0)
    expect(pages).toHaveLength(6144)
    expect(pages[0]).toStrictEqual([metadata, 255])
    expect(pages[1535]).toStrictEqual([free, 0])
    expect(pages[1536]).toStrictEqual([allocated | first, 255])
    expect(pages[1537]).toStrictEqual([allocated, 255])
    expect(pages[3000]).toStrictEqual([bad, 255])
    const blocks = await cells(helper, pool, 9)
    expect(blocks.slice(1, 7)).toStrictEqual([
      [free, 0],
      [free, 0],
      [allocated | first, 255],
      [free | allocated | first, 1 + Math.floor((3 * 254) / 512)],
      [free | bad, 1],
      [free, 0]
    ])
    expect(await cells(helper, pool, 40)).toStrictEqual([[free | metadata | allocated | first | bad, 22]])
  })

  it('ends with the pool', async () => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    expect(await cells(helper, pool, 12, 1, 5)).toHaveLength(1) // half of it is there
    expect(await cells(helper, pool, 0, 6143, 2)).toStrictEqual([[metadata, 255]])
    const behind = { pool, level: 12, first: 2, count: 1 }
    expect((await helper.refusal('pool/tiles', behind)).code).toBe(errorCodes['out-of-range'])
  })
})

describe('pool/range', () => {
  it('counts what stands in it', async () => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    const range = await helper.ask('pool/range', { pool, from: 1537, to: 4097 })
    const { sequence } = await helper.ask('pool/info', { pool })
    expect(range).toStrictEqual({
      from: 1537,
      to: 4097,
      sequence,
      pagesFree: 4097 - 1537 - 511 - 3 - 1 - 2,
      pagesAllocated: 511 + 3,
      pagesBad: 1,
      pagesMetadata: 2,
      pagesAbsent: 0,
      allocations: 1,
      freeRuns: 2,
      largestFreeRun: { page: 3001, pages: 4095 - 3001 }
    })
    const full = await helper.ask('pool/range', { pool, from: 1536, to: 2048 })
    expect(full).toMatchObject({ pagesFree: 0, freeRuns: 0, largestFreeRun: null })
  })
})

describe('pool/find', () => {
  it.each([
    ['free', 1536, 'next', 1, { page: 2051, pages: 949 }],
    ['free', 2100, 'next', 1, { page: 2100, pages: 900 }],
    ['free', 2100, 'previous', 1, { page: 2051, pages: 50 }],
    ['free', 2100, 'previous', 51, { page: 9, pages: 1527 }],
    ['free', 2100, 'next', 901, { page: 3001, pages: 1094 }],
    ['free', 0, 'next', 4096, null],
    ['allocation', 0, 'next', 1, { page: 1536, pages: 512 }],
    ['allocation', 1537, 'next', 1, { page: 2048, pages: 3 }],
    ['allocation', 2047, 'previous', 1, { page: 1536, pages: 512 }],
    ['allocation', 2049, 'next', 1, null],
    ['bad', 0, 'next', 1, { page: 3000, pages: 1 }],
    ['bad', 2 ** 53 - 1, 'previous', 1, { page: 3000, pages: 1 }],
    ['bad', 3001, 'next', 1, null]
  ] as const)('%s from page %d, %s, of %d pages', async (what, from, direction, pages, found) => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    expect(await helper.ask('pool/find', { pool, what, from, direction, pages })).toStrictEqual({ found })
  })
})

/** Sends all in one write, so that the helper has them at once; what was answered, in the order of the answers. */
const atOnce = (helper: Helper, messages: readonly object[], answers: number): Promise<unknown[]> =>
  new Promise((settle) => {
    const got: unknown[] = []
    const reader = new StreamMessageReader(helper.child.stdout)
    reader.listen((message) => {
      const { id, result, error } = message as { id?: unknown; result?: unknown; error?: { code: number } }
      if (id === undefined) return
      got.push([id, error?.code ?? Object.keys(result as object)[0]])
      if (got.length === answers) settle(got)
    })
    const frames = messages.map((message) => {
      const body = JSON.stringify({ jsonrpc: '2.0', ...message })
      return `Content-Length: ${body.length}\r\n\r\n${body}`
    })
    helper.child.stdin.write(frames.join(''))
  })

describe('a walk over a large pool', () => {
  const large = async (): Promise<{ helper: Helper; pool: string; to: number }> => {
    const helper = await ready('1T')
    const { uuid: pool, pages: to } = await makePool(helper)
    return { helper, pool, to }
  }

  it('lets other requests go first, and long walks take turns', async () => {
    const { helper, pool, to } = await large()
    const answers = await atOnce(
      helper,
      [
        { id: 'a', method: 'pool/range', params: { pool, from: 0, to } },
        { id: 'b', method: 'pool/find', params: { pool, what: 'bad', from: 0, direction: 'next' } },
        { id: 'c', method: 'pool/tiles', params: { pool, level: 18, first: 0, count: tileCells } },
        { id: 'd', method: 'pool/range', params: { pool, from: 0, to: 4096 } },
        { id: 'e', method: 'pool/info', params: { pool } }
      ],
      5
    )
    expect(answers.slice(0, 2)).toStrictEqual([
      ['d', 'from'],
      ['e', 'uuid']
    ])
    expect(answers.slice(2).toSorted()).toStrictEqual([
      ['a', 'from'],
      ['b', 'found'],
      ['c', 'level']
    ])
    const whole = await helper.ask('pool/range', { pool, from: 0, to })
    expect(whole.pagesFree + whole.pagesMetadata).toBe(to)
    expect(whole.freeRuns).toBe(1)
    expect(whole.largestFreeRun?.pages).toBe(whole.pagesFree)
  })

  it('can be cancelled, and ends with an error when the pool is gone', async () => {
    const { helper, pool, to } = await large()
    const answers = await atOnce(
      helper,
      [
        { id: 1, method: 'pool/range', params: { pool, from: 0, to } },
        { id: 2, method: 'pool/find', params: { pool, what: 'bad', from: 0, direction: 'next' } },
        { method: '$/cancelRequest', params: { id: 1 } },
        { id: 3, method: 'pool/delete', params: { pool, expect: { name: 'lab' } } }
      ],
      3
    )
    expect(answers).toContainEqual([1, rpcCodes.cancelled])
    expect(answers).toContainEqual([2, errorCodes['pool-not-found']])
  })

  it('of which there are very many is answered all the same', async () => {
    const { helper, pool, to } = await large()
    const many = Array.from({ length: 70 }, (_, id) => ({ id, method: 'pool/range', params: { pool, from: 0, to } }))
    expect(await atOnce(helper, many, many.length)).toHaveLength(many.length)
  })
})

describe('parts of lists', () => {
  it('allocation/list lists those that begin before `to`', async () => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    const first = async (params: { from?: number; to?: number; limit?: number }): Promise<unknown> => {
      const { allocations, next } = await helper.ask('allocation/list', { pool, ...params })
      return [allocations.map(({ page }) => page), next]
    }
    expect(await first({ to: 2048 })).toStrictEqual([[1536], null])
    expect(await first({ to: 2049 })).toStrictEqual([[1536, 2048], null])
    expect(await first({ to: 2049, limit: 1 })).toStrictEqual([[1536], 2048])
    expect(await first({ to: 2048, limit: 1 })).toStrictEqual([[1536], null])
    expect(await first({ from: 1537, to: 2048 })).toStrictEqual([[], null])
    expect(await first({ to: 0 })).toStrictEqual([[], null])
  })

  it('log/list lists what came after `after`', async () => {
    const helper = await ready()
    const pool = await makeTwo(helper)
    const { entries, next } = await helper.ask('log/list', { pool, after: 3 })
    expect([entries.map(({ sequence }) => sequence), next]).toStrictEqual([[5, 4], null])
    expect((await helper.ask('log/list', { pool, after: 3, limit: 1 })).next).toBe(5)
    expect((await helper.ask('log/list', { pool, after: 5 })).entries).toStrictEqual([])
  })
})

it.each([
  ['a level above 40', 'pool/tiles', { pool: unknownPool, level: 41, first: 0, count: 1 }],
  ['no cell', 'pool/tiles', { pool: unknownPool, level: 0, first: 0, count: 0 }],
  ['too many cells', 'pool/tiles', { pool: unknownPool, level: 0, first: 0, count: tileCells + 1 }],
  ['a range without an end', 'pool/range', { pool: unknownPool, from: 0 }],
  ['what no page is', 'pool/find', { pool: unknownPool, what: 'used', from: 0, direction: 'next' }],
  ['sideways', 'pool/find', { pool: unknownPool, what: 'free', from: 0, direction: 'left' }],
  ['a run of no page', 'pool/find', { pool: unknownPool, what: 'free', from: 0, direction: 'next', pages: 0 }]
])('%s is refused before the pool is looked for', async (_, method, params) => {
  const helper = await ready()
  expect((await helper.refusal(method, params)).code).toBe(rpcCodes.invalidParams)
})

it('a range has a page, and lies in the pool', async () => {
  const helper = await ready()
  const { uuid: pool, pages } = await makePool(helper)
  expect((await helper.refusal('pool/range', { pool, from: 7, to: 7 })).code).toBe(rpcCodes.invalidParams)
  expect((await helper.refusal('pool/range', { pool, from: 0, to: pages + 1 })).code).toBe(errorCodes['out-of-range'])
})

it('every method of this file answered in it', () => {
  expect(shares.map.filter((method) => !answered.has(method))).toStrictEqual([])
})

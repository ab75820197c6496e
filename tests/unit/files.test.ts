// SPDX-License-Identifier: GPL-2.0-or-later
// Files of the lab: snapshots that the real helper made, read by libpmpool where no helper is asked.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PageConnection } from '../../main/api/client.ts'
import { chunkBytes, labMethods, type LabFile, type LabResult, type Snapshot } from '../../main/api/index.ts'
import { FileLibrary } from '../../main/files/index.ts'
import type { Lab } from '../../main/lab/index.ts'
import { Bench, library, pageBytes, refusal, regionBase, work, type Work } from './lab-support.ts'

let bench: Bench
let lab: Lab
let page: PageConnection
let given: Work

beforeEach(async () => {
  bench = new Bench()
  lab = await bench.lab()
  page = bench.page(lab)
  given = await work(lab)
})
afterEach(() => bench.clear())

const folder = (): string => join(bench.dataDir, 'files')
const fileOf = (name: string): string => join(folder(), `${name}.pmsnap`)
const host = 'simulated'
const forEver = new AbortController().signal

function snapshot(name: string, parent?: string): Promise<Snapshot> {
  return given.host.request('snapshot/create', { pool: given.pool.uuid, name, ...(parent ? { parent } : {}) })
}

/** Other content from a byte on. */
async function change(offset: number, text: string): Promise<void> {
  const data = Buffer.from(text).toString('base64')
  await given.host.request('allocation/write', { pool: given.pool.uuid, page: given.page, offset, data })
}

async function fetched(name: string, parent?: string): Promise<LabFile> {
  await snapshot(name, parent)
  return page.request('file/fetch', { host, name })
}

/** Part by part, as a page brings a file. */
async function bring(name: string, content: Buffer, part = chunkBytes): Promise<LabFile | null> {
  let file: LabFile | null = null
  for (let offset = 0; offset === 0 || offset < content.length; offset += part) {
    const data = content.subarray(offset, offset + part)
    const last = offset + part >= content.length
    ;({ file } = await page.request('file/write', { name, offset, data: data.toString('base64'), last }))
  }
  return file
}

/** Nothing that is half there stays behind. */
const leftovers = (): string[] =>
  (existsSync(folder()) ? readdirSync(folder()) : []).filter((name) => !name.endsWith('.pmsnap'))

describe('a snapshot fetched from a host', () => {
  it('is the same file, and says of itself what the helper says of it', async () => {
    const on = await snapshot('monday')
    const file = await page.request('file/fetch', { host, name: 'monday' })
    expect(labMethods['file/fetch'].result.strict().parse(file)).toEqual(file)
    const { path, hostname, regions, usage, ...rest } = file
    expect(rest).toEqual(on)
    expect([path, hostname]).toEqual([fileOf('monday'), given.host.info?.hostname])
    const there = join(bench.simulated, 'var/lib/pmpool/snapshots/monday.pmsnap')
    expect(readFileSync(path).equals(readFileSync(there))).toBe(true)
    const pool = await given.host.request('pool/info', { pool: given.pool.uuid })
    expect(regions).toEqual(pool.regions.map((region) => ({ ...region, region: null, offset: 0 })))
    expect(usage).toEqual(pool.usage)
    expect(await page.request('file/list', {})).toEqual({ files: [file] })
  })

  it('tells its progress, up to the end', async () => {
    const { bytes } = await snapshot('monday')
    const seen: number[] = []
    await page.request('file/fetch', { host, name: 'monday' }, { progress: ({ done }) => seen.push(done) })
    expect(seen.at(-1)).toBe(bytes)
    expect(seen).toEqual(seen.toSorted((one, other) => one - other))
  })

  it('comes with what it builds on, and is not fetched twice', async () => {
    await snapshot('full')
    await change(0, 'changed')
    const file = await fetched('later', 'full')
    expect(file.parent).toMatchObject({ name: 'full', present: true })
    const before = statSync(fileOf('full')).ino
    await change(0, 'once more')
    await fetched('last', 'later')
    await page.request('file/fetch', { host, name: 'last' })
    expect(statSync(fileOf('full')).ino).toBe(before)
    const { files } = await page.request('file/list', {})
    expect(files.map(({ name }) => name).sort()).toEqual(['full', 'last', 'later'])
  })

  it('is refused where another file has its name, or the host has none of it', async () => {
    await fetched('monday')
    await given.host.request('snapshot/delete', { name: 'monday' })
    await change(0, 'another')
    await snapshot('monday')
    expect(await refusal(page.request('file/fetch', { host, name: 'monday' }))).toMatchObject({ name: 'file-exists' })
    expect(await refusal(page.request('file/fetch', { host, name: 'none' }))).toMatchObject({ name: 'file-not-found' })
    expect(await refusal(page.request('file/fetch', { host: 'none', name: 'monday' }))).toMatchObject({
      name: 'host-not-found'
    })
    expect(leftovers()).toEqual([])
  })

  it('that is cancelled leaves nothing behind', async () => {
    await snapshot('monday')
    const stop = new AbortController()
    const files = new FileLibrary({
      directory: folder(),
      library,
      request: (id, method, params) => {
        if (method === 'snapshot/read') stop.abort()
        return lab.hosts.get(id).request(method, params)
      }
    })
    expect(await refusal(files.fetch(host, 'monday', { signal: stop.signal }))).toMatchObject({ code: -32800 })
    expect(await page.request('file/list', {})).toEqual({ files: [] })
    expect(leftovers()).toEqual([])
  })
})

describe('reading a file', () => {
  it('tells map, allocations and pages as the pool had them when it was taken', async () => {
    const pool = given.pool.uuid
    const [map, allocations] = [
      await given.host.request('pool/map', { pool }),
      await given.host.request('allocation/list', { pool })
    ]
    await fetched('monday')
    await change(0, 'later')
    await given.host.request('allocation/create', { pool, order: 3, name: 'later' })
    expect(await page.request('file/map', { name: 'monday' })).toEqual(map)
    expect(await page.request('file/allocations', { name: 'monday' })).toEqual(allocations)
    const { data } = await page.request('file/read', { name: 'monday', page: given.page })
    expect(Buffer.from(data, 'base64').equals(given.content.subarray(0, pageBytes))).toBe(true)
  })

  it('goes part by part', async () => {
    const pool = given.pool.uuid
    for (let n = 0; n < 5; n++) await given.host.request('allocation/create', { pool, pages: 3 })
    await fetched('monday')
    const whole = await page.request('file/allocations', { name: 'monday' })
    const parts = []
    for (let from: number | null = 0; from !== null;) {
      const part: LabResult<'file/allocations'> = await page.request('file/allocations', {
        name: 'monday',
        from,
        limit: 2
      })
      expect(part.allocations.length).toBeLessThanOrEqual(2)
      parts.push(...part.allocations)
      from = part.next
    }
    expect(parts).toEqual(whole.allocations)
    const map = await page.request('file/map', { name: 'monday' })
    const some = await page.request('file/map', { name: 'monday', first: 64, count: 100 })
    expect(some).toMatchObject({ first: 64, count: 100 })
    const all = Buffer.from(map.states, 'base64')
    expect(Buffer.from(some.states, 'base64').equals(all.subarray(16, 16 + 32))).toBe(true)
  })

  it.each([
    ['a free page', 4000, 'out-of-range'],
    ['a page far behind the pool', 2 ** 40, 'out-of-range']
  ])('says that it does not hold %s', async (_, at, name) => {
    await fetched('monday')
    expect(await refusal(page.request('file/read', { name: 'monday', page: at }))).toMatchObject({ name })
  })

  it('goes on for many at once', async () => {
    await fetched('one')
    await change(0, 'two')
    await fetched('two', 'one')
    const names = ['one', 'two']
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const name = names[n % 2] ?? ''
        if (n % 3 === 0) return [name, (await page.request('file/read', { name, page: given.page })).digest]
        if (n % 3 === 1) return [name, (await page.request('file/verify', { name })).digest]
        return [name, (await page.request('file/map', { name })).states]
      })
    )
    expect(new Set(answers.map((answer) => answer.join(' '))).size).toBe(6) // three of each name
  })
})

describe('comparing two files', () => {
  it('finds what changed between them', async () => {
    await fetched('before')
    await change(5 * pageBytes + 7, 'x')
    await fetched('after')
    const comparison = await page.request('file/compare', { before: 'before', after: 'after' })
    expect(labMethods['file/compare'].result.parse(comparison)).toEqual(comparison)
    expect(comparison).toMatchObject({
      same: false,
      before: { name: 'before' },
      after: { name: 'after' },
      pages: { changed: 1, added: 0, removed: 0, unreadable: 0 },
      runs: [{ page: given.page + 5, pages: 1, address: regionBase + (given.page + 5) * pageBytes, kind: 'changed' }]
    })
    const report = await page.request('report/make', { of: comparison, format: 'text' })
    expect(report.name).toBe('comparison-before-after.txt')
    expect(report.text).toContain('Different: 1 of ')
  })

  it('finds nothing between a file and itself', async () => {
    await fetched('one')
    expect(await page.request('file/compare', { before: 'one', after: 'one' })).toMatchObject({ same: true, runs: [] })
  })

  it('needs what they build on', async () => {
    await snapshot('full')
    await change(0, 'changed')
    await fetched('later', 'full')
    await page.request('file/delete', { name: 'full' })
    const { files } = await page.request('file/list', {})
    expect(files[0]?.parent?.present).toBe(false)
    expect(await refusal(page.request('file/read', { name: 'later', page: given.page + 9 }))).toMatchObject({
      name: 'snapshot-parent'
    })
    const map = await page.request('file/map', { name: 'later' })
    expect(map.count).toBe(given.pool.pages) // metadata stands by itself
  })

  it('that is cancelled while it waits for another says so, and disturbs none', async () => {
    await fetched('one')
    const stop = new AbortController()
    const compare = (signal: AbortSignal) => lab.files.compare('one', 'one', { signal })
    const [first, second, third] = [compare(forEver), refusal(compare(stop.signal)), compare(forEver)]
    stop.abort()
    expect(await second).toMatchObject({ code: -32800 })
    expect(await Promise.all([first, third])).toMatchObject([{ same: true }, { same: true }])
  })
})

describe('an export', () => {
  it('as a raw image has the bytes at their places, and replaces the one before it', async () => {
    await fetched('monday')
    const first = await page.request('file/export', { name: 'monday', format: 'raw' })
    const again = await page.request('file/export', { name: 'monday', format: 'raw' })
    expect(again).toEqual(first)
    const image = readFileSync(first.path)
    expect(first).toEqual({ path: join(folder(), 'monday.raw'), bytes: image.length })
    const from = given.page * pageBytes
    expect(image.subarray(from, from + given.content.length).equals(given.content)).toBe(true)
    expect(leftovers()).toEqual(['monday.raw'])
  })

  it('as an ELF core is one', async () => {
    await fetched('monday')
    const { path } = await page.request('file/export', { name: 'monday', format: 'elf' })
    const header = readFileSync(path).subarray(0, 64)
    expect([header.toString('latin1', 1, 4), header.readUInt16LE(16)]).toEqual(['ELF', 4]) // ET_CORE
  })
})

describe('a file that a page brings', () => {
  let content: Buffer
  beforeEach(async () => {
    const { path, name } = await fetched('monday')
    content = readFileSync(path)
    await page.request('file/delete', { name })
  })

  it('in parts is a file of the lab with the last of them', async () => {
    const file = await bring('brought', content, 1000)
    expect(file).toMatchObject({ name: 'brought', path: fileOf('brought'), bytes: content.length, damage: null })
    expect(await page.request('file/verify', { name: 'brought' })).toEqual(file)
  })

  it('has to be a snapshot, and leaves nothing behind when it is none', async () => {
    expect(await refusal(bring('text', Buffer.from('no snapshot')))).toMatchObject({ name: 'file-foreign' })
    expect(await refusal(bring('nothing', Buffer.alloc(0)))).toMatchObject({
      name: 'file-truncated'
    })
    expect(await page.request('file/list', {})).toEqual({ files: [] })
    expect(leftovers()).toEqual([])
  })

  it('comes in order, under a name that is free', async () => {
    const part = { name: 'brought', data: content.subarray(0, 100).toString('base64'), last: false }
    expect(await refusal(page.request('file/write', { ...part, offset: 100 }))).toMatchObject({ code: -32602 })
    await page.request('file/write', { ...part, offset: 0 })
    expect(await refusal(page.request('file/write', { ...part, offset: 200 }))).toMatchObject({ code: -32602 })
    await bring('brought', content)
    expect(await refusal(bring('brought', content))).toMatchObject({ name: 'file-exists' })
  })

  it('that is cut off is told as such, and its intact part can be read', async () => {
    const file = await bring('cut', content.subarray(0, content.length - 100))
    expect(file?.damage).toMatchObject({ name: 'file-truncated' })
    const { data } = await page.request('file/read', { name: 'cut', page: given.page })
    expect(Buffer.from(data, 'base64').equals(given.content.subarray(0, pageBytes))).toBe(true)
  })

  it('of which a byte changed is told as such when it is verified', async () => {
    await change(0, randomBytes(8 * pageBytes).toString('latin1')) // most of the file is pages
    const { path } = await fetched('noise')
    const damaged = readFileSync(path)
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1
    await bring('damaged', damaged)
    const file = await page.request('file/verify', { name: 'damaged' })
    expect(file.damage).toMatchObject({ name: 'file-corrupt' })
    const { files } = await page.request('file/list', {})
    expect(files.find(({ name }) => name === 'damaged')).toEqual(file) // not forgotten
  })
})

describe('the folder of files', () => {
  it.each(['../run', '.hidden', 'a/b', '', 'a\0b', 'x'.repeat(101)])('has no name %j', async (name) => {
    const calls = [
      page.request('file/verify', { name }),
      page.request('file/read', { name, page: 0 }),
      page.request('file/write', { name, offset: 0, data: '', last: true }),
      page.request('file/delete', { name })
    ]
    for (const call of calls) expect(await refusal(call)).toMatchObject({ code: -32602 })
  })

  it('shows what is a snapshot, whatever else lies there', async () => {
    const file = await fetched('good')
    writeFileSync(fileOf('text'), 'no snapshot')
    writeFileSync(fileOf('empty'), '')
    symlinkSync(fileOf('good'), fileOf('link'))
    mkdirSync(fileOf('folder'))
    writeFileSync(join(folder(), 'good.raw'), '')
    writeFileSync(join(folder(), 'b\u00e4d.pmsnap'), readFileSync(fileOf('good')))
    expect(await page.request('file/list', {})).toEqual({ files: [file] })
    expect(await refusal(page.request('file/verify', { name: 'link' }))).toMatchObject({ name: 'io-failed' })
    expect(await refusal(page.request('file/verify', { name: 'text' }))).toMatchObject({ name: 'file-foreign' })
  })

  it('sees what came and went behind its back', async () => {
    await fetched('one')
    writeFileSync(fileOf('two'), readFileSync(fileOf('one')))
    rmSync(fileOf('one'))
    const { files } = await page.request('file/list', {})
    expect(files.map(({ name }) => name)).toEqual(['two'])
    expect(await refusal(page.request('file/read', { name: 'one', page: 0 }))).toMatchObject({ name: 'file-not-found' })
  })

  it('loses a file that is deleted, once', async () => {
    await fetched('one')
    expect(await page.request('file/delete', { name: 'one' })).toEqual({})
    expect(await refusal(page.request('file/delete', { name: 'one' }))).toMatchObject({ name: 'file-not-found' })
  })

  it('needs libpmpool, and says so where it is missing', async () => {
    const other = await bench.lab({ dataDir: join(bench.folder, 'other'), library: undefined, simulated: false })
    expect(await refusal(bench.page(other).request('file/list', {}))).toMatchObject({ name: 'unsupported' })
  })

  it('holds what a page digest says', async () => {
    await fetched('one')
    const [first, second] = [
      await page.request('file/read', { name: 'one', page: given.page }),
      await page.request('file/read', { name: 'one', page: given.page + 1 })
    ]
    const hash = (data: string): string => createHash('sha256').update(data).digest('hex')
    expect(first.digest === second.digest).toBe(hash(first.data) === hash(second.data))
    expect(first.digest).toMatch(/^[0-9a-f]{32}$/)
  })
})

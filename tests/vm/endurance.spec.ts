// SPDX-License-Identifier: GPL-2.0-or-later
// What the lab is for, on a real kernel: content of every sort on two regions over ten kexecs in a row; then each kind
// of fault, put in between two boots, found and named; then a kernel without memmap=, which takes the regions as RAM.
// The longest file of this folder has the first name, so that the other worker does the rest meanwhile.
import { writeFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import type { HelperResult, Verdict } from '../../main/api/index.ts'
import { LabVm } from './driver.ts'
import { allocateForFaults, contentFaults, metadataFaults, pagesByKind, pagesOf } from './faults.ts'
import { helperBinary } from './helper.ts'
import { parseIomem, takenOf } from './iomem.ts'
import { ask, kexecByHand, pmpool, shell, type Question } from './pmpool.ts'

const memmaps = ['memmap=64M$0x10000000', 'memmap=32M$0x18000000', 'memmap=16M$0x1c000000']
const regions = [
  { base: 0x10000000, size: 64 << 20 },
  { base: 0x18000000, size: 32 << 20 }
]
const rounds = 10

/** Files of 512 KiB, one of each sort of content for each region. */
const contents = ['text', 'random', 'zero', 'repeated'].flatMap((sort) => [0, 1].map((region) => ({ sort, region })))
const contentPages = 128
const makeContents = `mkdir -p /root/content && cd /root/content &&
  perl -e 'printf "%d: device %d of the host is in state %d\\n", $_, $_ % 7, $_ * $_ % 251 for 1 .. 40000' | head -c 1M > texts &&
  head -c 512K texts > text-0 && tail -c 512K texts > text-1 && rm texts &&
  for region in 0 1; do
    head -c 512K /dev/urandom > random-$region && head -c 512K /dev/zero > zero-$region &&
    head -c 4096 /dev/urandom > page && perl -0777 -ne 'print $_ x 128' page > repeated-$region && rm page
  done`

test.describe.configure({ mode: 'serial', timeout: 30 * 60_000 }) // ten kexecs, and others may keep the machine busy

let vm: LabVm
let boot: string

test.beforeAll(async () => {
  vm = await LabVm.start({ helper: helperBinary, append: memmaps })
  boot = await vm.waitReady()
})

test.afterAll(() => vm?.stop())

const load = pmpool('kexec/load', 'kexec', 'load', 'survive')
const jump = shell('pmpool kexec jump survive --yes > /dev/null')

/** Until the next kernel is up. */
async function arrival(): Promise<void> {
  const before = boot
  boot = await vm.waitReady({ notBootId: before })
}

function expectIntact(verdict: Verdict, before: string): void {
  expect(verdict).toMatchObject({
    intact: true,
    class: 'intact',
    boot: { before, after: boot, nonceSeen: true, how: 'kexec' },
    pages: { expected: contents.length * contentPages, compared: contents.length * contentPages, changed: 0 },
    diagnoses: [],
    taken: []
  })
  expect(verdict.records.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(
    contents.map(({ sort, region }) => `${sort}-${region} intact`).sort()
  )
}

test('a pool on two regions, with text, noise, zeros and repeated pages in both, its free pages a pattern', async () => {
  await ask(
    vm,
    shell(makeContents),
    pmpool('pool/create', 'pool', 'create', 'survive', '--region', 'mem:0x10000000'),
    pmpool('pool/extend', 'pool', 'extend', 'survive', '--region', 'mem:0x18000000')
  )
  const names = contents.map(({ sort, region }) => `${sort}-${region}`)
  const allocations = contents.map(({ sort, region }) =>
    shell(
      `pmpool alloc survive --pages ${contentPages} --name ${sort}-${region} --place region=${region} &&
       pmpool write survive ${sort}-${region} /root/content/${sort}-${region}`
    )
  )
  await ask(vm, ...allocations)
  const [filled, list] = await ask(
    vm,
    pmpool('pattern/fill', 'pattern', 'fill', 'survive', 'random', '--seed', 7),
    pmpool('allocation/list', 'list', 'survive')
  )
  expect(filled.pages).toBeGreaterThan(20_000)
  expect(list.allocations.map(({ record }) => record?.name).sort()).toEqual(names.sort())
})

const digests = `cd /root/content && for file in *; do pmpool read survive $file | sha256sum; done`

test(`${rounds} kexecs in a row: every boot another, every verdict intact`, async () => {
  const boots = [boot]
  await ask(vm, load, pmpool('expectation/create', 'expect', 'survive'), jump)
  await arrival()
  for (let round = 1; round <= rounds; round++) {
    await test.step(`kexec ${round}`, async () => {
      boots.push(boot)
      // one session: the verdict on this boot, and the way into the next
      const onward = [load, pmpool('expectation/create', 'expect', 'survive'), jump] as const
      const [verdict] = await ask(vm, pmpool('verdict/reach', 'verdict'), ...(round < rounds ? onward : []))
      expectIntact(verdict, boots.at(-2) ?? '')
      if (round < rounds) await arrival()
    })
  }
  expect(new Set(boots).size).toBe(rounds + 1)
})

test('after them the bytes are those that were written, and the pattern still stands on the free pages', async () => {
  const [read, written, check] = await ask(
    vm,
    shell(digests),
    shell('cd /root/content && for file in *; do sha256sum < $file; done'),
    pmpool('pattern/check', 'pattern', 'check', 'survive', 'random', '--seed', 7)
  )
  expect(read.trim().split('\n')).toHaveLength(contents.length)
  expect(read).toBe(written)
  expect(check).toMatchObject({ intact: true, changed: 0, diagnoses: [] })
  expect(check.pages).toBeGreaterThan(20_000)
})

test('each kind of fault, put in between two boots, is found and named with its pages', async () => {
  const small = metadataFaults.map(({ kind }, i) =>
    shell(
      `pmpool pool create ${kind} --region mem:0x1c000000 --offset ${i * 4}M --size 4M &&
       pmpool alloc ${kind} --pages 5 --name content && head -c 20K /dev/urandom | pmpool write ${kind} content -`
    )
  )
  await ask(vm, ...allocateForFaults('survive'), ...small)
  const [{ allocations }] = await ask(vm, pmpool('allocation/list', 'list', 'survive'))
  const range = (kind: string): string[] => {
    const found = allocations.find(({ record }) => record?.name === kind)
    if (!found) throw new Error(`no allocation for ${kind}`)
    return ['--from', String(found.page), '--to', String(found.page + found.pages)]
  }

  const [, expectation, ...others] = await ask(
    vm,
    load,
    pmpool('expectation/create', 'expect', 'survive', '--content', 'always', '--pattern', 'address'),
    // one expectation bears the nonce of the plan: the verdicts on the others do not know this boot
    ...metadataFaults.map(({ kind }) => pmpool('expectation/create', 'expect', kind, '--nonce', kind))
  )
  expect(expectation).toMatchObject({ content: true, pattern: true })

  const inject = (pool: string, kind: string, more: readonly string[]): Question<HelperResult<'fault/inject'>> =>
    pmpool('fault/inject', 'fault', 'inject', pool, kind, '--seed', 4, ...more, '--confirm', `falsify-${pool}`)
  const refused = await vm.ssh('pmpool fault inject survive zeroed --seed 4', { allowFailure: true })
  expect(refused.code, 'real memory is not falsified without the word').toBe(1)
  expect(refused.stdout + refused.stderr).toContain('falsify-survive')
  const injected = await ask(
    vm,
    ...contentFaults.map(({ kind, pages }) =>
      inject('survive', kind, kind === 'shifted' ? range(kind) : ['--pages', String(pages), ...range(kind)])
    )
  )
  const put = Object.fromEntries(injected.map(({ kind, faults }) => [kind, pagesOf(faults)]))
  expect(Object.entries(put).map(([kind, pages]) => [kind, pages.length])).toEqual(
    contentFaults.map(({ kind, pages }) => [kind, pages])
  )
  await ask(vm, ...metadataFaults.map(({ kind }) => inject(kind, kind, [])), jump)
  await arrival()

  const [verdict, ...verdicts] = await ask(
    vm,
    pmpool('verdict/reach', 'verdict', expectation.id),
    ...others.map(({ id }) => pmpool('verdict/reach', 'verdict', id))
  )
  expect(verdict).toMatchObject({ intact: false, class: 'content-changed', boot: { how: 'kexec' } })
  expect(pagesByKind(verdict.diagnoses)).toEqual(put)
  expect(verdict.pages.changed).toBe(contentFaults.reduce((sum, { pages }) => sum + pages, 0))
  expect(verdict.freePages).toMatchObject({ changed: 0 })
  metadataFaults.forEach(({ kind, class: name, check }, i) => {
    expect(verdicts[i], kind).toMatchObject({ intact: false, class: name })
    expect(verdicts[i]?.checks.find(({ id }) => id === check)?.level, kind).toBe('fail')
  })
})

/** The verdict as a page for people, kept with the test's results. */
async function report(expectation: string, name: string): Promise<string> {
  await vm.ssh(`pmpool verdict ${expectation} --output /root/${name} > /dev/null || [ $? = 3 ]`)
  const html = await vm.pull(`/root/${name}`)
  const file = test.info().outputPath(name)
  writeFileSync(file, html)
  await test.info().attach(name, { path: file, contentType: 'text/html' })
  return html.toString()
}

let lost: string

test('a second kernel without memmap= took the regions as RAM: the verdict and its report say which parts', async () => {
  const [, expectation] = await ask(
    vm,
    pmpool('kexec/load', 'kexec', 'load', 'survive', '--drop-reservation'),
    pmpool('expectation/create', 'expect', 'survive', '--content', 'always'),
    jump
  )
  lost = expectation.id
  await arrival()
  const [verdict, iomem] = await ask(vm, pmpool('verdict/reach', 'verdict', lost), shell('cat /proc/iomem'))
  expect(verdict).toMatchObject({ intact: false, class: 'became-ram' })

  const taken = new Map<string, number>()
  for (const { name, size } of verdict.taken) taken.set(name, (taken.get(name) ?? 0) + size)
  const ranges = parseIomem(iomem)
  const seen = new Map<string, number>()
  for (const { base, size } of regions)
    for (const [name, bytes] of takenOf(ranges, base, size)) seen.set(name, (seen.get(name) ?? 0) + bytes)
  // all of both; the rest is where the new kernel put itself, which differs from boot to boot
  expect(seen.get('System RAM')).toBeGreaterThan(0)
  expect([...seen.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(96 << 20)
  expect(Object.fromEntries(taken)).toEqual(Object.fromEntries(seen))

  const html = await report(lost, 'became-ram.html')
  for (const name of seen.keys()) expect(html).toContain(name)
  for (const { base } of regions) expect(html).toContain(`0x${base.toString(16)}`)
})

/** Nearly all memory that is left, filled with programs and text, then let go of. */
const pressure = `mkdir -p /mnt/ram && free=$(sed -n 's/^MemAvailable: *//p' /proc/meminfo | cut -d' ' -f1) &&
  mount -t tmpfs -o size=$((free - 40960))k ram /mnt/ram &&
  cp /usr/bin/* /mnt/ram 2> /dev/null
  yes 'what the next kernel kept in ordinary memory' > /mnt/ram/text 2> /dev/null
  umount /mnt/ram`

test('back under memmap=, after memory pressure: what overwrote the content is recognised', async () => {
  await vm.ssh(pressure)
  boot = await kexecByHand(vm, memmaps)
  const [verdict] = await ask(vm, pmpool('verdict/reach', 'verdict', lost))
  expect(verdict.intact).toBe(false)
  expect(verdict.pages.changed).toBeGreaterThan(0)
  expect(verdict.diagnoses.reduce((sum, { pages }) => sum + pages, 0)).toBe(verdict.pages.changed)
  const text = verdict.diagnoses.find(({ kind }) => kind === 'text')
  expect(text?.pages ?? 0, verdict.diagnoses.map(({ title }) => title).join('; ')).toBeGreaterThan(0)
  expect(await report(lost, 'overwritten.html')).toContain(text?.title ?? '')
})

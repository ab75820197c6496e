// SPDX-License-Identifier: GPL-2.0-or-later
// The main job on a real kernel: the page in Chromium, the lab, ssh, pmpool on /dev/mem, kexec through systemd, a verdict.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { helperMethods } from '../../main/api/index.ts'
import { LabPage } from '../e2e/support/page.ts'
import { LabVm, sshHost } from './driver.ts'
import { helperBinary } from './helper.ts'
import { startLab, type RunningLab } from './lab-server.ts'

test.describe.configure({ mode: 'serial' })

let vm: LabVm
let lab: RunningLab
let ui: LabPage
let folder: string

test.beforeAll(async ({ browser }) => {
  folder = mkdtempSync(join(tmpdir(), 'pmpool-vm-'))
  vm = await LabVm.start({ helper: helperBinary, append: ['memmap=64M$0x10000000'] })
  lab = await startLab(['--data', folder, '--no-simulated', '--ssh-config', vm.sshConfig, '--host', sshHost])
  ui = new LabPage(await browser.newPage(), 'kexec')
  await ui.page.goto(lab.url)
})

test.afterAll(async () => {
  await ui?.page.close()
  await lab?.stop()
  await vm?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const text = async (command: string): Promise<string> => (await vm.ssh(command)).stdout

/** The named allocation, as the command line on the host itself tells it. */
async function allocationNamed(name: string): Promise<{ page: number; address: number }> {
  const list = helperMethods['allocation/list'].result.parse(JSON.parse(await text('pmpool --json list handover')))
  const found = list.allocations.find(({ record }) => record?.name === name)
  if (!found) throw new Error(`no allocation named ${name}`)
  return found
}

/** From the planned run, through the real kexec, to the verdict. */
async function goThrough(): Promise<void> {
  await ui.startRun()
  await expect(ui.verdict).toBeVisible({ timeout: 300_000 })
}

test('a pool on the reserved range, with known content in a named allocation', async () => {
  await ui.button(sshHost).click()
  await ui.createPool('handover')
  await ui.allocate({ order: 0 })
  await ui.allocate({ order: 9 })
  await ui.allocate({ pages: 1000, name: 'dma-state', owner: 'vfio', purpose: 'device state' })
  await ui.writeFile('state.bin', randomBytes(3_000_000))
  await expect(ui.detail.getByText('Equal to state.bin')).toBeVisible()
})

test('a kexec that keeps the reservation: another boot id, and the pool is intact', async () => {
  const before = await vm.bootId()
  await ui.plan()
  await goThrough()
  const after = await vm.bootId()
  expect(after).not.toBe(before)
  await expect(ui.verdict.getByText('Intact', { exact: true })).toBeVisible()
  await expect(ui.verdict).toContainText(before)
  await expect(ui.verdict).toContainText(after)
  await expect(ui.verdict).toContainText(/downtime\d/)
  await expect(ui.verdict).toContainText('1,513 of 1,513')
  await expect(ui.verdict.getByRole('row', { name: /dma-state/ })).toContainText('intact')
  expect(await text('cat /proc/cmdline')).toMatch(/memmap=64M\$0x10000000 .*pmpool\.nonce=[0-9a-f]{32}/)
})

test('two pages changed behind its back between the boots: not intact, the pages and the record are named', async () => {
  const victim = await allocationNamed('dma-state')
  await ui.button('Plan another').click()
  await ui.plan()
  // as the old kernel goes down: after the expectation, before the jump
  const seek = victim.address / 4096 + 5
  const dd = `/bin/dd if=/dev/zero of=/dev/mem bs=4096 count=2 seek=${seek} conv=notrunc`
  await vm.ssh(`systemd-run --unit=tamper --property=RemainAfterExit=yes --property=ExecStop='${dd}' /bin/true`)
  await goThrough()
  await expect(ui.verdict.getByText('Not intact', { exact: true })).toBeVisible()
  await expect(ui.verdict).toContainText('1,513 of 1,513')
  await expect(ui.verdict).toContainText((victim.page + 5).toLocaleString('en'))
  const row = ui.verdict.getByRole('row', { name: /dma-state/ })
  await expect(row).toContainText('content-changed')
  await expect(row.getByRole('cell', { name: '2', exact: true })).toBeVisible()
})

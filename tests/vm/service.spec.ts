// SPDX-License-Identifier: GPL-2.0-or-later
// The socket-activated service as the packages install it, under a live systemd: its sandbox leaves the helper what it
// needs, up to the jump into the next kernel, and it lets in nobody whom neither uid 0 nor polkit vouches for. The pool
// has two regions, the second a pmpool= part of a range whose other half holds a file system.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import { errorCodes, helperMethods, type HelperMethod, type HelperParams } from '../../main/api/index.ts'
import { baseCommandLine, guestInitrd, guestKernel, LabVm, shellQuote, sshHost } from './driver.ts'
import { helperBinary } from './helper.ts'

const units = join(import.meta.dirname, '../../resources/systemd')

/** Standard input and output to the socket and back, with the perl that every Debian has. */
const bridge = `
  use IO::Socket::UNIX;
  my $s = IO::Socket::UNIX->new("/run/pmpool/helper.sock") or die "socket: $!";
  my $pid = fork();
  my ($from, $to) = $pid ? (*STDIN, $s) : ($s, *STDOUT);
  while (sysread($from, my $b, 65536)) { my $o = 0; while ($o < length $b) { $o += syswrite($to, $b, 65536, $o) } }
  $pid ? shutdown($s, 1) : exit;
  waitpid($pid, 0);
`

interface Client {
  ask<M extends HelperMethod>(method: M, params: HelperParams<M>): Promise<unknown>
  close(): Promise<void>
}

function connect(vm: LabVm, as: string): Client {
  const ssh = spawn('ssh', ['-F', vm.sshConfig, sshHost, `${as} perl -e ${shellQuote(bridge)}`], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const connection = createMessageConnection(new StreamMessageReader(ssh.stdout), new StreamMessageWriter(ssh.stdin))
  connection.listen()
  return {
    ask: (method, params) => connection.sendRequest(method, params),
    close: async () => {
      connection.dispose()
      ssh.stdin.end()
      if (ssh.exitCode === null) await once(ssh, 'exit')
    }
  }
}

const hello: HelperParams<'initialize'> = { protocol: [1], client: { name: 'service.spec', version: '0' } }

const memmaps = ['memmap=64M$0x10000000', 'memmap=32M$0x18000000']
/** The first half of the second range; the other half is left to a file system. */
const half = { option: 'pmpool=0x18000000,16M', id: 'mem:0x18000000+0x1000000', mib: 16 }

test.describe.configure({ mode: 'serial' })

let vm: LabVm

test.beforeAll(async () => {
  vm = await LabVm.start({ helper: helperBinary, append: [...memmaps, half.option] })
})

test.afterAll(() => vm?.stop())

const text = async (command: string): Promise<string> => (await vm.ssh(command)).stdout

/** /dev/mem in MiB, from the start of the file system on the other half. */
const fileSystem = { seek: (0x18000000 >> 20) + half.mib, mib: 4 }
const fileSystemDigest = (): Promise<string> =>
  text(`dd if=/dev/mem bs=1M skip=${fileSystem.seek} count=${fileSystem.mib} status=none | sha256sum`)

test('a file system on the other half of a reserved range is recognised', async () => {
  await vm.ssh(
    `mke2fs -q -t ext4 -L rescue /tmp/fs ${half.mib}M &&
     dd if=/tmp/fs of=/dev/mem bs=1M seek=${fileSystem.seek} conv=notrunc status=none`
  )
  const recognise = async (region: string): Promise<unknown> => {
    const found = JSON.parse(await text(`pmpool --json region recognise ${region}`)) as unknown
    return helperMethods['region/recognise'].result.parse(found)
  }
  expect(await recognise(half.id)).toMatchObject({ kind: 'blank' })
  const other = { kind: 'filesystem', label: 'ext4 "rescue"' }
  expect(await recognise(`mem:0x18000000 --offset ${half.mib}M`)).toMatchObject(other)
})

test('root works on the regions through the socket; somebody else is refused without polkit', async () => {
  for (const unit of ['pmpool.socket', 'pmpool@.service']) {
    await vm.push(join(units, unit), `/etc/systemd/system/${unit}`)
  }
  await vm.ssh('systemctl daemon-reload && systemctl start pmpool.socket')

  const root = connect(vm, '')
  const first = helperMethods.initialize.result.parse(await root.ask('initialize', hello))
  expect(first.host.uid).toBe(0)
  const { regions } = helperMethods['region/list'].result.parse(await root.ask('region/list', {}))
  expect(regions.map(({ id, refused }) => ({ id, refused }))).toEqual(
    ['mem:0x10000000', 'mem:0x18000000', half.id].map((id) => ({ id, refused: null }))
  )
  const created = await root.ask('pool/create', { region: 'mem:0x10000000', name: 'service' })
  const { uuid: pool } = helperMethods['pool/create'].result.parse(created)
  const both = helperMethods['pool/extend'].result.parse(await root.ask('pool/extend', { pool, region: half.id }))
  expect(both.regions.map(({ region, medium }) => ({ region, medium }))).toEqual([
    { region: 'mem:0x10000000', medium: 'memmap' },
    { region: half.id, medium: 'memmap' }
  ])
  await root.ask('allocation/create', { pool, order: 4, name: 'near', owner: 'spec' })
  await root.ask('allocation/create', { pool, pages: 600, name: 'far', placement: 'region', node: 1 })
  await vm.ssh('head -c 2400000 /dev/urandom > /tmp/content && pmpool write service far /tmp/content')
  const digest = await fileSystemDigest()

  const plan = helperMethods['kexec/plan'].result.parse(
    await root.ask('kexec/plan', { pool, kernel: guestKernel, initrd: guestInitrd })
  )
  expect(plan.checks.filter(({ level }) => level === 'fail')).toEqual([])
  await root.ask('expectation/create', { pool, nonce: plan.nonce })
  await root.ask('kexec/load', { plan })
  expect(await text('cat /sys/kernel/kexec_loaded')).toBe('1\n')

  const nobody = connect(vm, 'setpriv --reuid=65534 --regid=65534 --clear-groups')
  const refused = nobody.ask('initialize', hello).then(() => nobody.ask('region/list', {}))
  await expect(refused).rejects.toMatchObject({ code: errorCodes['permission-denied'] })
  await nobody.close()

  // systemd answers its own unit, and the next kernel comes up
  await root.ask('kexec/jump', { pool, bootId: plan.bootId, nonce: plan.nonce })
  await vm.waitReady({ notBootId: plan.bootId })
  await root.close()
  const verdict = helperMethods['verdict/reach'].result.parse(JSON.parse(await text('pmpool --json verdict')))
  expect(verdict.class).toBe('intact')
  expect(verdict.pages).toMatchObject({ expected: 616, compared: 616 })
  expect(await fileSystemDigest()).toBe(digest)
})

test('a boot without one of the regions leaves the pool degraded, readable only, and says which is missing', async () => {
  const before = await vm.bootId()
  const commandLine = shellQuote(baseCommandLine(memmaps.slice(0, 1)))
  await vm.ssh(
    `kexec -s -l ${guestKernel} --initrd=${guestInitrd} --command-line=${commandLine} && systemctl kexec --no-block`
  )
  await vm.waitReady({ notBootId: before })
  const pool = helperMethods['pool/info'].result.parse(JSON.parse(await text('pmpool --json pool info service')))
  expect(pool).toMatchObject({ degraded: true, readOnly: true })
  expect(pool.regions.map(({ base, error }) => ({ base, error: error?.name }))).toEqual([
    { base: 0x10000000, error: undefined },
    { base: 0x18000000, error: 'region-missing' }
  ])
  const refused = await vm.ssh('pmpool --json alloc service --order 0', { allowFailure: true })
  expect(refused.code).toBe(1)
  expect(refused.stdout + refused.stderr).toContain('pool-degraded')
  expect((await vm.ssh('pmpool read service near')).bytes.length).toBe(16 * 4096)
})

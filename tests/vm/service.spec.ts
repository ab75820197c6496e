// SPDX-License-Identifier: GPL-2.0-or-later
// The socket-activated service as the packages install it, under a live systemd: its sandbox leaves the helper what it
// needs, up to the jump into the next kernel, and it lets in nobody whom neither uid 0 nor polkit vouches for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import { errorCodes, helperMethods, type HelperMethod, type HelperParams } from '../../main/api/index.ts'
import { guestInitrd, guestKernel, LabVm, shellQuote, sshHost } from './driver.ts'
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

test('root works on the region through the socket; somebody else is refused without polkit', async () => {
  const vm = await LabVm.start({ helper: helperBinary, append: ['memmap=64M$0x10000000'] })
  try {
    for (const unit of ['pmpool.socket', 'pmpool@.service']) {
      await vm.push(join(units, unit), `/etc/systemd/system/${unit}`)
    }
    await vm.ssh('systemctl daemon-reload && systemctl start pmpool.socket')

    const root = connect(vm, '')
    const first = helperMethods.initialize.result.parse(await root.ask('initialize', hello))
    expect(first.host.uid).toBe(0)
    const { regions } = helperMethods['region/list'].result.parse(await root.ask('region/list', {}))
    expect(regions.map(({ id, refused }) => ({ id, refused }))).toEqual([{ id: 'mem:0x10000000', refused: null }])
    const pool = helperMethods['pool/create'].result.parse(
      await root.ask('pool/create', { region: 'mem:0x10000000', name: 'service' })
    )
    await root.ask('allocation/create', { pool: pool.uuid, order: 4, name: 'state', owner: 'spec' })
    const plan = helperMethods['kexec/plan'].result.parse(
      await root.ask('kexec/plan', { pool: pool.uuid, kernel: guestKernel, initrd: guestInitrd })
    )
    expect(plan.checks.filter(({ level }) => level === 'fail')).toEqual([])
    await root.ask('expectation/create', { pool: pool.uuid, nonce: plan.nonce })
    await root.ask('kexec/load', { plan })
    expect((await vm.ssh('cat /sys/kernel/kexec_loaded')).stdout).toBe('1\n')

    const nobody = connect(vm, 'setpriv --reuid=65534 --regid=65534 --clear-groups')
    const refused = nobody.ask('initialize', hello).then(() => nobody.ask('region/list', {}))
    await expect(refused).rejects.toMatchObject({ code: errorCodes['permission-denied'] })
    await nobody.close()

    // systemd answers its own unit, and the next kernel comes up
    await root.ask('kexec/jump', { pool: pool.uuid, bootId: plan.bootId, nonce: plan.nonce })
    await vm.waitReady({ notBootId: plan.bootId })
    const verdict = JSON.parse((await vm.ssh('pmpool --json verdict')).stdout) as unknown
    expect(helperMethods['verdict/reach'].result.parse(verdict).class).toBe('intact')
    await root.close()
  } finally {
    await vm.stop()
  }
})

// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers that do not keep to the protocol. The real one does, so these are played by small scripts.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { HelperConnection } from '../../main/helper/connection.ts'
import { childLink, socketLink } from '../../main/helper/link.ts'
import { inProject } from '../../scripts/lib/root.mjs'
import { program, refusal } from './lab-support.ts'

const hello = {
  protocol: 1,
  helper: { name: 'pmpool', version: '1', pid: 1 },
  host: {
    hostname: 'h',
    simulated: true,
    bootId: '00000000-0000-4000-8000-000000000000',
    kernel: '6',
    cmdline: '',
    lockdown: 'none',
    kexecLoaded: false,
    uid: 0,
    user: 'root'
  }
}

/** A helper that answers each request with the next of `results`. */
const answering = (...results: unknown[]): string => `
  const results = ${JSON.stringify(results)}
  let text = ''
  process.stdin.setEncoding('utf8').on('data', (more) => {
    text += more
    for (let m; (m = /^Content-Length: (\\d+)\\r\\n\\r\\n/.exec(text)) && text.length >= m[0].length + Number(m[1]);) {
      const { id } = JSON.parse(text.slice(m[0].length, m[0].length + Number(m[1])))
      text = text.slice(m[0].length + Number(m[1]))
      const body = JSON.stringify({ jsonrpc: '2.0', id, result: results.shift() })
      process.stdout.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body)
    }
  }).on('end', () => process.exit(0))`

const open = (argv: string[], timeoutMs = 30_000): Promise<HelperConnection> =>
  HelperConnection.open(childLink(argv), { title: 'h', client: { name: 'tests', version: '0' }, timeoutMs })
const script = (text: string): string[] => [process.execPath, '-e', text]

describe('opening a connection', () => {
  it.each([
    [
      'ends at once',
      script("console.error('no memory'); process.exit(3)"),
      'host-unreachable',
      'exit code 3: no memory'
    ],
    ['is killed', script("process.kill(process.pid, 'SIGKILL')"), 'host-unreachable', 'ended by SIGKILL'],
    ['does not exist', ['/nonexistent/pmpool'], 'host-unreachable', 'ENOENT'],
    [
      'speaks something else',
      script("console.log('SSH-2.0-x\\r\\n\\r\\n'); setInterval(() => 0, 1e6)"),
      'host-unreachable',
      'does not speak'
    ],
    ['closes its output', script("require('fs').closeSync(1); setInterval(() => 0, 1e6)"), 'host-unreachable', 'h: '],
    [
      'never ends its message',
      script(
        "process.stdout.write('Content-Length: 1000000000\\r\\n\\r\\n'); require('fs').createReadStream('/dev/zero').pipe(process.stdout)"
      ),
      'host-unreachable',
      'too long'
    ],
    ['speaks another version', script(answering({ ...hello, protocol: 2 })), 'version-mismatch', 'protocol 2'],
    ['answers nothing', script(answering(null)), 'version-mismatch', 'protocol undefined'],
    ['lacks the host', script(answering({ ...hello, host: undefined })), 'internal', 'at host'],
    [
      'has a boot id that is none',
      script(answering({ ...hello, host: { ...hello.host, bootId: '../x' } })),
      'internal',
      'at host.bootId'
    ],
    [
      'may not run',
      script("console.error('Error executing command as another user: Not authorized'); process.exit(127)"),
      'permission-denied',
      'Not authorized'
    ]
  ])('is refused when the helper %s', async (_what, argv, name, message) => {
    expect(await refusal(open(argv))).toMatchObject({ name, message: expect.stringContaining(message) as string })
  })

  it('gives up on one that never answers, and ends it', async () => {
    const link = childLink(script('setInterval(() => 0, 1e6)'))
    const options = { title: 'h', client: { name: 'tests', version: '0' }, timeoutMs: 50 }
    expect(await refusal(HelperConnection.open(link, options))).toMatchObject({
      name: 'host-unreachable',
      message: 'h: no answer within 0.05 s.'
    })
    expect((await link.ended).code).toBeNull()
  })

  it('is refused where nobody listens', async () => {
    const options = { title: 'h', client: { name: 'tests', version: '0' }, timeoutMs: 30_000 }
    const error = await refusal(HelperConnection.open(socketLink('/nonexistent/helper.sock'), options))
    expect(error).toMatchObject({ name: 'host-unreachable', message: expect.stringContaining('ENOENT') as string })
  })
})

describe('a link to a process', () => {
  it('holds no stream open when the process has ended, whoever else has it', async () => {
    const link = childLink(['sh', '-c', 'sleep 5 & exit 3']) // the sleeping one inherits the streams
    expect(await link.ended).toMatchObject({ code: 3 })
    await new Promise(setImmediate)
    expect([link.input.destroyed, link.output.destroyed]).toEqual([true, true])
  })

  it('says so when no descriptors are left for it', () => {
    const source = `
      import { openSync } from 'node:fs'
      import { childLink } from ${JSON.stringify(inProject('main', 'helper', 'link.ts'))}
      try { for (;;) openSync('/dev/null') } catch {}
      childLink(['true']).ended.then(({ reason }) => process.exit(reason.includes('EMFILE') ? 0 : 1))`
    const limited = [
      '-c',
      'ulimit -n 64; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module-typescript',
      '-e',
      source
    ]
    expect(spawnSync('sh', limited, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('an open connection', () => {
  it('does not pass on a result that does not fit, and names where', async () => {
    const connection = await open(script(answering(hello, { pools: [{ uuid: 'x' }] })))
    const error = await refusal(connection.request('pool/list', {}))
    expect(error).toMatchObject({ name: 'internal', message: expect.stringContaining('at pools.0.uuid') as string })
    await connection.close()
  })

  it('tells how the helper ended, and refuses what comes later', async () => {
    const connection = await open(script(answering(hello)))
    void connection.close()
    expect(await connection.closed).toMatchObject({ name: 'helper-gone', message: 'h: exit code 0' })
    expect(await refusal(connection.request('pool/list', {}))).toMatchObject({ name: 'helper-gone' })
  })

  it('ends a helper that ignores the end of its input', async () => {
    const connection = await open(
      script(
        `process.on('SIGTERM', () => 0); setInterval(() => 0, 1e6); ${answering(hello).replace(/\.on\('end'.*/, '')}`
      )
    )
    await connection.close()
    expect(await connection.closed).toMatchObject({ message: expect.stringContaining('SIGKILL') as string })
  })

  it('is what the real helper speaks', async () => {
    const { mkdtempSync, rmSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const folder = mkdtempSync(`${tmpdir()}/pmpool-helper-`)
    const connection = await open([program, 'serve', '--simulate', `${folder}/host`, '--region-size', '16M'])
    expect(connection.hello).toMatchObject({ protocol: 1, helper: { name: 'pmpool' }, host: { simulated: true } })
    await connection.close()
    rmSync(folder, { recursive: true })
  })
})

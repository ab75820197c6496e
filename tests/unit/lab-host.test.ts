// SPDX-License-Identifier: GPL-2.0-or-later
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sshCommand } from '../../main/helper/transport.ts'
import type { HostState } from '../../main/api/index.ts'
import { Bench, connected, program, refusal, stateOf, work } from './lab-support.ts'

const hasSsh = spawnSync('ssh', ['-V']).status === 0

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.clear())

describe('a simulated host', () => {
  it('is there on a fresh machine, for its user alone, and says that it is simulated', async () => {
    const lab = await bench.lab()
    const host = lab.hosts.get('simulated')
    await connected(host)
    expect(host.info).toMatchObject({ simulated: true })
    expect(statSync(bench.dataDir).mode & 0o777).toBe(0o700)
    const { regions } = await bench.page(lab).request('region/list', { host: 'simulated' })
    expect(regions).toMatchObject([{ kind: 'simulated', size: 16 << 20, refused: null }])
  })

  it('is lost when its helper is killed, says so, comes back, and its pool attaches', async () => {
    const lab = await bench.lab()
    const { host, pool } = await work(lab)
    const states: HostState[] = []
    const told = new Promise<void>((settle) => {
      bench.page(lab).on('host/changed', ({ host: { state } }) => {
        states.push(state)
        if (state === 'connected') settle()
      })
    })
    process.kill(host.helperPid ?? NaN, 'SIGKILL')
    await stateOf(host, 'lost')
    expect(host.data.error).toMatchObject({
      name: 'helper-gone',
      message: expect.stringContaining('SIGKILL') as string
    })
    expect(await refusal(host.request('host/info', {}))).toMatchObject({ name: 'host-unreachable' })
    await connected(host)
    expect(host.data.error).toBeNull()
    expect(await host.request('pool/list', {})).toMatchObject({ pools: [{ uuid: pool.uuid }] })
    await told // the page hears of it on its own way, which may be the longer one
    expect(states).toEqual(['lost', 'connected'])
  })

  it('fails what is under way when its helper is killed', async () => {
    const lab = await bench.lab()
    const { host } = await work(lab)
    const pid = host.helperPid ?? NaN
    process.kill(pid, 'SIGSTOP') // so that it cannot answer before it is gone
    const pending = refusal(host.request('host/info', {}))
    process.kill(pid, 'SIGKILL')
    expect(await pending).toMatchObject({ name: 'helper-gone' })
  })

  it('is tried again at once when the page asks', async () => {
    const missing = join(bench.folder, 'pmpool')
    const lab = await bench.lab({ program: missing })
    const host = lab.hosts.get('simulated')
    await stateOf(host, 'lost')
    expect(host.data.error).toMatchObject({
      name: 'host-unreachable',
      message: expect.stringContaining('ENOENT') as string
    })
    writeFileSync(missing, `#!/bin/sh\nexec '${program}' "$@"\n`, { mode: 0o755 })
    await bench.page(lab).request('host/connect', { host: 'simulated' })
    await connected(host)
  })
})

describe('the list of hosts', () => {
  it('is kept, without the simulated one', async () => {
    const first = await bench.lab({ simulated: false })
    const socket = join(bench.folder, 'helper.sock')
    const added = first.hosts.add({ kind: 'socket', path: socket })
    expect(first.hosts.add({ kind: 'socket', path: socket })).toBe(added)
    await first.dispose()
    const second = await bench.lab({ simulated: false })
    expect(second.hosts.all.map(({ data }) => data)).toMatchObject([
      { id: 'socket', title: 'This machine', transport: { kind: 'socket', path: socket } }
    ])
    await bench.page(second).request('host/remove', { host: 'socket' })
    await second.dispose()
    expect((await bench.lab({ simulated: false })).hosts.all).toEqual([])
  })

  it.each([
    ['half of it', '{"version":1,"hosts":['],
    ['another version', '{"version":2,"hosts":[]}'],
    [
      'a target that is an option',
      '{"version":1,"hosts":[{"id":"a","title":"a","transport":{"kind":"ssh","target":"-oX"}}]}'
    ]
  ])('is set aside when the file holds %s', async (_what, text) => {
    await (await bench.lab({ simulated: false })).dispose()
    writeFileSync(join(bench.dataDir, 'hosts.json'), text)
    const lab = await bench.lab({ simulated: false })
    expect(lab.hosts.all).toEqual([])
    expect(bench.log).toEqual([expect.stringContaining('hosts.json is damaged')])
    expect(readFileSync(join(bench.dataDir, 'hosts.json.damaged-1'), 'utf8')).toBe(text)
    expect(existsSync(join(bench.dataDir, 'hosts.json'))).toBe(false)
  })

  it('belongs to one lab at a time', async () => {
    const first = await bench.lab({ simulated: false })
    await expect(bench.lab({ simulated: false })).rejects.toThrow('Another Pmpool Lab uses')
    await first.dispose()
    await bench.lab({ simulated: false })
  })

  it('leaves no half-written file', async () => {
    const lab = await bench.lab({ simulated: false })
    lab.hosts.add({ kind: 'socket', path: join(bench.folder, 'a') })
    expect(readdirSync(bench.dataDir).sort()).toEqual(['hosts.json', 'runs'])
  })
})

describe('a host that is removed and added again at once', () => {
  it('stays in the page, whenever the first one has closed', async () => {
    const lab = await bench.lab({ simulated: false })
    const transport = { kind: 'socket', path: join(bench.folder, 'helper.sock') } as const
    const page = bench.page(lab)
    const told: string[] = []
    page.on('host/removed', ({ host }) => told.push(`${host} removed`))
    page.on('host/changed', ({ host }) => told.push(`${host.id} ${host.state}`))
    await page.request('host/add', { transport })
    await stateOf(lab.hosts.get('socket'), 'lost')
    await Promise.all([
      page.request('host/remove', { host: 'socket' }),
      page.request('host/add', { transport }),
      page.request('host/list', {})
    ])
    await stateOf(lab.hosts.get('socket'), 'lost')
    await page.request('lab/info', {})
    expect(told.slice(told.indexOf('socket removed'))).toEqual(['socket removed', 'socket connecting', 'socket lost'])
  })
})

describe('a change of the list that cannot be kept', () => {
  it('does not happen', async () => {
    const lab = await bench.lab({ simulated: false })
    const first = lab.hosts.add({ kind: 'socket', path: join(bench.folder, 'a') })
    const inTheWay = join(bench.dataDir, 'hosts.json.partial')
    mkdirSync(inTheWay)
    expect(() => lab.hosts.add({ kind: 'socket', path: join(bench.folder, 'b') })).toThrow('EISDIR')
    await expect(lab.hosts.remove(first.id)).rejects.toThrow('EISDIR')
    expect(lab.hosts.all).toEqual([first])
    await stateOf(first, 'lost') // and goes on trying
    rmSync(inTheWay, { recursive: true })
    await lab.hosts.remove(first.id)
    expect(lab.hosts.all).toEqual([])
  })
})

describe('a host through pkexec', () => {
  const path = process.env['PATH']
  afterEach(() => {
    process.env['PATH'] = path
  })

  it('asks once for the password when it is refused, and again only on demand', async () => {
    const bin = join(bench.folder, 'bin')
    const asked = join(bench.folder, 'asked')
    mkdirSync(bin)
    writeFileSync(join(bin, 'pkexec'), `#!/bin/sh\necho >> '${asked}'\necho Not authorized >&2\nexit 126\n`, {
      mode: 0o755
    })
    process.env['PATH'] = `${bin}:${path}`
    const lab = await bench.lab({ simulated: false })
    const host = lab.hosts.add({ kind: 'pkexec' })
    await stateOf(host, 'lost')
    expect(host.data.error).toMatchObject({ name: 'permission-denied' })
    // another one is tried again meanwhile, three times
    const other = lab.hosts.add({ kind: 'socket', path: join(bench.folder, 'helper.sock') })
    let tries = 0
    other.changes.add(() => tries++)
    await other.until(() => tries >= 4, new AbortController().signal)
    expect(readFileSync(asked, 'utf8')).toBe('\n')
    await bench.page(lab).request('host/connect', { host: host.id })
    await stateOf(host, 'lost')
    expect(readFileSync(asked, 'utf8')).toBe('\n\n')
  })
})

describe('a host over ssh', () => {
  it('is reached by an argument array, in batch mode, without what the user’s configuration may add', () => {
    const argv = sshCommand('root@lab', '/etc/lab.conf')
    expect(argv.slice(0, 3)).toEqual(['ssh', '-F', '/etc/lab.conf'])
    expect(argv.slice(-5)).toEqual(['-T', '--', 'root@lab', 'pmpool', 'serve'])
    expect(argv).toEqual(expect.arrayContaining(['BatchMode=yes', 'ControlPath=none', 'ServerAliveInterval=3']))
  })

  it.each([
    '-oProxyCommand=touch /tmp/x',
    '-lroot',
    'host;true',
    'host true',
    'host\ntrue',
    '$(true)',
    '`true`',
    'a|b',
    "a'b",
    'a/b',
    '',
    'a'.repeat(256)
  ])('does not take %j as its target', async (target) => {
    const lab = await bench.lab({ simulated: false })
    const error = await refusal(bench.page(lab).request('host/add', { transport: { kind: 'ssh', target } }))
    expect(error).toMatchObject({ code: -32602, message: expect.stringMatching(/^transport\.target: /) as string })
    expect(lab.hosts.all).toEqual([])
    expect(() => sshCommand(target)).toThrow('no ssh destination')
  })

  // the lab VM's tests go over ssh in any case
  it.runIf(hasSsh)('says what ssh said when nobody answers', async () => {
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    listener.close()
    await once(listener, 'close')
    const sshConfigFile = join(bench.folder, 'ssh_config')
    writeFileSync(sshConfigFile, `Host lab\n  HostName 127.0.0.1\n  Port ${port}\n`)
    const lab = await bench.lab({ simulated: false, sshConfigFile, sshTargets: ['lab'] })
    const host = lab.hosts.get('ssh-lab')
    await stateOf(host, 'lost')
    expect(host.data).toMatchObject({
      title: 'lab',
      transport: { kind: 'ssh', target: 'lab', configFile: sshConfigFile },
      error: { name: 'host-unreachable', message: expect.stringContaining('exit code 255') as string }
    })
  })
})

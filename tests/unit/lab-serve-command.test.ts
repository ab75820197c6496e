// SPDX-License-Identifier: GPL-2.0-or-later
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseOptions, UsageError } from '../../main/serve/options.ts'
import { inProject } from '../../scripts/lib/root.mjs'

let folder: string
const running: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pmpool-serve-'))
})

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  rmSync(folder, { recursive: true, force: true })
})

interface Serving {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly exited: Promise<number | null>
  /** settles when stdout has so many lines */
  readonly lines: (count: number) => Promise<string[]>
}

function serve(...args: string[]): Serving {
  const child = spawn(process.execPath, [inProject('main', 'serve', 'index.ts'), ...args], {
    env: { ...process.env, XDG_STATE_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  running.push(child)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const complete = (): string[] => out.split('\n').slice(0, -1)
  return {
    child,
    out: () => out,
    err: () => err,
    exited: new Promise((settle) => child.on('close', settle)),
    lines: (count) =>
      new Promise((settle, refuse) => {
        const look = (): void => {
          if (complete().length >= count) settle(complete())
        }
        child.stdout.on('data', look)
        child.on('exit', () => refuse(new Error(`ended: ${err}`)))
        look()
      })
  }
}

const urlLine = /^Pmpool Lab: http:\/\/127\.0\.0\.1:(\d+)\/\?token=[A-Za-z0-9_-]{43}$/

describe('the command', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints one URL, and ends with 0 on %s', async (signal) => {
    const { child, out, exited, lines } = serve('--headless', '--no-simulated')
    const [line = ''] = await lines(1)
    expect(line).toMatch(urlLine)
    child.kill(signal)
    expect(await exited).toBe(0)
    expect(out()).toBe(`${line}\n`)
  })

  it('prints another URL on SIGUSR2', async () => {
    const { child, lines } = serve('--no-simulated')
    const [first = ''] = await lines(1)
    child.kill('SIGUSR2')
    const [, second = ''] = await lines(2)
    expect(second).toMatch(urlLine)
    expect(second).not.toBe(first)
    expect(second.match(urlLine)?.[1]).toBe(first.match(urlLine)?.[1])
  })

  it('refuses to share a data directory', async () => {
    await serve('--no-simulated', '--data', folder).lines(1)
    const second = serve('--no-simulated', '--data', folder)
    expect(await second.exited).toBe(1)
    expect(second.err()).toContain('Another Pmpool Lab uses')
    expect(second.out()).toBe('')
  })

  it('explains itself', async () => {
    const { exited, out } = serve('--help')
    expect(await exited).toBe(0)
    expect(out()).toContain('--region-size SIZE')
  })

  it.each([
    [['--nonsense'], '--nonsense'],
    [['extra'], 'extra'],
    [['--port', 'x'], '--port x'],
    [['--port', '65536'], '--port 65536'],
    [['--host', '-oProxyCommand=true'], '--host'],
    [['--host=-oProxyCommand=true'], 'not an ssh destination'],
    [['--host', 'a b'], 'not an ssh destination'],
    [['--region-size', '-1'], '--region-size'],
    [['--region-size', '1e9'], '--region-size 1e9'],
    [['--region-size', '64M,'], '--region-size 64M,'],
    [['--data', ''], 'empty']
  ])('does not take %j', (args, named) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
    expect(() => parseOptions(args)).toThrow(named)
  })

  it('ends with 2 and its usage on an unknown option', async () => {
    const { exited, err } = serve('--nonsense')
    expect(await exited).toBe(2)
    expect(err()).toContain("Unknown option '--nonsense'")
    expect(err()).toContain('Usage:')
  })
})

// SPDX-License-Identifier: GPL-2.0-or-later
// Starts the built application on real Electron where its binary is there, else on the stand-in. Both have the surface
// of Playwright's ElectronApplication that the specs use.
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, chromium, type Page } from '@playwright/test'
import type * as Electron from 'electron'

const project = join(import.meta.dirname, '../..')
const mainBundle = join(project, 'out/main/index.js')
const electronBinary = join(project, 'node_modules/electron/dist/electron')
const register = join(import.meta.dirname, 'stand-in/register.ts')

export const realElectron = existsSync(electronBinary)

/** As root, Electron refuses to start with its sandbox. */
const rootArguments = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export interface Application {
  readonly process: ChildProcess
  readonly window: Page
  /** everything that main has written so far, to both streams */
  readonly output: () => string
  /** Runs a function inside main; it sees nothing of the spec's but its argument. */
  evaluate<R, A = undefined>(act: (electron: typeof Electron, arg: A) => R | Promise<R>, arg?: A): Promise<R>
  /** Quits as the user does; settles with the exit code. */
  quit(): Promise<number | null>
}

function collectOutput(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  return () => text
}

const exitOf = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.once('exit', done))

async function launchReal(args: string[]): Promise<Application> {
  const electron = await _electron.launch({
    executablePath: electronBinary,
    args: [...rootArguments, project, ...args],
    cwd: project
  })
  const child = electron.process()
  const output = collectOutput(child)
  const exited = exitOf(child)
  return {
    process: child,
    output,
    window: await electron.firstWindow(),
    evaluate: (act, arg) => electron.evaluate(act as never, arg as never),
    quit: async () => {
      await electron.evaluate(({ app }) => app.quit()).catch(() => undefined)
      return exited
    }
  }
}

interface Reply {
  readonly ready?: string
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
}

const startStandIn = (args: string[]): ChildProcess =>
  fork(mainBundle, args, { cwd: project, execArgv: ['--import', register], silent: true })

async function launchStandIn(args: string[]): Promise<Application> {
  const child = startStandIn(args)
  const output = collectOutput(child)
  const exited = exitOf(child)
  const waiting = new Map<number, (reply: Reply) => void>()
  const endpoint = await new Promise<string>((ready, failed) => {
    void exited.then((code) => failed(new Error(`main ended with ${code}:\n${output()}`)))
    child.on('message', (reply: Reply) => {
      if (reply.ready) return ready(reply.ready)
      waiting.get(reply.id ?? 0)?.(reply)
      waiting.delete(reply.id ?? 0)
    })
  })
  const browser = await chromium.connectOverCDP(endpoint)
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no context')
  const window = context.pages()[0] ?? (await context.waitForEvent('page'))
  await window.waitForURL((url) => url.href !== 'about:blank')
  let next = 1
  return {
    process: child,
    output,
    window,
    evaluate: <R, A>(act: (electron: typeof Electron, arg: A) => R | Promise<R>, arg?: A) =>
      new Promise<R>((done, failed) => {
        const id = next++
        waiting.set(id, ({ value, error }) => (error === undefined ? done(value as R) : failed(new Error(error))))
        child.send({ id, source: act.toString(), arg })
      }),
    quit: async () => {
      if (child.connected) child.send({ id: 0, source: '({ app }) => app.quit()' })
      const code = await exited
      await browser.close()
      return code
    }
  }
}

export const launch = (args: string[]): Promise<Application> => (realElectron ? launchReal(args) : launchStandIn(args))

/** A start of which no window is expected; settles with the exit code. */
export function launchBriefly(args: string[]): Promise<number | null> {
  const child = realElectron
    ? spawn(electronBinary, [...rootArguments, project, ...args], { cwd: project, stdio: 'ignore' })
    : startStandIn(args)
  return exitOf(child)
}

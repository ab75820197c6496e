// SPDX-License-Identifier: GPL-2.0-or-later
// Starts the built application on real Electron where its binary is there, else on the stand-in. Both have the surface
// of Playwright's ElectronApplication that the specs use.
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { _electron, chromium, type Browser, type Page } from '@playwright/test'
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

/** What is started on the stand-in: the tree's own bundle, or an unpacked archive beside packaged resources. */
interface Build {
  readonly bundle: string
  readonly resources?: string
}

const startStandIn = (args: string[], { bundle, resources }: Build = { bundle: mainBundle }): ChildProcess =>
  fork(bundle, args, {
    cwd: project,
    execArgv: ['--import', register],
    env: { ...process.env, ...(resources ? { STAND_IN_RESOURCES: resources } : {}) },
    silent: true
  })

async function firstPage(endpoint: string): Promise<{ browser: Browser; window: Page }> {
  const browser = await chromium.connectOverCDP(endpoint)
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no context')
  const window = context.pages()[0] ?? (await context.waitForEvent('page'))
  await window.waitForURL((url) => url.href !== 'about:blank')
  return { browser, window }
}

async function launchStandIn(args: string[], build?: Build): Promise<Application> {
  const child = startStandIn(args, build)
  const output = collectOutput(child)
  const exited = exitOf(child)
  const ended = exited.then((code): never => {
    throw new Error(`main ended with ${code}:\n${output()}`)
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  const ready = new Promise<string>((told) => {
    child.on('message', (reply: Reply) => {
      if (reply.ready) return told(reply.ready)
      waiting.get(reply.id ?? 0)?.(reply)
      waiting.delete(reply.id ?? 0)
    })
  })
  const endpoint = await Promise.race([ready, ended])
  const { browser, window } = await firstPage(endpoint).catch(async (error: unknown) => {
    // Chromium goes when main does: then main's words are the reason
    await Promise.race([ended, delay(1000)])
    throw error
  })
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

/** Packages are made without Electron's binary, so what is in them always runs on the stand-in. */
export const launchPackaged = (build: Required<Build>, args: string[]): Promise<Application> =>
  launchStandIn(args, build)

/** A start of which no window is expected; settles with the exit code. */
export function launchBriefly(args: string[]): Promise<number | null> {
  const child = realElectron
    ? spawn(electronBinary, [...rootArguments, project, ...args], { cwd: project, stdio: 'ignore' })
    : startStandIn(args)
  return exitOf(child)
}

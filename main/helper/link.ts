// SPDX-License-Identifier: GPL-2.0-or-later
/** A pair of byte streams to `pmpool serve`, and how it ended. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { PassThrough, Readable, type Writable } from 'node:stream'

export interface Link {
  /** what the helper writes */
  readonly input: Readable
  readonly output: Writable
  /** Settles when nothing more comes; never rejects. */
  readonly ended: Promise<Ending>
  /** Asks the helper to end, and ends it when it does not. */
  end(): void
}

export interface Ending {
  /** exit code of the process; null for a signal, a socket, or a program that could not be started */
  readonly code: number | null
  /** what happened, with the last that the helper wrote to stderr */
  readonly reason: string
}

const stderrTail = 2048
/** The lab itself has a second to end in. */
const askAfterMs = 300
const killAfterMs = 600
/** What pkexec started as root hears no signal from here, only the end of its input. */
const giveUpAfterMs = 800
/** A grandchild may hold the streams open after the exit. */
const drainMs = 100

export function childLink(argv: readonly string[]): Link {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let giveUp: (ending: Ending) => void = () => undefined
  const ended = new Promise<Ending>((settle) => (giveUp = settle))
  child.on('error', (error) => giveUp({ code: null, reason: error.message }))
  // no descriptors were left for the pipes: the error tells, a tick later
  if (!(child.stdin as unknown))
    return { input: Readable.from([]), output: new PassThrough(), ended, end: () => undefined }
  let notes = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes = (notes + text).slice(-stderrTail)
  })
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined) // the exit tells
  const tell = (code: number | null, signal: string | null): void => {
    const how = signal ? `ended by ${signal}` : `exit code ${code}`
    const said = notes.trim()
    giveUp({ code, reason: said ? `${how}: ${said}` : how })
  }
  child.on('exit', (code, signal) => setTimeout(tell, drainMs, code, signal))
  child.on('close', tell)
  void ended.then(() => {
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  })
  const end = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.stdin.end()
    const timers = [
      setTimeout(() => child.kill('SIGTERM'), askAfterMs),
      setTimeout(() => child.kill('SIGKILL'), killAfterMs),
      setTimeout(() => giveUp({ code: null, reason: 'it does not end' }), giveUpAfterMs)
    ]
    void ended.then(() => timers.forEach((timer) => clearTimeout(timer)))
  }
  return { input: child.stdout, output: child.stdin, ended, end: once(end) }
}

export function socketLink(path: string): Link {
  const socket = connect({ path })
  let reason = 'the helper closed the connection'
  socket.on('error', (error) => (reason = error.message))
  const ended = new Promise<Ending>((settle) => socket.on('close', () => settle({ code: null, reason })))
  return { input: socket, output: socket, ended, end: () => socket.destroy() }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}

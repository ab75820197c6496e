// SPDX-License-Identifier: GPL-2.0-or-later
// Last resort for what a process forgot to stop: runs on exit, Ctrl-C and SIGTERM.

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const pending = new Set<() => void>()

/** Runs `action`, which must not wait, when this process ends before the returned function was called. */
export function onProcessEnd(action: () => void): () => void {
  if (pending.size === 0) listen()
  pending.add(action)
  return () => {
    pending.delete(action)
    if (pending.size === 0) unlisten()
  }
}

function runPending(): void {
  const actions = [...pending]
  pending.clear()
  for (const action of actions) action()
}

function onSignal(signal: NodeJS.Signals): void {
  runPending()
  unlisten()
  // Somebody else's listener decides how the process ends; without one, the signal does what it always did.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

function listen(): void {
  process.on('exit', runPending)
  for (const signal of signals) process.on(signal, onSignal)
}

function unlisten(): void {
  process.off('exit', runPending)
  for (const signal of signals) process.off(signal, onSignal)
}

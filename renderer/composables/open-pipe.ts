// SPDX-License-Identifier: GPL-2.0-or-later
import 'vscode-jsonrpc/browser'
import { messagePortPipe, webSocketPipe, type Pipe } from '@api/pipe.ts'

/** The way to the lab: a MessagePort in Electron, a WebSocket of the same origin (with its cookie) in a browser. */
export function openPipe(): Promise<Pipe> {
  return window.pmpool ? openPort(window.pmpool) : openSocket()
}

/** A browser is not told why a WebSocket was refused: the page's own address says whether there is a session. */
export async function isSessionOver(): Promise<boolean> {
  if (window.pmpool) return false
  try {
    return (await fetch('/', { method: 'HEAD', signal: AbortSignal.timeout(3000) })).status === 403
  } catch {
    return false // nobody answers
  }
}

function openPort(shell: PmpoolShell): Promise<Pipe> {
  return new Promise((opened) => {
    const receive = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports
      const type = (event.data as { type?: unknown } | null)?.type
      if (event.source !== window || type !== 'pmpool-port' || !port) return
      window.removeEventListener('message', receive)
      opened(messagePortPipe(port))
    }
    window.addEventListener('message', receive)
    shell.connect()
  })
}

function openSocket(): Promise<Pipe> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const socket = new WebSocket(`${scheme}://${location.host}/rpc`)
  return new Promise((opened, refused) => {
    socket.addEventListener('open', () => opened(webSocketPipe(socket)))
    socket.addEventListener('close', () => refused(new Error('The lab refused the connection, or has ended.')))
  })
}

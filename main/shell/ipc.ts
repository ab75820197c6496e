// SPDX-License-Identifier: GPL-2.0-or-later
// What the preload may ask of main: each message's sender and content are checked before anything happens.
import { ipcMain, MessageChannelMain, type IpcMainEvent } from 'electron'
import { z } from 'zod'
import { mainPortPipe, type Pipe } from '../api/pipe.ts'
import { channels } from './commands.ts'
import { isPageUrl } from './urls.ts'

/** The arguments of each message of the preload. */
const schemas = { [channels.connect]: z.tuple([]) }

/** Why a message is refused, or undefined. The frame is null when it has gone or navigated since. */
function refusal({ senderFrame: frame, ports }: IpcMainEvent, schema: z.ZodType, args: unknown[]): string | undefined {
  if (!frame || frame.parent !== null || !isPageUrl(frame.url))
    return `comes from ${frame?.url ?? 'a frame that is gone'}`
  if (ports.length > 0) return 'carries ports'
  const parsed = schema.safeParse(args)
  return parsed.success ? undefined : z.prettifyError(parsed.error)
}

function on(channel: keyof typeof schemas, act: (event: IpcMainEvent) => void): void {
  ipcMain.on(channel, (event, ...args: unknown[]) => {
    const reason = refusal(event, schemas[channel], args)
    if (reason === undefined) act(event)
    else console.warn(`Refused a message on ${channel}: ${reason}`)
  })
}

/** @param serve talks to the page that asked, for as long as its pipe is open */
export function acceptConnections(serve: (pipe: Pipe) => void): void {
  on(channels.connect, ({ sender }) => {
    const { port1, port2 } = new MessageChannelMain()
    serve(mainPortPipe(port1))
    sender.postMessage(channels.port, null, [port2])
  })
}

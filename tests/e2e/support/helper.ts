// SPDX-License-Identifier: GPL-2.0-or-later
// A second process on the simulated host: pmpool serve, spoken to directly.
import { spawn, type ChildProcess } from 'node:child_process'
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection
} from 'vscode-jsonrpc/node'
import type { HelperMethod, HelperParams, HelperResult } from '../../../main/api/index.ts'

export class Helper {
  readonly #process: ChildProcess
  readonly #connection: MessageConnection

  private constructor(child: ChildProcess, connection: MessageConnection) {
    this.#process = child
    this.#connection = connection
  }

  static async open(program: string, directory: string): Promise<Helper> {
    const child = spawn(program, ['serve', '--simulate', directory], { stdio: ['pipe', 'pipe', 'inherit'] })
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin)
    )
    connection.listen()
    const helper = new Helper(child, connection)
    await helper.ask('initialize', { protocol: [1], client: { name: 'e2e', version: '0' } })
    return helper
  }

  ask<M extends HelperMethod>(method: M, params: HelperParams<M>): Promise<HelperResult<M>> {
    return this.#connection.sendRequest<HelperResult<M>>(method, params)
  }

  async close(): Promise<void> {
    const ended = new Promise((settle) => this.#process.once('exit', settle))
    this.#connection.dispose()
    this.#process.stdin?.end()
    await ended
  }
}

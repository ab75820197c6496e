// SPDX-License-Identifier: GPL-2.0-or-later
// The real `pmpool serve` on a simulated host of its own, for the tests that hold it against main/api.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import {
  CancellationTokenSource,
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection
} from 'vscode-jsonrpc/node'
import {
  helperMethods,
  helperNotifications,
  type HelperMethod,
  type HelperParams,
  type HelperResult
} from '../../main/api/index.ts'
import { inProject } from '../../scripts/lib/root.mjs'

export const program = process.env['PMPOOL_HELPER'] ?? inProject('build', 'native', 'helper', 'pmpool')
export const pageBytes = 4096
export const mebibyte = 2 ** 20
export const unknownPool = '00000000-0000-4000-8000-000000000000'

/** Methods whose answers a file of its own checks; helper-contract.test.ts checks all others. */
export const shares = {
  memory: [
    'pattern/fill',
    'pattern/check',
    'memory/test',
    'memory/results',
    'fault/inject',
    'expectation/create',
    'verdict/reach',
    'verdict/list'
  ],
  allocations: ['allocation/resize', 'allocation/fill'],
  snapshots: ['snapshot/compare', 'snapshot/restore'],
  map: ['pool/tiles', 'pool/range', 'pool/find'],
  host: [
    'host/memory',
    'host/readiness',
    'reservation/plan',
    'reservation/keep',
    'reservation/list',
    'reservation/forget'
  ],
  inspect: ['memory/read', 'memory/write', 'memory/search', 'snapshot/bytes', 'expectation/bytes']
} as const satisfies Record<string, readonly HelperMethod[]>

/** Methods that answered in the file that runs. */
export const answered = new Set<HelperMethod>()

export class Helper {
  readonly child: ChildProcessWithoutNullStreams
  readonly rpc: MessageConnection
  readonly exited: Promise<{ code: number | null; signal: string | null }>

  constructor(directory: string, size = '64M') {
    this.child = spawn(program, ['serve', '--simulate', directory, '--region-size', size])
    this.rpc = createMessageConnection(
      new StreamMessageReader(this.child.stdout),
      new StreamMessageWriter(this.child.stdin)
    )
    this.exited = new Promise((settle) => this.child.once('exit', (code, signal) => settle({ code, signal })))
    this.rpc.onError(() => {}) // its end is what `exited` tells
    this.rpc.listen()
  }

  /** The result, as it came: equal to what its schema makes of it, so that an unknown key or a default shows. */
  async ask<M extends HelperMethod>(
    method: M,
    params: HelperParams<M>,
    cancel = new CancellationTokenSource()
  ): Promise<HelperResult<M>> {
    const result: unknown = await this.rpc.sendRequest(method, params, cancel.token)
    expect(helperMethods[method].result.parse(result), method).toStrictEqual(result)
    answered.add(method)
    return result as HelperResult<M>
  }

  async refusal(method: string, params: unknown): Promise<ResponseError<unknown>> {
    const error: unknown = await this.rpc.sendRequest(method, params).catch((reason: unknown) => reason)
    if (!(error instanceof ResponseError)) throw new TypeError(`${method} was not refused`, { cause: error })
    return error
  }

  initialize(): Promise<HelperResult<'initialize'>> {
    return this.ask('initialize', { protocol: [1], client: { name: 'contract', version: '0' } })
  }

  changed(pool: string): Promise<number> {
    return new Promise((settle) => {
      this.rpc.onNotification('pool/changed', (params: unknown) => {
        const change = helperNotifications['pool/changed'].params.strict().parse(params)
        if (change.pool === pool) settle(change.sequence)
      })
    })
  }

  async end(): Promise<void> {
    this.child.stdin.end()
    await this.exited
    this.rpc.dispose()
  }
}

let folder = ''
let helpers: Helper[] = []

/** Folder of the test that runs; the simulated host is `host` in it. */
export const directory = (): string => folder

export const start = (size?: string): Helper => {
  const helper = new Helper(join(folder, 'host'), size)
  helpers.push(helper)
  return helper
}

export const ready = async (size?: string): Promise<Helper> => {
  const helper = start(size)
  await helper.initialize()
  return helper
}

export const makePool = async (
  helper: Helper,
  name = 'lab',
  more: { size?: number; logSlots?: number } = {}
): Promise<HelperResult<'pool/create'>> => {
  const { regions } = await helper.ask('region/list', {})
  return helper.ask('pool/create', { region: regions[0]?.id ?? '', name, ...more })
}

export const files = (name: string): string[] => readdirSync(join(folder, 'host/var/lib/pmpool', name)).sort()

/** Changes bytes of the host's memory behind the helper's back. */
export const spoil = async (address: number, change: (bytes: Buffer) => void, length: number): Promise<void> => {
  const memory = await open(join(folder, 'host/dev/mem'), 'r+')
  const bytes = Buffer.alloc(length)
  await memory.read(bytes, 0, length, address)
  change(bytes)
  await memory.write(bytes, 0, length, address)
  await memory.close()
}

/** Through a kexec of the simulated host: another helper, on the next boot. */
export const kexec = async (helper: Helper, pool: string): Promise<Helper> => {
  const { bootId } = await helper.ask('host/info', {})
  const plan = await helper.ask('kexec/plan', { pool })
  await helper.ask('kexec/load', { plan })
  await helper.ask('kexec/jump', { pool, bootId, nonce: plan.nonce })
  await helper.exited
  return ready()
}

/** To be called once at the top of a file. */
export const onHosts = (): void => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pmpool-helper-'))
    helpers = []
  })
  afterEach(async () => {
    for (const helper of helpers) await helper.end()
    rmSync(folder, { recursive: true, force: true })
  })
}

// SPDX-License-Identifier: GPL-2.0-or-later
/** Things only the lab (main) knows: hosts it reaches and runs it leads. */
import { z } from 'zod'
import { LabError } from './errors.ts'
import { sshTargetLength, sshTargetPattern, sshTargetRule } from './sshTarget.ts'
import { Pattern } from './memory.ts'
import { ContentKept, Expectation, HostInfo, KexecPlan, PoolRegion, Snapshot, Usage, Uuid, Verdict } from './model.ts'

const time = z.number().int().nonnegative().describe('milliseconds since 1970, clock of the lab')

/** An OpenSSH destination: user@host or an alias of the ssh config; never an option. */
export const SshTarget = z.string().max(sshTargetLength, sshTargetRule).regex(sshTargetPattern, sshTargetRule)

export const Transport = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('simulated'), directory: z.string().describe('the simulated host lives in it') }),
  z.object({
    kind: z.literal('ssh'),
    target: SshTarget,
    configFile: z.string().optional().describe('ssh -F; default: the user’s own')
  }),
  z.object({ kind: z.literal('socket'), path: z.string().describe('/run/pmpool/helper.sock') }),
  z.object({ kind: z.literal('pkexec') })
])
export type Transport = z.infer<typeof Transport>

export const HostState = z.enum(['connecting', 'connected', 'away', 'lost', 'closed'])
export type HostState = z.infer<typeof HostState>

export const Host = z.object({
  id: z.string(),
  title: z.string(),
  transport: Transport,
  state: HostState.describe('away: a kexec of ours; lost: the helper ended or the connection broke, retrying'),
  info: HostInfo.nullable().describe('of the last connection'),
  error: LabError.nullable().describe('why it is lost')
})
export type Host = z.infer<typeof Host>

export const RunState = z.enum([
  'planned',
  'expecting',
  'loading',
  'armed',
  'jumping',
  'away',
  'verifying',
  'done',
  'failed',
  'cancelled'
])
export type RunState = z.infer<typeof RunState>

export const Run = z.object({
  id: Uuid,
  host: z.string(),
  hostTitle: z.string(),
  pool: Uuid,
  poolName: z.string(),
  simulated: z.boolean(),
  state: RunState,
  plan: KexecPlan,
  content: ContentKept.optional().describe('whether the expectation keeps the bytes; default auto'),
  pattern: Pattern.optional().describe('on the free pages'),
  expectation: Expectation.nullable(),
  verdict: Verdict.nullable(),
  error: LabError.nullable(),
  failedAt: RunState.nullable().describe('the step that failed'),
  progress: z.object({ done: z.number(), total: z.number() }).nullable().describe('bytes'),
  steps: z.array(z.object({ state: RunState, at: time })),
  downtimeMs: z.number().int().nonnegative().nullable().describe('from the jump to the answering helper')
})
export type Run = z.infer<typeof Run>

/** A snapshot file that the lab reads by itself (libpmpool), without a helper. */
export const LabFile = Snapshot.extend({
  path: z.string().describe('on the machine of the lab'),
  hostname: z.string().describe('of the host it was taken on; empty: not known'),
  regions: z.array(PoolRegion).describe('of the pool as it was'),
  usage: Usage.describe('of the pool as it was')
})
export type LabFile = z.infer<typeof LabFile>

export const Report = z.object({
  name: z.string().describe('a file name that fits'),
  mime: z.string(),
  text: z.string()
})
export type Report = z.infer<typeof Report>

export const LabInfo = z.object({
  version: z.string(),
  mode: z.enum(['electron', 'headless']),
  protocol: z.number().int()
})
export type LabInfo = z.infer<typeof LabInfo>

// SPDX-License-Identifier: GPL-2.0-or-later
/** What the lab itself answers, a method a line. */
import type { z } from 'zod'
import { failure, type LabMethod, type LabMethods, type LabResult } from '../api/index.ts'
import { fileAnswers, type Task } from '../files/index.ts'
import type { Lab } from './lab.ts'

export type LabAnswers = {
  readonly [M in LabMethod]: (
    params: z.output<LabMethods[M]['params']>,
    task: Task
  ) => LabResult<M> | Promise<LabResult<M>>
}

export const labAnswers = (lab: Lab): LabAnswers => ({
  'lab/info': () => lab.info,
  'host/list': () => ({ hosts: lab.hosts.all.map(({ data }) => data) }),
  'host/add': ({ transport }) => lab.hosts.add(transport).data,
  'host/remove': async ({ host }) => {
    const run = lab.runs.underWay(host)
    if (run) throw failure('run-state', `A run of this host is ${run.data.state}: it has to end first.`)
    await lab.hosts.remove(host)
    return {}
  },
  'host/connect': ({ host: id }) => {
    const host = lab.hosts.get(id)
    host.retry()
    return host.data
  },
  'run/plan': async (params) => (await lab.runs.plan(params)).data,
  'run/start': ({ run, acceptWarnings, arm }) => lab.runs.start(run, acceptWarnings, arm).data,
  'run/jump': ({ run: id }) => {
    const run = lab.runs.get(id)
    run.jump()
    return run.data
  },
  'run/cancel': async ({ run: id }) => {
    const run = lab.runs.get(id)
    await run.cancel()
    return run.data
  },
  'run/list': () => ({ runs: lab.runs.all.map(({ data }) => data) }),
  'run/delete': ({ run }) => {
    lab.runs.delete(run)
    return {}
  },
  ...fileAnswers(lab.files)
})

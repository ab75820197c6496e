// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'
import { asFailure, isCancelled } from '@api/failure.ts'
import type { LabError } from '@api'
import type { Progress } from '@api/client.ts'
import { RateMeter } from '../composables/rate.ts'

export type TaskState = 'running' | 'done' | 'failed' | 'cancelled'

export interface Task {
  readonly id: number
  readonly title: string
  readonly startedAt: number
  state: TaskState
  done: number
  /** bytes; 0 while it is not known */
  total: number
  /** bytes a second; null until it can be told */
  rate: number | null
  error: LabError | null
  cancel: () => void
}

export interface TaskControls {
  readonly signal: AbortSignal
  readonly progress: (progress: Progress) => void
}

const keptEnded = 20

/** Long acts under way, and how the last ones ended. */
export const useTasks = defineStore('tasks', () => {
  const tasks = shallowReactive<Task[]>([])
  const running = computed(() => tasks.filter((task) => task.state === 'running'))
  let nextId = 1

  function begin(title: string, abort: AbortController): Task {
    const task: Task = shallowReactive({
      id: nextId++,
      title,
      startedAt: Date.now(),
      state: 'running',
      done: 0,
      total: 0,
      rate: null,
      error: null,
      cancel: () => abort.abort()
    })
    tasks.unshift(task)
    return task
  }

  /** Do `work` in sight of the user; its failure is kept on the task and thrown on. */
  async function run<T>(title: string, work: (controls: TaskControls) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    const task = begin(title, abort)
    const meter = new RateMeter()
    const progress = ({ done, total }: Progress): void => {
      task.done = done
      task.total = total
      task.rate = meter.sample(done, performance.now())
    }
    try {
      const result = await work({ signal: abort.signal, progress })
      task.state = 'done'
      task.done = task.total
      return result
    } catch (error) {
      const failed = asFailure(error)
      task.state = isCancelled(failed) ? 'cancelled' : 'failed'
      task.error = failed.toLabError()
      if (failed.name === 'confirm-needed') tasks.splice(tasks.indexOf(task), 1) // a question, not an act that failed
      throw failed
    } finally {
      forgetOld()
    }
  }

  function forgetOld(): void {
    const ended = tasks.filter((task) => task.state !== 'running')
    for (const task of ended.slice(keptEnded)) tasks.splice(tasks.indexOf(task), 1)
  }

  function clearEnded(): void {
    tasks.splice(0, tasks.length, ...running.value)
  }

  return { tasks, running, run, clearEnded }
})

// SPDX-License-Identifier: GPL-2.0-or-later
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

export interface NoticeAction {
  readonly title: string
  readonly run: () => unknown
}

/** What has just been done, said for a short while; with an action while it can still be taken back. */
export interface Notice {
  readonly id: number
  readonly text: string
  readonly action: NoticeAction | null
}

export const shownFor = 8000 // ms
const mostShown = 3

export const useNotices = defineStore('notices', () => {
  const notices = shallowRef<readonly Notice[]>([])
  const timers = new Map<number, ReturnType<typeof setTimeout>>()
  let nextId = 1
  let held = false

  const start = (id: number): void => void timers.set(id, setTimeout(drop, shownFor, id))
  function stop(id: number): void {
    clearTimeout(timers.get(id))
    timers.delete(id)
  }
  function drop(id: number): void {
    stop(id)
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  /** Answers the id, to drop it by when it does not hold any more. What is said again stands there once. */
  function say(text: string, action: NoticeAction | null = null): number {
    const id = nextId++
    for (const same of notices.value.filter((each) => each.text === text && !each.action && !action)) drop(same.id)
    notices.value = [...notices.value, { id, text, action }]
    for (const old of notices.value.slice(0, -mostShown)) drop(old.id)
    if (!held) start(id)
    return id
  }

  /** The action can be taken once. */
  function act(id: number): void {
    const notice = notices.value.find((each) => each.id === id)
    drop(id)
    void notice?.action?.run()
  }

  /** While the pointer or the focus is on them, none goes away; after it each has its whole time again. */
  function hold(on: boolean): void {
    if (on === held) return
    held = on
    for (const { id } of notices.value) {
      if (on) stop(id)
      else start(id)
    }
  }

  return { notices, say, act, drop, hold }
})

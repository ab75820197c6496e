// SPDX-License-Identifier: GPL-2.0-or-later
import { afterEach, describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref, shallowRef, type EffectScope } from 'vue'
import type { Host } from '@api'
import { fromWire } from '@api/failure.ts'
import { useHostRead, type HostRead } from './use-host-read.ts'

const boots = ['0e3ec9f6-1111-4222-8333-444455556666', '1e3ec9f6-1111-4222-8333-444455556666'] as const
const hostIn = (state: Host['state'], boot: string = boots[0]): Host =>
  ({ id: 'a', title: 'a', transport: { kind: 'ssh', target: 'a' }, state, info: { bootId: boot }, error: null }) as Host

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await nextTick()
}

describe('what a host answers', () => {
  let scope: EffectScope
  afterEach(() => scope.stop())

  function read(ask: (turn: number) => Promise<number>, state: Host['state'] = 'connected') {
    const host = shallowRef(hostIn(state))
    const wanted = ref(true)
    let turn = 0
    scope = effectScope()
    const found = scope.run(() =>
      useHostRead(
        () => host.value,
        () => wanted.value,
        () => ask(++turn)
      )
    ) as HostRead<number>
    return { host, wanted, found }
  }

  it('is read when it is wanted, and not before', async () => {
    const { wanted, found } = read((turn) => Promise.resolve(turn))
    wanted.value = false
    await settled()
    const before = found.value.value
    wanted.value = true
    await settled()
    expect(found.value.value).toBe((before ?? 0) + 1)
    expect(found.at.value).toBeGreaterThan(0)
  })

  it('is read again after a boot, and when the host is back', async () => {
    const { host, found } = read((turn) => Promise.resolve(turn), 'connecting')
    await settled()
    expect(found.value.value).toBeNull()
    host.value = hostIn('connected')
    await settled()
    host.value = hostIn('connected', boots[1])
    await settled()
    host.value = hostIn('away', boots[1])
    await settled()
    host.value = hostIn('connected', boots[1])
    await settled()
    expect(found.value.value).toBe(3)
  })

  it('keeps what was read last when it fails, and says why', async () => {
    const refuse = fromWire({ code: -32601, message: 'no method' })
    const { found } = read((turn) => (turn === 1 ? Promise.resolve(1) : Promise.reject(refuse)))
    await settled()
    await found.load()
    expect(found.value.value).toBe(1)
    expect(found.error.value?.message).toContain('no method')
    expect(found.busy.value).toBe(false)
  })
})

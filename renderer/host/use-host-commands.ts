// SPDX-License-Identifier: GPL-2.0-or-later
import { formatHex } from '../composables/format.ts'
import { useCommand } from '../composables/use-command.ts'
import { useCommands } from '../stores/commands.ts'
import { useHosts } from '../stores/hosts.ts'
import { usePlace } from '../stores/place.ts'
import { kernelSize } from './facts.ts'
import { usePhysical } from './physical.ts'

/** What can be done on a host, from anywhere; `checkAgain` on its own view only. */
export function useHostCommands(
  host: () => string,
  checkAgain: () => Promise<void> = () => Promise.resolve(),
  refusal: () => string | null = () => 'Open the readiness of the host first.'
): void {
  const hosts = useHosts()
  const place = usePlace()
  const physical = usePhysical()
  const line = useCommand()
  function plan(): void {
    place.showHost(host(), 'physical')
    physical.pane = 'plan'
  }
  const noHost = (): string | null => (hosts.byId(host()) ? null : 'No host is in view.')
  useCommands([
    {
      id: 'host-overview',
      title: 'Open the overview of the host',
      group: 'Host',
      refusal: noHost,
      run: () => place.showHost(host(), 'overview'),
      line: () => line('host info', [])
    },
    {
      id: 'host-physical',
      title: 'Open physical memory',
      group: 'Host',
      refusal: noHost,
      run: () => place.showHost(host(), 'physical'),
      line: () => line('host memory', [])
    },
    {
      id: 'host-readiness',
      title: 'Open readiness',
      group: 'Host',
      refusal: noHost,
      run: () => place.showHost(host(), 'readiness'),
      line: () => line('host readiness', [])
    },
    {
      id: 'plan-reservation',
      title: 'Plan a reservation …',
      group: 'Host',
      refusal: noHost,
      run: plan,
      line: () => {
        const range = physical.chosen
        const words = range ? [formatHex(range.base), kernelSize(range.size)] : ['BASE', 'SIZE']
        return line('reservation plan', words, [['pmem', physical.kind === 'pmem' ? true : null]])
      }
    },
    {
      id: 'check-host',
      title: 'Check the host again',
      group: 'Host',
      refusal,
      run: checkAgain,
      line: () => line('host readiness', [])
    }
  ])
}

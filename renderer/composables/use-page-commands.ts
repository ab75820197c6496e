// SPDX-License-Identifier: GPL-2.0-or-later
import { computed } from 'vue'
import { useAllocationCommands } from '../allocations/use-allocation-commands.ts'
import { useHostCommands } from '../host/use-host-commands.ts'
import { useCommands, type Command } from '../stores/commands.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useHosts } from '../stores/hosts.ts'
import { usePlace } from '../stores/place.ts'
import { usePool } from '../stores/pool.ts'
import { contrastChoices, themeChoices, usePreferences } from '../stores/preferences.ts'
import { copyText } from './copy-text.ts'
import { formatBytes } from './format.ts'
import { filesPlace, tabs, tabTitles } from './route.ts'
import { useCommand } from './use-command.ts'

/** What can be done from anywhere; views add what is theirs. */
export function usePageCommands(): void {
  useCommands(usePoolCommands())
  useCommands(useAllocationCommands())
  useCommands(useTabCommands())
  useCommands(useViewCommands())
  useCommands(usePlaces())
  const place = usePlace()
  useHostCommands(() => place.host ?? '')
}

function usePoolCommands(): Command[] {
  const dialogs = useDialogs()
  const hosts = useHosts()
  const place = usePlace()
  const pool = usePool()
  const line = useCommand()

  const noPool = (): string | null => (pool.info ? null : 'No pool is in view.')
  const unreachable = (): string | null => noPool() ?? (pool.reachable ? null : 'The host is not connected.')
  const unchangeable = (): string | null =>
    unreachable() ?? (pool.changeable ? null : 'This pool can only be read: it is read-only or degraded.')
  const uuid = (): string => pool.info?.uuid ?? 'POOL'
  return [
    {
      id: 'create-pool',
      title: 'Create a pool …',
      group: 'Pool',
      keys: ['n'],
      refusal: () => (hosts.byId(place.host)?.state === 'connected' ? null : 'No connected host is in view.'),
      run: () => dialogs.createPool(),
      line: () => line('pool create', ['REGION', 'NAME'])
    },
    {
      id: 'rename-pool',
      title: 'Rename the pool …',
      group: 'Pool',
      refusal: unchangeable,
      run: () => dialogs.open('rename-pool'),
      line: () => line('pool rename', [uuid(), 'NAME'])
    },
    {
      id: 'extend-pool',
      title: 'Add a region to the pool …',
      group: 'Pool',
      refusal: unchangeable,
      run: () => dialogs.open('extend-pool'),
      line: () => line('pool extend', [uuid(), 'REGION'])
    },
    {
      id: 'reload-pool',
      title: 'Read the pool again',
      group: 'Pool',
      refusal: noPool,
      run: () => pool.reload(),
      line: () => line('pool info', [uuid()])
    },
    {
      id: 'copy-pool-uuid',
      title: 'Copy the UUID of the pool',
      group: 'Pool',
      refusal: noPool,
      run: () => copyText(uuid())
    },
    {
      id: 'delete-pool',
      title: 'Delete the pool …',
      group: 'Pool',
      refusal: unchangeable,
      run: () => dialogs.open('delete-pool'),
      line: () => line('pool delete', [uuid()])
    },
    {
      id: 'take-snapshot',
      title: 'Take a snapshot …',
      group: 'Snapshot',
      keys: ['s'],
      refusal: unreachable,
      run: () => dialogs.open('snapshot'),
      line: () => line('snapshot create', [uuid(), 'NAME'])
    },
    {
      id: 'files-of-the-lab',
      title: 'Files of the lab',
      group: 'Snapshot',
      run: () => place.showHost(filesPlace)
    },
    {
      id: 'plan-kexec',
      title: 'Plan a kexec',
      group: 'Kexec',
      refusal: noPool,
      run: () => place.showTab('kexec'),
      line: () => line('kexec plan', [uuid()])
    },
    {
      id: 'add-host',
      title: 'Add a host …',
      group: 'Host',
      run: () => dialogs.open('add-host')
    },
    {
      id: 'connect-host',
      title: 'Connect to the host now',
      group: 'Host',
      refusal: () => {
        const state = hosts.byId(place.host)?.state
        return state === undefined ? 'No host is in view.' : state === 'connected' ? 'It is connected.' : null
      },
      run: () => hosts.connect(place.host ?? '').catch(() => undefined) // the host's state tells
    }
  ]
}

function useTabCommands(): Command[] {
  const place = usePlace()
  const pool = usePool()
  return tabs.map((tab, index) => ({
    id: `show-${tab}`,
    title: tabTitles[tab],
    group: 'View',
    keys: [String(index + 1)],
    refusal: () => (pool.info && place.pool ? null : 'No pool is in view.'),
    run: () => place.showTab(tab)
  }))
}

function useViewCommands(): Command[] {
  const dialogs = useDialogs()
  const preferences = usePreferences()
  return [
    { id: 'show-tasks', title: 'Tasks', group: 'View', keys: ['t'], run: () => dialogs.open('tasks') },
    ...themeChoices.map((theme): Command => ({
      id: `theme-${theme}`,
      title: `Colours: ${theme === 'system' ? 'as the system' : theme}`,
      group: 'View',
      run: () => (preferences.choice = theme)
    })),
    {
      id: 'next-theme',
      title: 'Colours: the next of light, dark, system',
      group: 'View',
      keys: ['d'],
      paletteOnly: true,
      run: () => preferences.nextTheme()
    },
    ...contrastChoices.map((contrast): Command => ({
      id: `contrast-${contrast}`,
      title: `Contrast: ${contrast === 'system' ? 'as the system' : contrast}`,
      group: 'View',
      run: () => (preferences.contrastChoice = contrast)
    })),
    {
      id: 'show-palette',
      title: 'Find a command …',
      group: 'Help',
      keys: ['Ctrl+k', 'Ctrl+Shift+p', 'F1'],
      run: () => dialogs.open('palette')
    },
    {
      id: 'show-shortcuts',
      title: 'Keyboard shortcuts',
      group: 'Help',
      keys: ['?'],
      run: () => dialogs.open('shortcuts')
    },
    { id: 'show-about', title: 'About this lab', group: 'Help', run: () => dialogs.open('about') }
  ]
}

/** Every host and pool, to go there by its name. */
function usePlaces(): () => Command[] {
  const hosts = useHosts()
  const place = usePlace()
  const places = computed(() =>
    hosts.hosts.flatMap((host): Command[] => [
      {
        id: `go-host-${host.id}`,
        title: `Go to host ${host.title}`,
        group: 'Host',
        paletteOnly: true,
        run: () => place.showHost(host.id)
      },
      ...hosts.contentsOf(host.id).pools.map((pool): Command => ({
        id: `go-pool-${host.id}-${pool.uuid}`,
        title: `Go to pool ${pool.name}, ${formatBytes(pool.size)}, on ${host.title}`,
        group: 'Pool',
        paletteOnly: true,
        run: () => place.showPool(host.id, pool.uuid)
      }))
    ])
  )
  return () => places.value
}

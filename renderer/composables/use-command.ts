// SPDX-License-Identifier: GPL-2.0-or-later
import { useHosts } from '../stores/hosts.ts'
import { usePlace } from '../stores/place.ts'
import { commandLine, type Option } from './command-line.ts'

/** commandLine for the host in view, as it is typed on that host. */
export function useCommand(): (
  verb: string,
  words: readonly (string | number)[],
  options?: readonly Option[]
) => string {
  const hosts = useHosts()
  const place = usePlace()
  return (verb, words, options) => {
    const transport = hosts.byId(place.host)?.transport
    return commandLine(verb, words, options, transport?.kind === 'simulated' ? transport.directory : undefined)
  }
}

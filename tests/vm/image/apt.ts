// SPDX-License-Identifier: GPL-2.0-or-later
// The build downloads from where the machine itself does: its apt sources for the suite, with its apt's settings.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

const sourceFormat = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(CODENAME)'

/** Proxies, retries, clock checks and credentials: what decides whether a download works here. */
const carriedOptions = /^Acquire::(https?::|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])/

/** sources.list lines for `suite` and its updates, or undefined where the machine has none (it runs something else). */
export function hostSources(suite: string): string | undefined {
  const signedBy = existsSync(debianKeyring) ? ` [signed-by=${debianKeyring}]` : ''
  const lines = run('apt-get', ['indextargets', '--format', sourceFormat, 'Created-By: Packages'])
    .split('\n')
    .flatMap((line) => {
      const [uri = '', release = '', component = '', origin = '', codename = ''] = line.split(' ')
      // A field that apt does not know, as before the first `apt-get update`, comes back as it was written.
      const name = codename.startsWith('$(') ? release : codename
      const debian = origin === 'Debian' || origin.startsWith('$(')
      const wanted = debian && [suite, `${suite}-updates`, `${suite}-security`].includes(name)
      return wanted && component === 'main' && /^(https?|mirror)/.test(uri)
        ? [`deb${signedBy} ${uri} ${release} ${component}`]
        : []
    })
  const hasSuite = lines.some((line) => line.endsWith(` ${suite} main`))
  return hasSuite ? [...new Set(lines)].join('\n') + '\n' : undefined
}

export function hostAptOptions(): string {
  const options = run('apt-config', ['dump', '--format', '%F "%v";%n'])
    .split('\n')
    .filter((line) => carriedOptions.test(line))
  const credentials = ['Dir::Etc::netrc "/etc/apt/auth.conf";', 'Dir::Etc::netrcparts "/etc/apt/auth.conf.d";']
  return [...options, ...credentials].join('\n') + '\n'
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
}

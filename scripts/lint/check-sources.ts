// SPDX-License-Identifier: GPL-2.0-or-later
import { projectRoot } from '../lib/root.mjs'
import { coreIo, missingLicences } from './sources.ts'

const findings = [...missingLicences(projectRoot), ...coreIo(projectRoot)]
for (const { file, reason } of findings) console.error(`${file}: ${reason}`)
process.exitCode = findings.length > 0 ? 1 : 0

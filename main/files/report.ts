// SPDX-License-Identifier: GPL-2.0-or-later
/** What a report is called, and how it is told to a browser. */
import type { LabParams, Report } from '../api/index.ts'

export type Reported = LabParams<'report/make'>['of']
export type ReportFormat = LabParams<'report/make'>['format']

const kinds: Record<ReportFormat, readonly [extension: string, mime: string]> = {
  html: ['html', 'text/html'],
  json: ['json', 'application/json'],
  junit: ['junit.xml', 'application/xml'],
  ktap: ['ktap', 'text/plain'],
  text: ['txt', 'text/plain']
}

function title(of: Reported): string {
  if ('expectation' in of) return `verdict-${of.expectation}`
  if ('before' in of) return `comparison-${of.before.name ?? of.poolName}-${of.after.name ?? 'now'}`
  return `memory-test-${of.name}`
}

export function reportOf(of: Reported, format: ReportFormat, text: string): Report {
  const [extension, mime] = kinds[format]
  return { name: `${title(of).replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.${extension}`, mime, text }
}

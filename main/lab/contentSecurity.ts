// SPDX-License-Identifier: GPL-2.0-or-later

/**
 * What the page may load, the same in Electron and headless: its own files, and pictures that it made itself.
 * No inline script, no eval, no frames. `connect-src 'self'` takes in the WebSocket of the same host and port.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

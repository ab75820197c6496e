// SPDX-License-Identifier: GPL-2.0-or-later
/// <reference types="vite/client" />

/** What the Electron preload gives the page; absent in a browser. */
interface PmpoolShell {
  readonly platform: string
  /** A MessagePort follows with window.postMessage({ type: 'pmpool-port' }). */
  connect(): void
  onMenu(handle: (command: string) => void): void
}

interface Window {
  readonly pmpool?: PmpoolShell
}

// for typescript-eslint's plain TypeScript program; vue-tsc resolves the real .vue files first
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}

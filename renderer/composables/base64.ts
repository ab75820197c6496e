// SPDX-License-Identifier: GPL-2.0-or-later
/** base64 of the wire; Uint8Array's own methods where the engine has them (Chromium 140 and later). */

interface NativeBase64 {
  toBase64?(): string
}
interface NativeFromBase64 {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>
}

const charsAtOnce = 0x8000 // String.fromCharCode takes its arguments on the stack

export function bytesToBase64(bytes: Uint8Array): string {
  const native = (bytes as NativeBase64).toBase64?.()
  if (native !== undefined) return native
  let text = ''
  for (let at = 0; at < bytes.length; at += charsAtOnce) {
    text += String.fromCharCode(...bytes.subarray(at, at + charsAtOnce))
  }
  return btoa(text)
}

export function base64ToBytes(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as NativeFromBase64).fromBase64?.(text)
  if (native) return native
  const chars = atob(text)
  const bytes = new Uint8Array(chars.length)
  for (let at = 0; at < chars.length; at++) bytes[at] = chars.charCodeAt(at)
  return bytes
}

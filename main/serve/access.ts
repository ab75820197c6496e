// SPDX-License-Identifier: GPL-2.0-or-later
/**
 * Who may in. A token is spent by the first GET that shows it, and becomes a session cookie. Browsers do not separate
 * cookies by port, so the cookie's name has the port, and a cookie alone opens nothing to another site's page: the
 * Origin has to match too.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const secret = (): string => randomBytes(32).toString('base64url')
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

export class Access {
  readonly #port: number
  readonly #sessions: Buffer[] = []
  #token: Buffer | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** A fresh token; the one before is no longer good. */
  newToken(): string {
    const token = secret()
    this.#token = digest(token)
    return token
  }

  /** The Set-Cookie value of a new session when the token is good, which it then no longer is. */
  spend(token: string): string | undefined {
    if (!this.#token || !timingSafeEqual(digest(token), this.#token)) return undefined
    this.#token = undefined
    const session = secret()
    this.#sessions.push(digest(session))
    return `${this.#cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`
  }

  hasSession(headers: IncomingHttpHeaders): boolean {
    const given = cookies(headers.cookie, this.#cookie).map(digest)
    return given.some((one) => this.#sessions.some((session) => timingSafeEqual(one, session)))
  }

  /** A page of another name that leads here (DNS rebinding) has another Host. */
  isOwnHost(headers: IncomingHttpHeaders): boolean {
    return headers.host === `127.0.0.1:${this.#port}` || headers.host === `localhost:${this.#port}`
  }

  /** For everything that is more than looking. */
  isOwnOrigin(headers: IncomingHttpHeaders): boolean {
    return this.isOwnHost(headers) && headers.origin === `http://${headers.host}`
  }

  get #cookie(): string {
    return `pmpool-lab-${this.#port}`
  }
}

/** Most values looked at: whoever sends more is no browser of ours. */
const mostCookies = 8

function cookies(header: string | undefined, name: string): string[] {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  return pairs
    .filter((pair) => pair.startsWith(`${name}=`))
    .slice(0, mostCookies)
    .map((pair) => pair.slice(name.length + 1))
}

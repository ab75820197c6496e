// SPDX-License-Identifier: GPL-2.0-or-later

const harmless = new Set<PropertyKey>(['then', 'toJSON'])

/** An object that throws, by name, when something reads a member that the stand-in does not have. */
export const strict = <T extends object>(name: string, object: T): T =>
  new Proxy(object, {
    get(target, key) {
      if (!(key in target) && typeof key === 'string' && !harmless.has(key)) {
        throw new Error(`electron stand-in: ${name}.${key} is not covered`)
      }
      const value: unknown = Reflect.get(target, key, target)
      // a method reaches its private members on the object itself only
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
    set: (target, key, value) => Reflect.set(target, key, value)
  })

/** An event whose default a listener can prevent. */
export interface Cancellable {
  defaultPrevented: boolean
  preventDefault(): void
}

export const cancellable = <T extends object>(extra: T = {} as T): Cancellable & T => ({
  ...extra,
  defaultPrevented: false,
  preventDefault() {
    this.defaultPrevented = true
  }
})

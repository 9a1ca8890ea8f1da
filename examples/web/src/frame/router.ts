import { type ComponentType, useSyncExternalStore } from 'react'

/** A view, and where it is: `plans/:id` gives it an `id`, which is one of a row. */
export interface Route {
  path: string
  // biome-ignore lint/suspicious/noExplicitAny: each view has what its path has
  view: ComponentType<any>
}

/** Addresses are behind the #, so that a server has to know of one page alone. */
export function useAddress(): string {
  return useSyncExternalStore(listen, () => location.hash.replace(/^#?\/?/u, ''))
}

function listen(tell: () => void) {
  addEventListener('hashchange', tell)
  return () => removeEventListener('hashchange', tell)
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu

export function link(path: string): string {
  return `#/${path}`
}

export function go(path: string): void {
  location.hash = link(path)
}

/** Goes there in place of where one is, to which there is then no way back. */
export function replace(path: string): void {
  location.replace(link(path))
}

/**
 * The route of an address, and what the address says to its view. All tabs of one thing have one key:
 * the view stays while one goes through them.
 */
export function match(routes: readonly Route[], address: string) {
  const parts = (address.split('?')[0] ?? '').split('/')
  for (const route of routes) {
    const wanted = route.path.split('/')
    const given = read(wanted, parts)
    if (given) {
      const key = parts.filter((_, place) => wanted[place] !== ':tab').join('/')
      return { ...route, given, key }
    }
  }
  return undefined
}

function read(wanted: string[], parts: string[]): Record<string, string> | undefined {
  const given: Record<string, string> = {}
  if (wanted.length !== parts.length) {
    return undefined
  }
  for (const [place, name] of wanted.entries()) {
    const part = parts[place] ?? ''
    if (name === ':id' ? ID.test(part) : name.startsWith(':') && part) {
      given[name.slice(1)] = part
    } else if (name !== part) {
      return undefined
    }
  }
  return given
}

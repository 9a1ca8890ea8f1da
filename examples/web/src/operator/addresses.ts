/** What is after the # : a view and, behind a ?, what it shows. */

import { replace, useAddress } from '../frame/router.ts'

export interface Place {
  path: string
  query: URLSearchParams
}

export function useQuery(): Place {
  const [path = '', query = ''] = useAddress().split('?')
  return { path, query: new URLSearchParams(query) }
}

/** Leaves out what is empty. */
export function write(path: string, query: Record<string, string | undefined>): string {
  const said = Object.entries(query).filter((each): each is [string, string] => Boolean(each[1]))
  return said.length ? `${path}?${new URLSearchParams(said)}` : path
}

/** Shows another part of the view. By keyboard one goes through all choices: Back leads out of it. */
export function choose(path: string, query: Record<string, string | undefined>): void {
  replace(write(path, query))
}

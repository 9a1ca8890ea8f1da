/** Whether the server answers, and knows who asks. */

import { useSyncExternalStore } from 'react'

interface Connection {
  isSignedOut: boolean
  /** Since when nothing has answered. */
  awaySince: number | undefined
}

const listeners = new Set<() => void>()
let connection: Connection = { isSignedOut: false, awaySince: undefined }

export function note(seen: Partial<Connection>): void {
  const now = { ...connection, ...seen }
  if (now.isSignedOut === connection.isSignedOut && now.awaySince === connection.awaySince) {
    return
  }
  connection = now
  for (const tell of listeners) {
    tell()
  }
}

export function noteAway(): void {
  note({ awaySince: connection.awaySince ?? Date.now() })
}

export function useConnection(): Connection {
  return useSyncExternalStore(listen, () => connection)
}

function listen(tell: () => void) {
  listeners.add(tell)
  return () => {
    listeners.delete(tell)
  }
}

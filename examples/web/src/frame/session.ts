import { AuthClient, type Session } from '@supabase/auth-js'
import { useSyncExternalStore } from 'react'
import { project } from './project.ts'
import { forgetKept, readKept, readKeptJson } from './storage.ts'

const STORAGE_KEY = 'session'

// One that is damaged would be waited for in vain.
if (!readKeptJson<Session>(STORAGE_KEY)?.user?.id) {
  forgetKept(STORAGE_KEY)
}

export const auth = new AuthClient({
  url: `${project.supabase_url}/auth/v1`,
  headers: { apikey: project.publishable_key },
  storageKey: STORAGE_KEY,
})

/** The token that the API is shown; a new one, if it has refused the last. */
export async function getToken(refused?: string): Promise<string | undefined> {
  const { data } = await (refused ? auth.refreshSession() : auth.getSession())
  return data.session?.access_token
}

let session: Session | null | undefined
let isLeaving = false
let isOver = false

/** Leaves, on this device. Who comes next begins at the beginning. */
export async function signOut(): Promise<void> {
  isLeaving = true
  try {
    const { error } = await auth.signOut({ scope: 'local' })
    // Where nobody answers, one has left this device all the same.
    if (error && (await auth.getSession()).data.session) {
      throw error
    }
    location.hash = ''
  } finally {
    isLeaving = false
  }
}

/** Whether nobody is signed in because the session was ended elsewhere, or is too old. */
export const wasEnded = (): boolean => isOver

/** Who is signed in; null: nobody is; undefined: it is not known yet. */
export function useSession(): Session | null | undefined {
  return useSyncExternalStore(listen, () => session)
}

function listen(tell: () => void) {
  const { data } = auth.onAuthStateChange((event, now) => {
    isOver = !now && (isOver || (event === 'SIGNED_OUT' && !isLeaving))
    // Of a stored session nothing is known while nobody has answered for it: it is tried again.
    if (!now && readKept(STORAGE_KEY)) {
      return
    }
    // A new token alone is nothing to draw anew for.
    if (now?.user.id !== session?.user.id || session === undefined) {
      session = now
      tell()
    }
  })
  return () => data.subscription.unsubscribe()
}

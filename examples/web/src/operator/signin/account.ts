/** The way in by an account of the project, which only who takes it has to load. */

import { AuthClient } from '@supabase/auth-js'
import { readConfig } from '../../frame/config.ts'
import { signInWithToken } from '../server.ts'

/** The account's own session is not kept: the page goes on by its cookie. */
export async function signInWithPassword(email: string, password: string): Promise<void> {
  const config = await readConfig()
  const auth = new AuthClient({
    url: `${config.supabase_url}/auth/v1`,
    headers: { apikey: config.publishable_key },
    persistSession: false,
    autoRefreshToken: false,
  })
  const { data, error } = await auth.signInWithPassword({ email, password })
  if (error) {
    throw error
  }
  await signInWithToken(data.session.access_token)
}

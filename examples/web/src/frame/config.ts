import { NoAnswerError } from '@supajobs/client'

/** Where things are, as the server of this page tells. */
export interface Config {
  /** The Supabase project's address. */
  supabase_url: string
  publishable_key: string
  /** Of jobs, which the server has. */
  job_families: string[]
}

export async function readConfig(): Promise<Config> {
  const answer = await fetch('/config.json').catch((reason: unknown) => {
    throw new NoAnswerError({ cause: reason })
  })
  if (!answer.ok) {
    throw new Error(`/config.json: ${answer.status}`)
  }
  return answer.json()
}

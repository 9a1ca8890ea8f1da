/** Where things are, as the server of this page tells. */
export interface Config {
  /** The Supabase project's address. */
  supabase_url: string
  publishable_key: string
}

async function read(): Promise<Config> {
  const answer = await fetch('/config.json')
  if (!answer.ok) {
    throw new Error(`/config.json: ${answer.status}`)
  }
  return answer.json()
}

export const config = await read().catch((error: unknown) => {
  // There is no page yet that could say it.
  document.body.textContent = 'The server does not answer. Load this page again in a moment.'
  throw error
})

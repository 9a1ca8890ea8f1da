import { project } from './project.ts'
import { getToken } from './session.ts'

/** The user's rows of a table, as Row Level Security shows them: `query` is PostgREST's. */
export async function readRows<Row>(
  table: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<Row[]> {
  const address = `${project.supabase_url}/rest/v1/${table}?${new URLSearchParams(query)}`
  const headers = {
    apikey: project.publishable_key,
    authorization: `Bearer ${(await getToken()) ?? project.publishable_key}`,
  }
  const answer = await fetch(address, { headers, signal })
  if (!answer.ok) {
    throw new Error(`Supabase answered ${answer.status}.`)
  }
  return answer.json()
}

import type { Call, CallOptions, Connection } from './connection.ts'

const NEXT = /cursor=(?<cursor>[\w-]+)[^>]*>; *rel="next"/u

/** One page after the other, as their `Link` leads on; each is asked for when it is wanted. */
export async function* turnPages<Page>(
  connection: Connection,
  path: string,
  query: Call['query'],
  options?: CallOptions,
): AsyncGenerator<Page, void, undefined> {
  let cursor: string | undefined
  do {
    const call = { query: { ...query, cursor } }
    const { body, headers } = await connection.send<Page>(path, call, options)
    yield body
    cursor = NEXT.exec(headers.get('Link') ?? '')?.groups?.['cursor']
  } while (cursor)
}

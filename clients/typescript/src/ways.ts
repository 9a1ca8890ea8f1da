import { createParser } from 'eventsource-parser'
import type { Attempt } from './attempt.ts'
import { arrival, type Call } from './connection.ts'
import type { Job } from './job.ts'
import type { Tell } from './wait.ts'

/** Milliseconds. The API says the first word at once, and another one every 15 s at least. */
const FIRST_WORD = 10_000
const SILENCE = 35_000
/** Seconds: well below the minute after which proxies give up. */
const LONG_POLL = 25

/** Asks for the job, or for what is under its path. */
export type Ask = (rest: string, call: Call) => Promise<Response>

/**
 * One request that tells what there is to tell; `seen` is the version that one has, if any. The
 * answer: whether this way leads on.
 */
export type Way = (ask: Ask, attempt: Attempt, tell: Tell, seen: string) => Promise<boolean>

/** Server-sent events, until the stream ends. */
export const stream: Way = async (ask, attempt, tell, seen) => {
  attempt.expect(FIRST_WORD)
  const { body, headers } = await ask('/events', { headers: { 'Last-Event-ID': seen } })
  // Else something in between knows no streams, or the job has ended meanwhile.
  if (!(body && headers.get('Content-Type')?.includes('event-stream'))) {
    return false
  }
  let isOver = false
  const parser = createParser({
    onEvent({ event, id = '', data }) {
      if (event === 'job') {
        isOver = tell(JSON.parse(data), id)
      }
    },
  })
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const feed = async (bytes: Uint8Array) => parser.feed(decoder.decode(bytes, { stream: true }))
  try {
    attempt.expect(seen ? SILENCE : FIRST_WORD)
    while (!isOver) {
      const { done, value } = await arrival(reader.read(), attempt.signal)
      if (done) {
        break
      }
      attempt.expect(SILENCE)
      // What something in between has broken is no answer.
      await arrival(feed(value), attempt.signal)
    }
    return true
  } finally {
    // One that broke says so again, which is known by now.
    reader.cancel().catch(() => undefined)
  }
}

/** A request that is answered when there is news. */
export const longPoll: Way = read(LONG_POLL)

/** A request that is answered at once. */
export const poll: Way = read(0)

/** The first time there is news. */
function read(patience: number): Way {
  return async (ask, attempt, tell, seen) => {
    const wait = seen ? patience : 0
    attempt.expect(1000 * wait + FIRST_WORD)
    const headers = { 'If-None-Match': seen && `W/"${seen}"` }
    const response = await ask('', { headers, query: { wait: wait || undefined } })
    if (response.status !== 304) {
      const note = (job: Job) =>
        tell(job, (response.headers.get('ETag') ?? job.updated_at).replace(/^W\/|"/gu, ''))
      await arrival(response.json().then(note), attempt.signal)
    }
    return true
  }
}

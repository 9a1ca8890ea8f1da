import { createParser } from 'eventsource-parser'
import type { Attempt } from './attempt.ts'
import { arrival, type Call, type Connection, pathOf } from './connection.ts'
import type { Job } from './job.ts'
import type { Tell } from './wait.ts'

/** Milliseconds. The API says the first word at once, and another one every 15 s at least. */
const FIRST_WORD = 10_000
const SILENCE = 35_000
/** Seconds: well below the minute after which proxies give up. */
const LONG_POLL = 25

export interface Question {
  connection: Connection
  id: string
  token: string | null | undefined
  /** The version that one has, if any. */
  seen: string
}

/** One request that tells what there is to tell. The answer: whether this way leads on. */
export type Way = (question: Question, attempt: Attempt, tell: Tell) => Promise<boolean>

/** React Native's fetch keeps an answer until it is complete; others can be given to the client. */
export function canStream({ hasOwnFetch }: Connection): boolean {
  return hasOwnFetch || 'body' in Response.prototype
}

/** Server-sent events, until the stream ends. */
export const stream: Way = async (question, attempt, tell) => {
  const { seen } = question
  attempt.expect(FIRST_WORD)
  const headers = { 'Last-Event-ID': seen }
  const { body, headers: told } = await open(question, '/events', { headers }, attempt)
  // Else something in between knows no streams, or the job has ended meanwhile.
  if (!(body && told.get('Content-Type')?.startsWith('text/event-stream'))) {
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
export const longPoll: Way = (question, attempt, tell) =>
  read(question, attempt, tell, question.seen ? LONG_POLL : 0)

/** A request that is answered at once. */
export const poll: Way = (question, attempt, tell) => read(question, attempt, tell, 0)

async function read(question: Question, attempt: Attempt, tell: Tell, wait: number) {
  const { seen } = question
  attempt.expect(1000 * wait + FIRST_WORD)
  const headers = { 'If-None-Match': seen && `W/"${seen}"` }
  const response = await open(question, '', { headers, query: wait ? { wait } : {} }, attempt)
  if (response.status !== 304) {
    const note = (job: Job) =>
      tell(job, (response.headers.get('ETag') ?? job.updated_at).replace(/^W\/|"/gu, ''))
    await arrival(response.json().then(note), attempt.signal)
  }
  return true
}

function open(question: Question, rest: string, call: Call, { signal }: Attempt) {
  const { connection, id, token } = question
  return connection.open(pathOf`/jobs/${id}` + rest, call, token, signal)
}

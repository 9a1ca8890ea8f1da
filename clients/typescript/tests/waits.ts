/** Waits under a clock of the test's own, which leave nothing behind. */

import { afterEach, beforeEach, expect, vi } from 'vitest'
import type { Client, EndedJob, Job, JobStatus } from '../src/index.ts'
import { ID, job, type Sent, Wire } from './wire.ts'

export const PENDING: Job = job('pending')
export const RUNNING: Job = job('processing')
export const DONE: Job = job('completed', { result: { chapters: 3 } } as Partial<Job>)

export let wire: Wire
/** What the listener heard of. */
export let told: JobStatus[]

beforeEach(() => {
  vi.useFakeTimers()
  wire = new Wire()
  told = []
})

afterEach(() => {
  vi.unstubAllGlobals()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

export function wait(
  options: { signal?: AbortSignal; timeout?: number } = {},
  client: Client = wire.client(),
): Promise<EndedJob> {
  const note = ({ status }: Job): void => {
    told.push(status)
  }
  const waiting = client.waitForJobCompletion(ID, note, options)
  waiting.catch(() => undefined)
  return waiting
}

/** Lets so much time pass. */
export async function seconds(count: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000 * count)
}

/** What of the job was asked for. */
export function paths(): string[] {
  return wire.sent.map(({ path }) => path.replace(`/jobs/${ID}`, ''))
}

/** Milliseconds between the requests. */
export function gaps(): number[] {
  return wire.sent.slice(1).map(({ at }, before) => at - Number(wire.sent[before]?.at))
}

/** No answer, until the request is aborted. */
export function never(sent: Sent): Promise<Response> {
  return new Promise((_, reject) => {
    sent.signal.addEventListener('abort', () => reject(new TypeError('aborted')))
  })
}

/** The same done to many jobs, some hundred in a call. */

import { sayName } from '../../frame/words.ts'
import { sayCount } from '../figures.ts'
import { change } from '../server.ts'
import type { ManyJobs } from './filter.ts'

export type Wish = 'retry' | 'cancel' | { priority: number }

export interface Counted {
  count: number
  /** The newest were counted; there may be older ones, which a change is of, too. */
  capped: boolean
}

/** How many of these jobs it can be done to. */
export function countJobs(filter: ManyJobs, wish: Wish): Promise<Counted> {
  return change('POST', 'jobs/count', { filter, change: wish })
}

interface Step {
  /** How many are now as they were wished for. */
  changed: number
  outcomes: Record<string, number>
  next: string | null
}

/** What became of the jobs so far. */
export interface Done {
  changed: number
  outcomes: Readonly<Record<string, number>>
  /** Not all of them were come to. */
  isPart: boolean
}

/** Goes on while it is told to; tells what is done after each step, also when the next one fails. */
export async function changeJobs(
  filter: ManyJobs,
  wish: Wish,
  goesOn: (done: Done) => boolean,
): Promise<void> {
  let done: Done = { changed: 0, outcomes: {}, isPart: true }
  let after: string | null = null
  do {
    const step: Step = await change('POST', 'jobs/change', { filter, change: wish, after })
    const outcomes = { ...done.outcomes }
    for (const [outcome, jobs] of Object.entries(step.outcomes)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + jobs
    }
    after = step.next
    done = { changed: done.changed + step.changed, outcomes, isPart: after !== null }
  } while (goesOn(done) && after)
}

// Of what was not done.
const REASONS: Record<string, string> = {
  skipped: 'in use or changed meanwhile',
  finished: 'ended before',
  not_finished: 'not ended',
  not_found: 'gone',
  provider_key_required: 'without the key of a provider',
  existing: 'asked for anew already',
}
const DONE = ['retried', 'cancelled', 'requested', 'prioritised']

/** To how many it was not done, and why: Not changed: 2 gone, 1 ended before. */
export function sayLeft({ outcomes }: Done): string | undefined {
  const left = Object.entries(outcomes)
    .filter(([outcome]) => !DONE.includes(outcome))
    .map(([outcome, jobs]) => `${sayCount(jobs)} ${REASONS[outcome] ?? sayName(outcome)}`)
  return left.length ? `Not changed: ${left.join(', ')}.` : undefined
}

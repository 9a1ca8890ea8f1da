/** The same done to many jobs, some hundred in a call. */

import { change } from '../server.ts'
import type { ManyJobs } from './filter.ts'

export type Wish = 'retry' | 'cancel' | { priority: number }

/** How many of these jobs it can be done to. */
export async function countJobs(filter: ManyJobs, wish: Wish): Promise<number> {
  const { count } = await change<{ count: number }>('POST', 'jobs/count', { filter, change: wish })
  return count
}

interface Step {
  /** How many are now as they were wished for. */
  changed: number
  next: string | null
}

/** Goes on while it is told to, which it tells how many there have been; answers with all of them. */
export async function changeJobs(
  filter: ManyJobs,
  wish: Wish,
  goesOn: (changed: number) => boolean,
): Promise<number> {
  let changed = 0
  let after: string | null = null
  do {
    const step: Step = await change('POST', 'jobs/change', { filter, change: wish, after })
    changed += step.changed
    after = step.next
  } while (goesOn(changed) && after)
  return changed
}

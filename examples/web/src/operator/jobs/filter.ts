/** Which jobs: those of which all of it holds. In the address, in a query and in a change. */

import type { JobStatus } from '../answers.ts'
import { sayJobs } from '../figures.ts'
import { STATUSES } from '../parts/Badge.tsx'

const NAMES = ['status', 'job_type', 'user_id', 'error', 'since'] as const

/** `since` is how far back, as in 24h. */
export type Filter = Partial<Record<(typeof NAMES)[number], string>>

export const SPANS = [
  ['', 'Any time'],
  ['15m', '15 minutes'],
  ['1h', '1 hour'],
  ['24h', '24 hours'],
  ['168h', '7 days'],
] as const

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000 }

export function readFilter(query: URLSearchParams): Filter {
  return Object.fromEntries(
    NAMES.map((name) => [name, query.get(name)] as const).filter(([, value]) => value),
  )
}

/** As the server has it, with the moment that `since` is from now. */
export function resolve({ since, ...others }: Filter): Filter {
  const [, amount, unit] = /^(\d+)([mh])$/u.exec(since ?? '') ?? []
  const back = Number(amount) * (UNITS[unit ?? ''] ?? 0)
  return back ? { ...others, since: new Date(Date.now() - back).toISOString() } : others
}

export type ManyJobs = Omit<Filter, 'status'> & { status?: string[] }

/** The same for a change of many, which takes several states. */
export function resolveForMany(filter: Filter): ManyJobs {
  const { status, ...others } = resolve(filter)
  return status ? { ...others, status: [status] } : others
}

// Where no state is asked for, a change is of those that it can do something to.
const CHANGEABLE = {
  retry: 'failed',
  cancel: 'waiting or running',
  prioritise: 'waiting or running',
}

/** 1,234 jobs: failed, of the type story, with the error timeout. */
export function describe(jobs: number, change: keyof typeof CHANGEABLE, filter: Filter): string {
  const { status, job_type: type, user_id: user, error, since } = filter
  const span = SPANS.find(([each]) => each === since)?.[1]
  const parts = [
    status ? STATUSES[status as JobStatus][0].toLowerCase() : CHANGEABLE[change],
    type && `of the type ${type}`,
    user && (user === 'system' ? 'of the system' : `of the user ${user}`),
    error && `with the error ${error}`,
    since && span && `of the last ${span}`,
  ]
  return `${sayJobs(jobs)}: ${parts.filter(Boolean).join(', ')}.`
}

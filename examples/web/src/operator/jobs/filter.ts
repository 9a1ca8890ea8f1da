/** Which jobs: those of which all of it holds. In the address, in a query and in a change. */

import type { JobStatus } from '../answers.ts'
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

const SPAN = /^(\d{1,5})([mh])$/u
const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000 }

/** What an address says, but for what `listUnknown` lists. */
export function readFilter(query: URLSearchParams): Filter {
  return Object.fromEntries(
    NAMES.map((name) => [name, query.get(name)] as const).filter(
      ([name, value]) => value && (CHECKS[name]?.(value) ?? true),
    ),
  )
}

const isStatus = (status = ''): status is JobStatus => Object.hasOwn(STATUSES, status)
/** Of a user: the id, or `system`. */
export const USER = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|system'
const IS_USER = new RegExp(`^(${USER})$`, 'u')
const CHECKS: Partial<Record<keyof Filter, (value: string) => boolean>> = {
  status: isStatus,
  since: (span) => SPAN.test(span),
  user_id: (user) => IS_USER.test(user),
}

/** What an address says that no job could be looked for by. */
export function listUnknown(query: URLSearchParams): string[] {
  const known = readFilter(query)
  return NAMES.filter((name) => query.get(name) && !known[name]).map(
    (name) => `${name}=${query.get(name)}`,
  )
}

/** 24 hours, also of a span that is none of the choices. */
export function saySpan(span: string): string {
  const [, amount, unit] = SPAN.exec(span) ?? []
  const known = SPANS.find(([each]) => each === span)
  return known ? known[1] : `${amount} ${unit === 'm' ? 'minutes' : 'hours'}`
}

/** As the server has it, with the moment that `since` is from now. */
export function resolve({ since, ...others }: Filter): Filter {
  const [, amount, unit] = SPAN.exec(since ?? '') ?? []
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

/** `1,234 jobs`: failed, of the type story, with the error timeout. */
export function describe(jobs: string, change: keyof typeof CHANGEABLE, filter: Filter): string {
  const { status, job_type: type, user_id: user, error, since } = filter
  const parts = [
    isStatus(status) ? STATUSES[status][0].toLowerCase() : CHANGEABLE[change],
    type && `of the type ${type}`,
    user && (user === 'system' ? 'of the system' : `of the user ${user}`),
    error && `with the error ${error}`,
    since && `of the last ${saySpan(since)}`,
  ]
  return `${jobs}: ${parts.filter(Boolean).join(', ')}.`
}

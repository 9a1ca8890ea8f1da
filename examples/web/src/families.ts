/** What there is to ask for: each family of jobs has a folder of its own. */

import type { JobSummary } from '@supajobs/client'
import type { IconName } from './frame/Icon.tsx'
import { project } from './frame/project.ts'
import type { Route } from './frame/router.ts'
import { plans } from './plans/index.ts'
import { projects } from './projects/index.ts'

/** What a job is about, and what is done to it, as in: Your plan is being written. */
export interface Words {
  noun: string
  done: string
}

/** Where something begins, and what leads there. */
interface Way {
  path: string
  words: string
}

export interface Family extends Words {
  /** As `JOB_FAMILIES` has it. */
  name: string
  /** What one signs up for. */
  promise: string
  jobTypes: readonly string[]
  place: { name: string; icon: IconName }
  /** The first part of its addresses. */
  home: string
  /** The first one is shown at its home. */
  routes: readonly [Route, ...Route[]]
  /** To the first job of a user. */
  beginning: Way
  /** To a schedule. */
  repeating: Way
  /** What the results of its jobs are called, by the ids of plans or projects. */
  readTitles: (signal: AbortSignal) => Promise<[id: string, title: string][]>
  /** Where the result of a completed job is looked at. */
  addressOf: (job: Pick<JobSummary, 'plan_id' | 'project_id'>) => string | undefined
}

/** Those that the server has. */
export const families: readonly Family[] = [plans, projects].filter(({ name }) =>
  project.job_families.includes(name),
)

export function familyOf(jobType: string): Family | undefined {
  return families.find((family) => family.jobTypes.includes(jobType))
}

const OTHERS: Words = { noun: 'job', done: 'run' }

/** How a job of any type is spoken of. */
export function wordsOf(jobType: string): Words {
  return familyOf(jobType) ?? OTHERS
}

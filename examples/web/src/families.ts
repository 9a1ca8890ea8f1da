/** What there is to ask for: each family of jobs has a folder of its own. */

import type { JobSummary } from '@supajobs/client'
import type { IconName } from './frame/Icon.tsx'
import type { Route } from './frame/router.ts'
import { plans } from './plans/index.ts'

export interface Family {
  jobType: string
  /** What one of its jobs makes, as in: Your plan is being written. */
  noun: string
  /** The first part of its addresses. */
  home: string
  place: { path: string; name: string; icon: IconName }
  routes: readonly Route[]
  /** Where the result of a completed job is looked at. */
  addressOf: (job: Pick<JobSummary, 'plan_id'>) => string | undefined
}

export const families: readonly Family[] = [plans]

export function familyOf(jobType: string): Family | undefined {
  return families.find((family) => family.jobType === jobType)
}

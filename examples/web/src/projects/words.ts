/** What is said of projects. */

import type { ProjectJob } from '@supajobs/client'
import { count } from '../frame/words.ts'
import type { TaskState } from './stored.ts'

export const STATES: Record<TaskState, string> = {
  open: 'Open',
  doing: 'Being done',
  done: 'Done',
  dropped: 'Dropped',
}

/** 62.5 % */
export const sayPercent = (percentage: number | string): string => `${percentage} %`

/** As forges show it. */
export const sayCommit = (commit: string): string => commit.slice(0, 8)

const OF_TASKS = [
  ['completed', 'done'],
  ['reopened', 'open again'],
  ['added', 'new'],
  ['removed', 'gone'],
] as const
const OF_SKILLS = [
  ['skills_added', 'New skills'],
  ['skills_removed', 'Skills gone'],
] as const

/** What a job has found to be other than before: a few words for each. */
export function listChanges(changes: NonNullable<ProjectJob['changes']>): string[] {
  const { percentage, percentage_before: before } = changes
  const said: string[] = []
  if (typeof percentage === 'number' && typeof before === 'number' && before !== percentage) {
    said.push(`From ${sayPercent(before)} to ${sayPercent(percentage)}`)
  }
  for (const [field, words] of OF_TASKS) {
    if (changes[field]) {
      said.push(`${count(changes[field], 'task')} ${words}`)
    }
  }
  for (const [field, words] of OF_SKILLS) {
    if (changes[field]?.length) {
      said.push(`${words}: ${[...new Set(changes[field])].join(', ')}`)
    }
  }
  return said
}

import { type ComponentType, lazy } from 'react'
import type { Job } from '../answers.ts'

const ProjectPanel = lazy(() => import('./ProjectPanel.tsx'))

/** What families of jobs add to the page of one of theirs, by its type. */
export const panels: Readonly<Record<string, ComponentType<{ job: Job }>>> = {
  project_refresh: ProjectPanel,
  project_processing: ProjectPanel,
  skills_extraction: ProjectPanel,
}

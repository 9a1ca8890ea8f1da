import { lazy } from 'react'
import type { Family } from '../families.ts'
import { readProjects } from './stored.ts'

const ProjectView = lazy(() => import('./ProjectView.tsx'))

/** Repositories, and what is found in them. */
export const projects: Family = {
  name: 'projects',
  promise: 'the state of your projects from their repositories',
  jobTypes: ['project_refresh', 'project_processing', 'skills_extraction'],
  noun: 'project',
  done: 'read',
  place: { name: 'Projects', icon: 'folder' },
  home: 'projects',
  routes: [
    { path: 'projects', view: lazy(() => import('./ProjectList.tsx')) },
    { path: 'projects/new', view: lazy(() => import('./NewProject.tsx')) },
    { path: 'projects/repeat', view: lazy(() => import('./RepeatRefresh.tsx')) },
    { path: 'projects/:id', view: ProjectView },
    { path: 'projects/:id/:tab', view: ProjectView },
  ],
  beginning: { path: 'projects/new', words: 'Add a project' },
  repeating: { path: 'projects/repeat', words: 'A project every morning' },
  readTitles: async (signal) => (await readProjects(signal)).map(({ id, name }) => [id, name]),
  addressOf: ({ project_id: id }) => (id ? `projects/${id}` : undefined),
}

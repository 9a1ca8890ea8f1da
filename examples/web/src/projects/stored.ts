import { type Project, type ProjectTask, projectsOf } from '@supajobs/client'
import { client } from '../frame/client.ts'
import { collect } from '../frame/pages.ts'

export const methods = projectsOf(client)

export type TaskState = ProjectTask['state']

const MOST = 100 // of projects, one has no more; so many fit on a page
const MOST_TASKS = 1000 // fit on a page

export const readProjects = (signal: AbortSignal): Promise<Project[]> =>
  collect(methods.listProjects({ limit: MOST }, { signal }))

export const readTasks = (id: string, signal: AbortSignal): Promise<ProjectTask[]> =>
  collect(methods.listProjectTasks(id, { limit: MOST_TASKS }, { signal }))

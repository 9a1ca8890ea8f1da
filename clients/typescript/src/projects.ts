import { type CallOptions, type Connected, pathOf } from './connection.ts'
import type { RequestedJob } from './job.ts'
import type { JobTypes } from './job-types.ts'
import type { components } from './openapi.ts'
import { turnPages } from './pages.ts'
import { type RequestOptions, writePreferences } from './requests.ts'

type Schemas = components['schemas']

export type Project = Schemas['Project']
export type ProjectDetails = Schemas['ProjectDetails']
export type ProjectRequest = Schemas['ProjectRequest']
export type ProjectEdit = Schemas['ProjectEdit']
export type ProjectJob = Schemas['ProjectJob']
export type ProjectTask = Schemas['ProjectTask']
export type ProjectSkills = Schemas['ProjectSkills']
export type ProjectProgress = Schemas['ProjectProgressDetails']
export type ProjectWebhook = Schemas['Webhook']

interface PageOptions {
  /** How many make a page. */
  limit?: number | undefined
}

interface TaskOptions extends PageOptions {
  state?: readonly ProjectTask['state'][] | undefined
}

export interface ProjectMethods<Types extends JobTypes> {
  /** Connects a repository; a ConflictError if another project of the user has this name. */
  addProject(request: ProjectRequest, options?: CallOptions): Promise<ProjectDetails>
  /** The user's projects, newest first, page by page. */
  listProjects(
    filters?: PageOptions,
    options?: CallOptions,
  ): AsyncGenerator<Project[], void, undefined>
  getProject(id: string, options?: CallOptions): Promise<ProjectDetails>
  changeProject(id: string, changes: ProjectEdit, options?: CallOptions): Promise<ProjectDetails>
  deleteProject(id: string, options?: CallOptions): Promise<void>
  /** Has plan and skills read anew; the job that is on its way already, if there is one. */
  refreshProject(id: string, options?: RequestOptions): Promise<RequestedJob<Types>>
  /** What was done for a project, and what it changed. */
  listProjectJobs(
    id: string,
    filters?: PageOptions,
    options?: CallOptions,
  ): AsyncGenerator<ProjectJob[], void, undefined>
  /** The tasks of its plan, in their order. */
  listProjectTasks(
    id: string,
    filters?: TaskOptions,
    options?: CallOptions,
  ): AsyncGenerator<ProjectTask[], void, undefined>
  getProjectSkills(id: string, options?: CallOptions): Promise<ProjectSkills>
  getProjectProgress(id: string, options?: CallOptions): Promise<ProjectProgress>
  /** Lets its forge tell of pushes: what that is to be given, this once. */
  setProjectWebhook(id: string, options?: CallOptions): Promise<ProjectWebhook>
  deleteProjectWebhook(id: string, options?: CallOptions): Promise<void>
}

/** What one does with repositories: `const { refreshProject } = projectsOf(client)`. */
export function projectsOf<Types extends JobTypes>({
  connection,
}: Connected<Types>): ProjectMethods<Types> {
  return {
    addProject: (body, options) => connection.call('/projects', { method: 'POST', body }, options),
    async *listProjects(filters, options) {
      const pages = turnPages<{ projects: Project[] }>(
        connection,
        '/projects',
        { ...filters },
        options,
      )
      for await (const page of pages) {
        yield page.projects
      }
    },
    getProject: (id, options) => connection.call(pathOf`/projects/${id}`, {}, options),
    changeProject: (id, body, options) =>
      connection.call(pathOf`/projects/${id}`, { method: 'PATCH', body }, options),
    deleteProject: (id, options) =>
      connection.call(pathOf`/projects/${id}`, { method: 'DELETE' }, options),
    refreshProject: (id, options = {}) =>
      connection.call(
        pathOf`/projects/${id}/refresh`,
        { method: 'POST', headers: writePreferences(options) },
        options,
      ),
    async *listProjectJobs(id, filters, options) {
      const path = pathOf`/projects/${id}/jobs`
      const pages = turnPages<{ jobs: ProjectJob[] }>(connection, path, { ...filters }, options)
      for await (const page of pages) {
        yield page.jobs
      }
    },
    async *listProjectTasks(id, filters, options) {
      const path = pathOf`/projects/${id}/tasks`
      const pages = turnPages<{ tasks: ProjectTask[] }>(connection, path, { ...filters }, options)
      for await (const page of pages) {
        yield page.tasks
      }
    },
    getProjectSkills: (id, options) => connection.call(pathOf`/projects/${id}/skills`, {}, options),
    getProjectProgress: (id, options) =>
      connection.call(pathOf`/projects/${id}/progress`, {}, options),
    setProjectWebhook: (id, options) =>
      connection.call(pathOf`/projects/${id}/webhook`, { method: 'PUT' }, options),
    deleteProjectWebhook: (id, options) =>
      connection.call(pathOf`/projects/${id}/webhook`, { method: 'DELETE' }, options),
  }
}

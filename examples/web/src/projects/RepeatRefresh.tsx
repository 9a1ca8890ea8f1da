import type { Project } from '@supajobs/client'
import { useState } from 'react'
import { buttonStyle, Empty, Failure, Field, Heading, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { link } from '../frame/router.ts'
import { ScheduleForm } from '../schedules/ScheduleForm.tsx'
import { projects as family } from './index.ts'
import { readProjects } from './stored.ts'

const LONGEST = 100 // letters, of a schedule's name

const nameOf = (project: Project | undefined) =>
  `Each morning: ${project?.name ?? ''}`.slice(0, LONGEST)

/** Has a project read every morning. */
export default function RepeatRefresh() {
  const { value: projects, error, reload } = useRemote(readProjects, 'projects')
  const [chosen, choose] = useState<Project>()
  return (
    <div className="mx-auto max-w-xl">
      <Heading title="Every morning" />
      {Boolean(error) && <Failure error={error} onRetry={reload} />}
      {!(projects || error) && <Loading what="your projects" />}
      {projects && projects.length > 0 && (
        <ScheduleForm
          name={nameOf(chosen ?? projects[0])}
          days="*"
          read={(given) => ({
            job_type: 'project_refresh',
            params: {},
            project_id: String(given.get('project')),
          })}
          submit="Read it every morning"
          told="It is read anew every day."
        >
          <Field id="project" label="Project">
            <select
              id="project"
              name="project"
              className="field"
              onChange={({ target }) =>
                choose(projects.find((project) => project.id === target.value))
              }
            >
              {projects.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
        </ScheduleForm>
      )}
      {projects?.length === 0 && (
        <Empty icon={family.place.icon} title="First a project">
          <p className="max-w-sm text-muted">Once one is there, it can be read every morning.</p>
          <a href={link(family.beginning.path)} className={buttonStyle('primary')}>
            {family.beginning.words}
          </a>
        </Empty>
      )}
    </div>
  )
}

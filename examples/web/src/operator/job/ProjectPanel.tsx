import { sayTime } from '../../frame/words.ts'
import type { Job, Project } from '../answers.ts'
import { Answered } from '../parts/Answered.tsx'
import { Fact, Facts } from '../parts/Facts.tsx'
import { Panel } from '../parts/Panel.tsx'
import { usePolled } from '../polling.ts'

const SECONDS = 30

/** Where a job of a project looks. */
export default function ProjectPanel({ job }: { job: Job }) {
  const project = usePolled<Project>(`projects/${job.project_id}`, SECONDS)
  return (
    <Panel title="Project">
      <Answered polled={project} what="the project">
        {({ name, repository_url: address, branch, plan_path: path, ...read }) => (
          <Facts>
            <Fact name="Name">{name}</Fact>
            <Fact name="Repository">{address}</Fact>
            <Fact name="Branch">{branch ?? 'the first one'}</Fact>
            <Fact name="Plan">{path}</Fact>
            <Fact name="Plan read">{tell(read.processed_at)}</Fact>
            <Fact name="Code looked through">{tell(read.skills_extracted_at)}</Fact>
          </Facts>
        )}
      </Answered>
    </Panel>
  )
}

const tell = (moment: string | null): string => (moment ? sayTime(moment) : 'not yet')

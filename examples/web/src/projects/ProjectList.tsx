import type { Project } from '@supajobs/client'
import { buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { link } from '../frame/router.ts'
import { sayTime } from '../frame/words.ts'
import { projects as family } from './index.ts'
import { readProjects } from './stored.ts'
import { sayPercent } from './words.ts'

/** The repositories that were connected, and how far each is. */
export default function ProjectList() {
  const { value: projects, error, reload } = useRemote(readProjects, 'projects')
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="Your projects">
        {projects && projects.length > 0 && (
          <a href={link(family.beginning.path)} className={buttonStyle('primary')}>
            {family.beginning.words}
          </a>
        )}
      </Heading>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {Boolean(error) && <Failure error={error} onRetry={reload} />}
        {projects ? <Projects projects={projects} /> : !error && <Loading what="your projects" />}
      </div>
    </div>
  )
}

function Projects({ projects }: { projects: readonly Project[] }) {
  if (projects.length === 0) {
    return (
      <Empty icon={family.place.icon} title="No project yet">
        <p className="max-w-sm text-muted">
          Connect a git repository: its plan is read, a Markdown file with boxes to tick, and its
          code is looked through for languages and tools.
        </p>
        <a href={link(family.beginning.path)} className={buttonStyle('primary')}>
          {family.beginning.words}
        </a>
      </Empty>
    )
  }
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {projects.map((project) => (
        <li key={project.id}>
          <Card project={project} />
        </li>
      ))}
    </ul>
  )
}

function Card({ project: { id, name, repository_url: address, progress, ...read } }: CardProps) {
  const hasTasks = progress && progress.total_weight > 0
  const readAt = read.processed_at ?? read.skills_extracted_at
  return (
    <a href={link(`projects/${id}`)} className="card block p-4 hover:bg-sunken sm:p-6">
      <span className="flex items-baseline justify-between gap-4">
        <span className="min-w-0 text-foreign font-semibold">{name}</span>
        {hasTasks && (
          <span className="font-semibold whitespace-nowrap tabular-nums">
            {sayPercent(progress.percentage)}
          </span>
        )}
      </span>
      <span className="mt-1 block text-foreign text-sm text-muted">{address}</span>
      {hasTasks && (
        <progress
          aria-label={`Progress of ${name}`}
          max={100}
          value={progress.percentage}
          className="mt-4 progress"
        />
      )}
      <span className="mt-3 block text-sm text-muted tabular-nums">
        {readAt ? `Read ${sayTime(readAt)}` : 'Not read yet'}
        {read.processed_at && !hasTasks && ' · no tasks found'}
      </span>
    </a>
  )
}

interface CardProps {
  project: Project
}

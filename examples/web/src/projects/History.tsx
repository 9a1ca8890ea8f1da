import type { Project, ProjectJob } from '@supajobs/client'
import { lazy, Suspense } from 'react'
import { Empty, Failure, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { link } from '../frame/router.ts'
import { sayTime, sayTook } from '../frame/words.ts'
import { StatusBadge } from '../jobs/StatusBadge.tsx'
import { methods } from './stored.ts'
import { listChanges, sayCommit } from './words.ts'

const ProgressChart = lazy(() => import('./ProgressChart.tsx'))

interface Props {
  project: Project
  jobs: readonly ProjectJob[] | undefined
  version: string | undefined
}

/** How far the plan was, and what each time that it was read has changed. */
export function History({ project: { id }, jobs, version }: Props) {
  const { value, error, reload } = useRemote(
    (signal) => methods.getProjectProgress(id, { signal }),
    `progress ${id}`,
    { version },
  )
  const points = value?.history ?? []
  if (!jobs) {
    return error ? <Failure error={error} onRetry={reload} /> : <Loading what="the history" />
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {Boolean(error) && <Failure error={error} onRetry={reload} />}
      {points.length > 1 && (
        <Suspense fallback={<Loading what="the chart" />}>
          <ProgressChart key={points[0]?.completed_at} points={points} />
        </Suspense>
      )}
      {jobs.length === 0 ? (
        <Empty icon="history" title="Not read yet">
          <p className="text-muted">What each refresh changes is listed here for three days.</p>
        </Empty>
      ) : (
        <ul className="card divide-y divide-line">
          {jobs.map((job) => (
            <li key={job.id}>
              <Row job={job} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Row({ job }: { job: ProjectJob }) {
  const took = sayTook(job)
  return (
    <a
      href={link(`jobs/${job.id}`)}
      className="flex items-start justify-between gap-4 rounded-xl px-4 py-3 hover:bg-sunken sm:px-6"
    >
      <span className="min-w-0 text-sm">
        <span className="block text-foreign font-medium">{tell(job)}</span>
        <span className="text-muted tabular-nums">
          {sayTime(job.created_at)}
          {took && ` · ${took}`}
          {job.commit_id && ` · ${sayCommit(job.commit_id)}`}
        </span>
      </span>
      <StatusBadge status={job.status} />
    </a>
  )
}

/** What it has changed, or why it has not. */
function tell({ changes, error, completed_at: endedAt }: ProjectJob): string {
  if (error) {
    return error.message
  }
  if (!changes) {
    return endedAt ? 'Nothing was read' : 'On its way'
  }
  return listChanges(changes).join(' · ') || 'Nothing has changed'
}

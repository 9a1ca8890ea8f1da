import type { JobStatus, JobSummary } from '@supajobs/client'
import { useRef, useState } from 'react'
import { families, familyOf } from '../families.ts'
import { Choices } from '../frame/Choices.tsx'
import { client } from '../frame/client.ts'
import { explain } from '../frame/explain.ts'
import { Icon } from '../frame/Icon.tsx'
import { Button, buttonStyle, Empty, Failure, Heading, Loading, Problem } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { link } from '../frame/router.ts'
import { sayName, sayTime, sayTook } from '../frame/words.ts'
import { StatusBadge } from './StatusBadge.tsx'

const PAGE = 20

const STATUSES: Record<string, readonly JobStatus[] | undefined> = {
  All: undefined,
  'On their way': ['pending', 'processing'],
  Ready: ['completed'],
  Failed: ['failed'],
  Cancelled: ['cancelled'],
}
const CHOICES = Object.keys(STATUSES).map((name) => [name, name] as const)

/** What was asked for, newest first. */
export function JobList() {
  const [choice, setChoice] = useState('All')
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="History" />
      <div className="mb-4">
        <Choices label="Show" name="status" choices={CHOICES} value={choice} onChoose={setChoice} />
      </div>
      <Jobs key={choice} status={STATUSES[choice]} />
    </div>
  )
}

function Jobs({ status }: { status: readonly JobStatus[] | undefined }) {
  const pages = useRef(1)
  const { value, error, reload } = useRemote(
    (signal) => readPages(status, pages.current, signal),
    'jobs',
    { isMoving: isOnItsWay },
  )
  // What has ended has another title then.
  const ended = value?.jobs.filter((job) => job.completed_at).length
  const { value: titles } = useRemote(readTitles, 'titles', { version: String(ended) })
  const readMore = () => {
    pages.current += 1
    reload()
  }
  if (!value) {
    return error ? <Failure error={error} onRetry={reload} /> : <Loading what="the history" />
  }
  const { jobs, isOver } = value
  if (jobs.length === 0) {
    return (
      <Empty icon="history" title={status ? 'None of these' : 'Nothing asked for yet'}>
        <p className="text-muted">Requests stay here for three days after their end.</p>
        {!status &&
          families.map(({ home, beginning }) => (
            <a key={home} href={link(beginning.path)} className={buttonStyle('primary')}>
              {beginning.words}
            </a>
          ))}
      </Empty>
    )
  }
  return (
    <>
      {Boolean(error) && <Problem className="mb-4">{explain(error)}</Problem>}
      <ul className="card divide-y divide-line">
        {jobs.map((job) => (
          <li key={job.id}>
            <Row job={job} title={titles?.get(job.plan_id ?? job.project_id ?? '')} />
          </li>
        ))}
      </ul>
      {!isOver && (
        <p className="mt-4 text-center">
          <Button onClick={readMore}>Show more</Button>
        </p>
      )}
    </>
  )
}

interface RowProps {
  job: JobSummary
  /** Of what it has made, or is about. */
  title: string | undefined
}

function Row({ job, title }: RowProps) {
  const family = familyOf(job.job_type)
  const took = sayTook(job)
  return (
    <a
      href={link(`jobs/${job.id}`)}
      className="flex items-center gap-4 rounded-xl px-4 py-3 hover:bg-sunken sm:px-6"
    >
      <Icon name={family?.place.icon ?? 'history'} className="size-5 text-muted" />
      <span className="min-w-0 grow">
        <span className="block truncate font-medium">{title ?? sayName(job.job_type)}</span>
        <span className="block text-sm text-muted tabular-nums">
          {title && `${sayName(job.job_type)} · `}
          {sayTime(job.created_at)}
          {took && ` · ${took}`}
        </span>
      </span>
      <StatusBadge status={job.status} />
    </a>
  )
}

interface Shown {
  jobs: JobSummary[]
  isOver: boolean
}

/** Without those that do not come: a list says less then, but it is there. */
async function readTitles(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const read = await Promise.allSettled(families.map((family) => family.readTitles(signal)))
  return new Map(read.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])))
}

/** So many pages, which are read anew as one: of a job that has ended, each may tell another thing. */
async function readPages(
  status: readonly JobStatus[] | undefined,
  pages: number,
  signal: AbortSignal,
): Promise<Shown> {
  const jobs: JobSummary[] = []
  for await (const page of client.listJobs({ status, limit: PAGE }, { signal })) {
    jobs.push(...page)
    if (jobs.length >= pages * PAGE) {
      return { jobs, isOver: false }
    }
  }
  return { jobs, isOver: true }
}

const isOnItsWay = ({ jobs }: Shown): boolean => jobs.some((job) => !job.completed_at)

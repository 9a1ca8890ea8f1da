import { useMemo, useState } from 'react'
import { Button, buttonStyle, Empty, Heading, Problem } from '../../frame/parts.tsx'
import { link } from '../../frame/router.ts'
import { sayTime } from '../../frame/words.ts'
import { choose, useQuery, write } from '../addresses.ts'
import type { Job, JobPage } from '../answers.ts'
import { sayDuration, sayId } from '../figures.ts'
import { Answered } from '../parts/Answered.tsx'
import { StatusBadge } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'
import { type Column, Table } from '../parts/Table.tsx'
import { usePolled } from '../polling.ts'
import { Changes } from './Changes.tsx'
import { Filters } from './Filters.tsx'
import { type Filter, listUnknown, readFilter, resolve } from './filter.ts'

const SECONDS = 10

/** The newest jobs that pass the filters of the address. */
export default function Jobs() {
  const { path, query } = useQuery()
  const filter = readFilter(query)
  const unknown = listUnknown(query)
  const after = query.get('after') ?? undefined
  const said = JSON.stringify(filter)
  // Where something is typed that is not looked for yet.
  const [typedOver, setTypedOver] = useState<string>()
  // The moments stay while the filters do, so that what is asked for does.
  const asked = useMemo(() => resolve(JSON.parse(said)), [said])
  // Older pages stay as they are while one reads them.
  const jobs = usePolled<JobPage>(write('jobs', { ...asked, after }), after ? 0 : SECONDS)
  return (
    <>
      <Heading title="Jobs" />
      <Filters
        filter={filter}
        onChange={(changed) => choose(path, { ...filter, ...changed })}
        onType={(isOther) => setTypedOver(isOther ? said : undefined)}
      />
      {unknown.length > 0 && (
        <Problem className="mb-4">Left out, as there are none such: {unknown.join(', ')}</Problem>
      )}
      <Changes filter={filter} isTyped={typedOver === said} onChange={jobs.reload} />
      <Answered polled={jobs} what="the jobs">
        {(page) => <Page page={page} filter={filter} after={after} onReload={jobs.reload} />}
      </Answered>
    </>
  )
}

interface PageProps {
  page: JobPage
  filter: Filter
  after: string | undefined
  onReload: () => void
}

function Page({ page: { jobs, next, looked_until: until }, filter, after, onReload }: PageProps) {
  const isFiltered = Object.keys(filter).length > 0
  return (
    <>
      {jobs.length > 0 && (
        <div className="card p-4 sm:px-6">
          <Table
            label="Jobs"
            columns={COLUMNS}
            rows={jobs}
            keyOf={({ id }) => id}
            brief={(job) => <Brief job={job} />}
          />
        </div>
      )}
      {jobs.length === 0 && !until && (
        <Empty icon="history" title={isFiltered ? 'None of these' : 'No job yet'}>
          <p className="text-muted">
            {isFiltered
              ? 'No job passes all of the filters; those that have ended are deleted after some days.'
              : 'What is asked for appears here.'}
          </p>
          {isFiltered && (
            <a href={link('jobs')} className={buttonStyle('plain')}>
              Without filters
            </a>
          )}
        </Empty>
      )}
      {until && (
        <p className="mt-4 rounded-lg bg-sunken px-4 py-3 text-sm">
          {jobs.length === 0 ? 'None' : 'No more'} of these among the jobs since {sayTime(until)}.
          There the look has stopped.
        </p>
      )}
      <nav aria-label="Pages" className="mt-4 flex flex-wrap justify-center gap-3">
        {after ? (
          <a href={link(write('jobs', filter))} className={buttonStyle('plain')}>
            The newest
          </a>
        ) : (
          <Button onClick={onReload}>Look again</Button>
        )}
        {next && (
          <a
            href={link(write('jobs', { ...filter, after: next }))}
            className={buttonStyle('plain')}
          >
            {until ? 'Look further back' : 'Older'}
          </a>
        )}
      </nav>
    </>
  )
}

const COLUMNS: readonly [Column<Job>, ...Column<Job>[]] = [
  { name: 'Job', read: (job) => <Name job={job} /> },
  { name: 'State', read: (job) => <State job={job} /> },
  { name: 'Error', read: ({ error }) => <span className="break-all">{error?.code ?? '–'}</span> },
  {
    name: 'User',
    read: ({ user_id: user }) =>
      user ? (
        <a
          href={link(write('jobs', { user_id: user }))}
          className="underline decoration-line underline-offset-4 hover:decoration-current"
        >
          {sayId(user)}
        </a>
      ) : (
        'the system'
      ),
  },
  { name: 'Priority', isNumber: true, read: ({ priority }) => priority },
  { name: 'Retries', isNumber: true, read: (job) => `${job.retry_count} of ${job.max_retries}` },
  { name: 'Took', isNumber: true, read: tellDuration },
  { name: 'Asked for', isNumber: true, read: (job) => <Ago at={job.created_at} /> },
]

function Name({ job: { id, job_type: type } }: { job: Job }) {
  return (
    <a
      href={link(`jobs/${id}`)}
      className="font-medium break-all underline decoration-line underline-offset-4 hover:decoration-current"
    >
      {type} <span className="font-normal whitespace-nowrap text-muted">{sayId(id)}</span>
    </a>
  )
}

function Brief({ job }: { job: Job }) {
  const took = job.duration_ms !== null && `took ${tellDuration(job)}`
  const retried = job.retry_count > 0 && `${job.retry_count} of ${job.max_retries} retries`
  return (
    <div className="grid gap-1">
      <div className="flex items-start justify-between gap-3">
        <span className="min-w-0">
          <Name job={job} />
        </span>
        <State job={job} />
      </div>
      {job.error && <p className="break-all">{job.error.code}</p>}
      <p className="text-muted">
        <Ago at={job.created_at} />
        {[took, retried].filter(Boolean).map((each) => `, ${each}`)}
      </p>
    </div>
  )
}

function State({ job }: { job: Job }) {
  const isLater = job.status === 'pending' && Date.parse(job.run_at) > Date.now()
  const isBack = job.held_back_by === 'pause' ? 'paused' : job.held_back_by && 'held back'
  const note = job.is_held ? 'for others' : isLater ? 'for later' : isBack
  return (
    <span className="flex flex-wrap items-center justify-end gap-x-2 gap-y-1 min-[60rem]:justify-start">
      <StatusBadge status={job.status} />
      {note && <span className="text-xs text-muted">{note}</span>}
      {job.status === 'processing' && job.progress && (
        <span className="text-xs text-muted">{job.progress.percentage} %</span>
      )}
    </span>
  )
}

export function tellDuration(job: Job): string {
  return sayDuration(job.duration_ms === null ? null : job.duration_ms / 1000)
}

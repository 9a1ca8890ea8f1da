import { useActing } from '../../frame/acting.ts'
import { Button, buttonStyle, Empty, Heading } from '../../frame/parts.tsx'
import { go, link } from '../../frame/router.ts'
import { toast } from '../../frame/toasts.tsx'
import { sayCron, sayInterval } from '../../frame/when.ts'
import { sayTime } from '../../frame/words.ts'
import { useQuery, write } from '../addresses.ts'
import type { Schedule } from '../answers.ts'
import { sayId } from '../figures.ts'
import { Answered } from '../parts/Answered.tsx'
import { Badge } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'
import { type Column, Table } from '../parts/Table.tsx'
import { usePolled } from '../polling.ts'
import { change } from '../server.ts'

const SECONDS = 30

interface Page {
  schedules: Schedule[]
  next: string | null
}

const LINK = 'underline decoration-line underline-offset-4 hover:decoration-current'

/** What recurs, whosever it is. */
export default function Schedules() {
  const { path, query } = useQuery()
  const after = query.get('after') ?? undefined
  const schedules = usePolled<Page>(write('schedules', { after }), SECONDS)
  return (
    <>
      <Heading title="Schedules" />
      <Answered polled={schedules} what="the schedules">
        {({ schedules: all, next }) =>
          all.length === 0 && after ? (
            <Empty icon="repeat" title="No more">
              <p className="text-muted">There are no older schedules.</p>
              <a href={link(path)} className={buttonStyle('plain')}>
                The newest
              </a>
            </Empty>
          ) : all.length === 0 ? (
            <Empty icon="repeat" title="Nothing recurs yet">
              <p className="max-w-sm text-muted">
                Users set up schedules of their own; those of the system are made with{' '}
                <code>supajobs schedules</code> or in code.
              </p>
            </Empty>
          ) : (
            <>
              <div className="card p-4 sm:px-6">
                <Table
                  label="Schedules"
                  columns={listColumns(schedules.reload)}
                  rows={all}
                  keyOf={({ id }) => id}
                />
              </div>
              {next && (
                <p className="mt-4 text-center">
                  <a href={link(write(path, { after: next }))} className={buttonStyle('plain')}>
                    Older
                  </a>
                </p>
              )}
            </>
          )
        }
      </Answered>
    </>
  )
}

function listColumns(onChange: () => void): readonly [Column<Schedule>, ...Column<Schedule>[]] {
  return [
    {
      name: 'Schedule',
      read: ({ name, paused_at: pausedAt }) => (
        <span className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 text-foreign">{name}</span>
          {pausedAt && <Badge tone="busy">Paused</Badge>}
        </span>
      ),
    },
    { name: 'Job type', read: (each) => <span className="break-all">{each.job_type}</span> },
    { name: 'User', read: (each) => <Owner id={each.user_id} /> },
    { name: 'When', read: tellWhen },
    {
      name: 'Next',
      read: (each) => (each.next_run_at ? sayTime(each.next_run_at) : 'It has ended'),
    },
    { name: 'Last', read: (each) => <Last schedule={each} /> },
    {
      name: 'Actions',
      isAction: true,
      read: (each) => <Actions schedule={each} onChange={onChange} />,
    },
  ]
}

function Owner({ id }: { id: string | null }) {
  return id ? (
    <a href={link(write('jobs', { user_id: id }))} className={LINK}>
      {sayId(id)}
    </a>
  ) : (
    'the system'
  )
}

function tellWhen({ cron, time_zone: zone, interval_seconds: seconds }: Schedule): string {
  return cron ? `${sayCron(cron)}, ${zone}` : sayInterval(seconds ?? 0)
}

function Last({ schedule }: { schedule: Schedule }) {
  const { last_run_at: at, last_job_id: id, last_outcome: outcome } = schedule
  if (!at) {
    return 'never'
  }
  return (
    <>
      {id ? (
        <a href={link(`jobs/${id}`)} className={LINK}>
          {outcome}
        </a>
      ) : (
        outcome
      )}{' '}
      <span className="text-muted">
        <Ago at={at} />
      </span>
    </>
  )
}

interface ActionsProps {
  schedule: Schedule
  onChange: () => void
}

function Actions({ schedule: { id, name, paused_at: pausedAt }, onChange }: ActionsProps) {
  const { isBusy, act } = useActing()
  const isPaused = Boolean(pausedAt)

  const pause = () =>
    act(async () => {
      await change('PATCH', `schedules/${id}`, { is_paused: !isPaused })
      toast(isPaused ? `“${name}” goes on.` : `“${name}” is paused.`)
      onChange()
    })
  const run = () =>
    act(async () => {
      const { job } = await change<{ job: { id: string } }>('POST', `schedules/${id}/run`)
      go(`jobs/${job.id}`)
    })

  return (
    <div className="flex gap-2 lg:justify-end">
      <Button
        className="lg:min-h-9 lg:px-3"
        isBusy={isBusy}
        aria-label={`Run now: ${name}`}
        onClick={run}
      >
        Run now
      </Button>
      <Button
        className="lg:min-h-9 lg:px-3"
        isBusy={isBusy}
        aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
        onClick={pause}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
    </div>
  )
}

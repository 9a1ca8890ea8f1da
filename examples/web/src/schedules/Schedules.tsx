import { type Schedule, schedulesOf } from '@supajobs/client'
import { useState } from 'react'
import { families } from '../families.ts'
import { passIfGone, useActing } from '../frame/acting.ts'
import { client } from '../frame/client.ts'
import { Deletion } from '../frame/Deletion.tsx'
import { collect } from '../frame/pages.ts'
import { Button, buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { go, link } from '../frame/router.ts'
import { toast } from '../frame/toasts.tsx'
import { sayCron, sayInterval } from '../frame/when.ts'
import { capitalise, sayTime } from '../frame/words.ts'

const { changeSchedule, deleteSchedule, listSchedules, runSchedule } = schedulesOf(client)

const readSchedules = (signal: AbortSignal): Promise<Schedule[]> =>
  collect(listSchedules({}, { signal }))

/** What recurs, and when it is due next. */
export function Schedules() {
  const { value: schedules, error, reload } = useRemote(readSchedules, 'schedules')
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="Schedules">
        {schedules && schedules.length > 0 && <Ways kind="plain" />}
      </Heading>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {Boolean(error) && <Failure error={error} onRetry={reload} />}
        {schedules ? (
          <List schedules={schedules} onChange={reload} />
        ) : (
          !error && <Loading what="the schedules" />
        )}
      </div>
    </div>
  )
}

interface ListProps {
  schedules: readonly Schedule[]
  onChange: () => void
}

function List({ schedules, onChange }: ListProps) {
  if (schedules.length === 0) {
    return (
      <Empty icon="repeat" title="Nothing recurs yet">
        <p className="max-w-sm text-muted">
          What you ask for again and again may come by itself, at the time that you say.
        </p>
        <Ways kind="primary" />
      </Empty>
    )
  }
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {schedules.map((schedule) => (
        <li key={schedule.id}>
          <Card schedule={schedule} onChange={onChange} />
        </li>
      ))}
    </ul>
  )
}

/** To a new one, of each family. */
function Ways({ kind }: { kind: 'plain' | 'primary' }) {
  return (
    <p className="flex flex-wrap gap-3">
      {families.map(({ home, repeating }) => (
        <a key={home} href={link(repeating.path)} className={buttonStyle(kind)}>
          {repeating.words}
        </a>
      ))}
    </p>
  )
}

function Card({ schedule, onChange }: { schedule: Schedule; onChange: () => void }) {
  const { isBusy, act } = useActing()
  const [isAsking, setAsking] = useState(false)
  const isPaused = Boolean(schedule.paused_at)

  const pause = () =>
    act(async () => {
      await changeSchedule(schedule.id, { is_paused: !isPaused })
      toast(`“${schedule.name}” ${isPaused ? 'goes on' : 'is paused'}.`)
      onChange()
    })
  const run = () => act(async () => go(`jobs/${(await runSchedule(schedule.id)).id}`))
  const remove = () =>
    act(async () => {
      await deleteSchedule(schedule.id).catch(passIfGone)
      toast(`“${schedule.name}” is deleted.`)
      onChange() // takes the question away with it
    })

  return (
    <article aria-label={schedule.name} className="card grid gap-4 p-6">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="text-foreign font-semibold">{schedule.name}</h2>
          <p className="text-sm text-muted">{tellWhen(schedule)}</p>
          <Last schedule={schedule} />
        </div>
        {isPaused && (
          <span className="rounded-full bg-sunken px-2.5 py-1 text-xs font-medium text-muted">
            Paused
          </span>
        )}
      </div>
      {schedule.next_times.length > 0 && (
        <div>
          <h3 className="mb-2 text-sm text-muted">Next</h3>
          <ol className="flex flex-wrap gap-2">
            {schedule.next_times.slice(0, 3).map((time) => (
              <li key={time} className="rounded-lg bg-sunken px-3 py-1.5 text-sm tabular-nums">
                {new Date(time) > new Date() ? sayTime(time) : 'Now'}
              </li>
            ))}
          </ol>
        </div>
      )}
      <div className="flex flex-wrap gap-3">
        <Button isBusy={isBusy} aria-label={`Run now: ${schedule.name}`} onClick={run}>
          Run now
        </Button>
        <Button
          isBusy={isBusy}
          aria-label={`${isPaused ? 'Resume' : 'Pause'} ${schedule.name}`}
          onClick={pause}
        >
          {isPaused ? 'Resume' : 'Pause'}
        </Button>
        <Button
          kind="danger"
          isBusy={isBusy}
          aria-label={`Delete ${schedule.name}`}
          onClick={() => setAsking(true)}
        >
          Delete
        </Button>
      </div>
      {isAsking && (
        <Deletion
          name={schedule.name}
          isBusy={isBusy}
          onConfirm={remove}
          onClose={() => setAsking(false)}
        >
          It will not run again. What it has made stays.
        </Deletion>
      )}
    </article>
  )
}

const OUTCOMES: Record<string, string> = {
  created: 'was asked for',
  existing: 'was on its way already',
  skipped: 'was skipped: the one before was on its way',
  missed: 'was missed',
}

/** What the last one came to. */
function Last({ schedule }: { schedule: Schedule }) {
  const { last_job_id: id, last_run_at: at, last_outcome: outcome } = schedule
  if (!(at && outcome)) {
    return null
  }
  return (
    <p className="mt-1 text-sm text-muted">
      The last one, {sayTime(at)}, {OUTCOMES[outcome] ?? `was refused (${outcome})`}.{' '}
      {id && (
        <a href={link(`jobs/${id}`)} className="text-accent underline">
          See it
        </a>
      )}
    </p>
  )
}

function tellWhen({ cron, time_zone: zone, interval_seconds: seconds }: Schedule): string {
  return capitalise(cron ? `${sayCron(cron)}, ${zone}` : sayInterval(seconds ?? 0))
}

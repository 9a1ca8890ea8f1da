import { type Schedule, schedulesOf } from '@supajobs/client'
import { useState } from 'react'
import { families } from '../families.ts'
import { useActing } from '../frame/acting.ts'
import { client } from '../frame/client.ts'
import { Dialog } from '../frame/Dialog.tsx'
import { Button, buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { go, link } from '../frame/router.ts'
import { toast } from '../frame/toasts.tsx'
import { sayTime } from '../frame/words.ts'

const { changeSchedule, deleteSchedule, listSchedules, runSchedule } = schedulesOf(client)

async function readSchedules(signal: AbortSignal): Promise<Schedule[]> {
  const all: Schedule[] = []
  for await (const page of listSchedules({}, { signal })) {
    all.push(...page)
  }
  return all
}

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
    <p className="flex flex-wrap justify-center gap-3">
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
      toast(isPaused ? 'It goes on.' : 'It is paused.')
      onChange()
    })
  const run = () => act(async () => go(`jobs/${(await runSchedule(schedule.id)).id}`))
  const remove = () =>
    act(async () => {
      await deleteSchedule(schedule.id)
      toast(`“${schedule.name}” is deleted.`)
      onChange() // takes the question away with it
    })

  return (
    <article aria-label={schedule.name} className="card grid gap-4 p-6">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="text-foreign font-semibold">{schedule.name}</h2>
          <p className="text-sm text-muted">{tellWhen(schedule)}</p>
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
        <Dialog title={`Delete “${schedule.name}”?`} onClose={() => setAsking(false)}>
          <p>It will not run again. What it has made stays.</p>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <Button onClick={() => setAsking(false)}>No</Button>
            <Button kind="danger" isBusy={isBusy} onClick={remove}>
              Yes, delete it
            </Button>
          </div>
        </Dialog>
      )}
    </article>
  )
}

const AT_A_TIME = /^(?<minute>\d+) (?<hour>\d+) \* \* (?<day>\*|[A-Z]{3})$/u
const DAYS: Record<string, string> = {
  '*': 'day',
  MON: 'Monday',
  TUE: 'Tuesday',
  WED: 'Wednesday',
  THU: 'Thursday',
  FRI: 'Friday',
  SAT: 'Saturday',
  SUN: 'Sunday',
}

/** What this page asks for is said in words; of another cron, what it is. */
function tellWhen({ cron, time_zone: zone, interval_seconds: seconds }: Schedule): string {
  const { minute = '', hour = '', day = '' } = AT_A_TIME.exec(cron ?? '')?.groups ?? {}
  if (DAYS[day]) {
    return `Every ${DAYS[day]} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}, ${zone}`
  }
  return cron ? `By cron “${cron}”, ${zone}` : `Every ${sayInterval(seconds ?? 0)}`
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** In the largest unit of which they are whole ones: hour, 3 hours, 90 minutes. */
function sayInterval(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds % each === 0) ?? UNITS[3]
  const count = seconds / size
  return count === 1 ? unit : `${count} ${unit}s`
}

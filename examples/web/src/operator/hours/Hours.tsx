import { useState } from 'react'
import { Chart, type Series } from '../../frame/Chart.tsx'
import { Choices } from '../../frame/Choices.tsx'
import { Empty, Heading } from '../../frame/parts.tsx'
import { choose, useQuery } from '../addresses.ts'
import type { Hour } from '../answers.ts'
import { sayCount, sayDuration } from '../figures.ts'
import { Answered } from '../parts/Answered.tsx'
import { type Column, Table } from '../parts/Table.tsx'
import { TypeChoice } from '../parts/TypeChoice.tsx'
import { usePolled } from '../polling.ts'

interface Answer {
  hours: Hour[]
  /** Otherwise some are yet to be counted. */
  is_complete: boolean
}

const pace = ({ is_complete: isComplete }: Answer) => (isComplete ? 60 : 2)
const HOUR = 3_600_000

const SPANS = [
  ['24', '24 hours'],
  ['168', '7 days'],
] as const

/** How much the queue did, and how well, hour by hour. */
export default function Hours() {
  const { path, query } = useQuery()
  const span = query.get('hours') === '168' ? '168' : '24'
  const type = query.get('job_type') ?? ''
  const asked = new URLSearchParams({ hours: span, ...(type && { job_type: type }) })
  const hours = usePolled<Answer>(`hours?${asked}`, pace)
  const show = (change: Record<string, string>) =>
    choose(path, { hours: span, job_type: type, ...change })
  return (
    <>
      <Heading title="Hours" />
      <div className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <Choices
          label="How far back"
          name="hours"
          choices={SPANS}
          value={span}
          onChoose={(chosen) => show({ hours: chosen })}
        />
        <TypeChoice value={type} onChoose={(chosen) => show({ job_type: chosen })} />
      </div>
      <Answered polled={hours} what="the hours">
        {({ hours: shown, is_complete: isComplete }) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
            {!isComplete && (
              <p role="status" className="rounded-lg bg-sunken px-4 py-3 text-sm">
                Hours that nobody has looked at before are still being counted, the latest first.
              </p>
            )}
            {isComplete && !shown.some(isBusy) ? (
              <Empty icon="history" title="Nothing has ended">
                <p className="text-muted">No attempt has ended in this time.</p>
              </Empty>
            ) : (
              <Figures hours={shown} at={hours.at} />
            )}
          </div>
        )}
      </Answered>
    </>
  )
}

interface FiguresProps {
  hours: readonly Hour[]
  /** When they came: charts are drawn anew for others. */
  at: number | undefined
}

function Figures({ hours, at }: FiguresProps) {
  return (
    <>
      <Figure
        key={`ended ${at}`}
        title="Ended"
        note="In each hour: jobs that completed or failed, and attempts that were cancelled."
        hours={hours}
        columns={ENDED}
        isStacked
      />
      <Figure
        key={`durations ${at}`}
        title="Durations"
        note="Seconds that completed attempts took: half of them less than p50, 95 % less than p95."
        hours={hours}
        columns={DURATIONS}
      />
      <Numbers hours={hours} />
    </>
  )
}

interface Shown extends Series {
  read: (hour: Hour) => number | null
  say: (value: number | null) => string
}

const sayJobs = (value: number | null) => sayCount(value ?? 0)

const ENDED: readonly Shown[] = [
  {
    name: 'Completed',
    colour: '--effort-3',
    isBar: true,
    read: (hour) => hour.completed,
    say: sayJobs,
  },
  { name: 'Failed', colour: '--effort-6', isBar: true, read: (hour) => hour.failed, say: sayJobs },
  {
    name: 'Cancelled',
    colour: '--effort-1',
    isBar: true,
    read: (hour) => hour.cancelled,
    say: sayJobs,
  },
]

const DURATIONS: readonly Shown[] = [
  { name: 'p50', colour: '--effort-2', read: (hour) => hour.duration_p50, say: sayDuration },
  { name: 'p95', colour: '--effort-4', read: (hour) => hour.duration_p95, say: sayDuration },
]

interface FigureProps {
  title: string
  note: string
  hours: readonly Hour[]
  columns: readonly Shown[]
  /** Each stands on those before it. */
  isStacked?: boolean
}

function Figure({ title, note, hours, columns, isStacked = false }: FigureProps) {
  const [pointed, point] = useState<number>()
  const hour = pointed === undefined ? undefined : hours[pointed]
  const values = columns.map(({ read }) => hours.map(read))
  const { series, heights } = isStacked
    ? stack(columns, values)
    : { series: columns, heights: values }
  return (
    <figure className="card p-4 sm:p-6">
      <figcaption>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="text-sm text-muted">{note}</p>
      </figcaption>
      <p aria-hidden="true" className="my-3 flex min-h-6 flex-wrap gap-x-5 text-sm tabular-nums">
        {columns.map(({ name, colour, read, say }) => (
          <span key={name} className="flex items-center gap-2">
            <span className="h-1.5 w-4 rounded-full" style={{ background: `var(${colour})` }} />
            {name}
            {hour && <span className="font-semibold">{say(read(hour))}</span>}
          </span>
        ))}
        {hour && <span className="text-muted">{sayHour(hour.hour)}</span>}
      </p>
      <Chart
        label={`${title}: ${hours.length} hours. The numbers are in the table below.`}
        numbers={hours.map((each) => count(each.hour))}
        sayNumber={hours.length > 24 ? sayDayAt : sayHourAt}
        steps={hours.length > 24 ? [24, 48] : [2, 3, 6, 12]}
        isWhole={isStacked}
        series={series}
        values={heights}
        onPoint={point}
      />
    </figure>
  )
}

/** The highest is drawn first, and the others over it. */
function stack(columns: readonly Shown[], values: (number | null)[][]) {
  const heights: number[][] = []
  for (const row of values) {
    const below = heights[0]
    heights.unshift(row.map((value, place) => (value ?? 0) + (below?.[place] ?? 0)))
  }
  return { series: columns.toReversed(), heights }
}

// Hours are counted as the clock here shows them, so that each 24th is at midnight.
const offset = new Date().getTimezoneOffset() / 60

function count(hour: string): number {
  return Math.round(Date.parse(hour) / HOUR - offset)
}

const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric' })
const both = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

const sayHourAt = (number: number) => clock.format((number + offset) * HOUR)
const sayDayAt = (number: number) => day.format((number + offset) * HOUR)
const sayHour = (hour: string) => both.format(new Date(hour))

const NUMBERS: readonly [Column<Hour>, ...Column<Hour>[]] = [
  { name: 'Hour', read: ({ hour }) => sayHour(hour) },
  ...[...ENDED, ...DURATIONS].map(({ name, read, say }) => ({
    name,
    isNumber: true,
    read: (hour: Hour) => say(read(hour)),
  })),
]

const isBusy = (hour: Hour) => hour.completed + hour.failed + hour.cancelled > 0

/** Those in which something was, the latest first. */
function Numbers({ hours }: { hours: readonly Hour[] }) {
  const busy = hours.filter(isBusy)
  return (
    <details className="card px-4 sm:px-6">
      <summary className="flex min-h-14 items-center font-medium text-accent">The numbers</summary>
      <div className="pb-6">
        <Table
          label="Hours"
          columns={NUMBERS}
          rows={busy.toReversed()}
          keyOf={({ hour }) => hour}
        />
      </div>
    </details>
  )
}

import { useState } from 'react'
import { Chart, type Series } from '../frame/Chart.tsx'
import { signed } from '../frame/words.ts'
import type { CyclingWeek, StrengthWeek, TrainingPlan, Week } from './plan.ts'

interface Column<Of extends Week> extends Series {
  read: (week: Of) => number
  say?: (value: number) => string
}

interface Shown<Of extends Week> {
  title: string
  note: string
  columns: Column<Of>[]
}

const CYCLING: Shown<CyclingWeek>[] = [
  {
    title: 'Weekly load',
    note: 'Training Stress Score (TSS) of each week.',
    columns: [{ name: 'TSS', colour: '--effort-2', isBar: true, read: (week) => week.tss }],
  },
  {
    title: 'Fitness, fatigue and form',
    note: 'At the end of each week: CTL is the load of six weeks, ATL of one, TSB the difference.',
    columns: [
      { name: 'CTL', colour: '--effort-2', read: (week) => week.ctl },
      { name: 'ATL', colour: '--effort-6', read: (week) => week.atl },
      { name: 'TSB', colour: '--effort-4', read: (week) => week.tsb, say: signed },
    ],
  },
]

const STRENGTH: Shown<StrengthWeek>[] = [
  {
    title: 'Weekly sets',
    note: 'All working sets of each week.',
    columns: [{ name: 'Sets', colour: '--effort-2', isBar: true, read: (week) => week.sets }],
  },
  {
    title: 'Weekly time',
    note: 'Minutes of training in each week.',
    columns: [
      { name: 'Minutes', colour: '--effort-3', isBar: true, read: (week) => week.duration_minutes },
    ],
  },
]

/** The weeks as charts, and the same as numbers. */
export default function Charts({ plan }: { plan: TrainingPlan }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {plan.discipline === 'cycling'
        ? CYCLING.map((shown) => <Figure key={shown.title} {...shown} weeks={plan.weeks} />)
        : STRENGTH.map((shown) => <Figure key={shown.title} {...shown} weeks={plan.weeks} />)}
    </div>
  )
}

function Figure<Of extends Week>({ title, note, columns, weeks }: Shown<Of> & { weeks: Of[] }) {
  const [pointed, point] = useState<number>()
  const say = ({ read, say: own = String }: Column<Of>, week: Of) => own(Math.round(read(week)))
  const week = pointed === undefined ? undefined : weeks[pointed]
  return (
    <figure className="card p-4 sm:p-6">
      <figcaption>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="text-sm text-muted">{note}</p>
      </figcaption>
      <p aria-hidden="true" className="my-3 flex min-h-6 flex-wrap gap-x-5 text-sm tabular-nums">
        {columns.map((column) => (
          <span key={column.name} className="flex items-center gap-2">
            <span
              className="h-1.5 w-4 rounded-full"
              style={{ background: `var(${column.colour})` }}
            />
            {column.name}
            {week && <span className="font-semibold">{say(column, week)}</span>}
          </span>
        ))}
        {week && <span className="text-muted">week {week.number}</span>}
      </p>
      <Chart
        label={`${title}: ${weeks.length} weeks. The numbers are in the table below.`}
        numbers={weeks.map((each) => each.number)}
        series={columns}
        values={columns.map(({ read }) => weeks.map(read))}
        onPoint={point}
      />
      <details className="mt-3">
        <summary className="flex min-h-11 items-center text-sm font-medium text-accent">
          The numbers
        </summary>
        <table className="mt-1 w-full text-right text-sm tabular-nums">
          <thead className="text-muted">
            <tr>
              <th scope="col" className="py-1.5 text-left font-medium">
                Week
              </th>
              {columns.map(({ name }) => (
                <th key={name} scope="col" className="py-1.5 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {weeks.map((each) => (
              <tr key={each.number}>
                <th scope="row" className="py-1.5 text-left font-normal">
                  {each.number}
                </th>
                {columns.map((column) => (
                  <td key={column.name} className="py-1.5">
                    {say(column, each)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

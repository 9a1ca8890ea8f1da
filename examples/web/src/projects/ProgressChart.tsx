import type { ProjectProgress } from '@supajobs/client'
import { useState } from 'react'
import { Chart } from '../frame/Chart.tsx'
import { sayTime } from '../frame/words.ts'
import { sayCommit, sayPercent } from './words.ts'

const SERIES = [{ name: 'Done', colour: '--effort-2' }]
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

interface Props {
  /** The latest first. */
  points: ProjectProgress['history']
}

/** The percentage at each time that the plan was read. */
export default function ProgressChart({ points }: Props) {
  const [pointed, point] = useState<number>()
  const readings = points.toReversed()
  const { [pointed ?? -1]: reading } = readings
  return (
    <figure className="card p-4 sm:p-6">
      <figcaption>
        <h2 className="text-lg font-semibold">How far the plan was</h2>
        <p className="min-h-6 text-sm text-muted tabular-nums">
          {reading
            ? `${sayPercent(reading.percentage)} on ${sayTime(reading.completed_at)}, commit ${sayCommit(reading.commit_id)}`
            : 'In percent, each time that it was read.'}
        </p>
      </figcaption>
      <Chart
        label={`How far the plan was: ${readings.map(({ percentage }) => sayPercent(percentage)).join(', ')}.`}
        numbers={readings.map((_, place) => place)}
        sayNumber={(place) => sayDayOf(readings, place)}
        steps={[1, 2, 5, 10, 20, 50]}
        range={[0, 100]}
        series={SERIES}
        values={[readings.map(({ percentage }) => percentage)]}
        onPoint={point}
      />
    </figure>
  )
}

/** Its day, once for all readings of a day. */
function sayDayOf(readings: Props['points'], place: number): string {
  const say = (reading: Props['points'][number] | undefined) =>
    reading ? day.format(new Date(reading.completed_at)) : ''
  const said = say(readings[place])
  return said === say(readings[place - 1]) ? '' : said
}

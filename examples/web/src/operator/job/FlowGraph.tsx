import { link } from '../../frame/router.ts'
import type { Flow, FlowJob } from '../answers.ts'
import { sayId, sayJobs } from '../figures.ts'
import { STATUSES, StatusBadge } from '../parts/Badge.tsx'
import { arrange, type Placed } from './arrange.ts'

const MOST = 60 // what one still reads
const ROW = 52
const LANE = 18
const LANES = 6 // further ones have no room on a phone
const RADIUS = 5

/** A job in a line, below all that it waits for, and the lines between them. */
export function FlowGraph({ flow, id }: { flow: Flow; id: string }) {
  const placed = arrange(flow)
  const at = placed.findIndex(({ job }) => job.id === id)
  const start = Math.max(0, Math.min(at - MOST / 2, placed.length - MOST))
  const shown = placed.slice(start, start + MOST)
  const rest = placed.toSpliced(start, MOST)
  const lanes = Math.min(LANES, 1 + Math.max(...shown.map(({ lane }) => lane)))
  return (
    <>
      <div className="relative max-w-2xl">
        <svg
          aria-hidden="true"
          width={lanes * LANE}
          height={shown.length * ROW}
          className="absolute top-0 left-0"
          fill="none"
        >
          {shown.map((each, place) =>
            each.parents.map((parent) => (
              <path
                key={`${parent} ${each.job.id}`}
                d={draw(placed[parent], parent - start, each, place)}
                stroke="var(--control)"
                strokeWidth="1.5"
              />
            )),
          )}
          {shown.map(({ job, lane }, place) => (
            <circle
              key={job.id}
              cx={x(lane)}
              cy={y(place)}
              r={job.id === id ? RADIUS + 2 : RADIUS}
              fill={`var(--${COLOURS[STATUSES[job.status][1]]})`}
              stroke="var(--surface)"
              strokeWidth="2"
            />
          ))}
        </svg>
        <ol>
          {shown.map(({ job, parents }) => (
            <li
              key={job.id}
              className="flex items-center gap-3 text-sm"
              style={{ height: ROW, paddingLeft: lanes * LANE + 4 }}
            >
              <Name
                job={job}
                isThis={job.id === id}
                parents={parents.map((each) => placed[each])}
              />
            </li>
          ))}
        </ol>
      </div>
      {rest.length > 0 && <p className="mt-3 text-sm text-muted">and {tellRest(rest)}</p>}
    </>
  )
}

const COLOURS = { good: 'good', bad: 'bad', busy: 'busy', active: 'accent', calm: 'control' }

const x = (lane: number) => (Math.min(lane, LANES - 1) + 0.5) * LANE
const y = (place: number) => (place + 0.5) * ROW

/** From a parent downwards, where it may be above what is shown, then over to its child. */
function draw(parent: Placed | undefined, from: number, child: Placed, to: number): string {
  const [left, right] = [x(parent?.lane ?? 0), x(child.lane)]
  const turn = y(to) - Math.min(ROW / 2, LANE)
  return left === right
    ? `M${left} ${y(from)}V${y(to)}`
    : `M${left} ${y(from)}V${turn}Q${left} ${y(to)} ${right} ${y(to)}`
}

interface NameProps {
  job: FlowJob
  isThis: boolean
  parents: readonly (Placed | undefined)[]
}

function Name({ job, isThis, parents }: NameProps) {
  const waits = parents.map((parent) => parent && `${parent.job.job_type} ${sayId(parent.job.id)}`)
  return (
    <>
      <span className="min-w-0 grow">
        {isThis ? (
          <strong aria-current="true" className="block truncate font-semibold">
            {job.job_type}
          </strong>
        ) : (
          <a
            href={link(`jobs/${job.id}`)}
            className="block truncate underline decoration-line underline-offset-4 hover:decoration-current"
          >
            {job.job_type}
          </a>
        )}
        <span className="block truncate text-xs text-muted">
          {isThis ? 'this one' : sayId(job.id)}
          <span className="sr-only">{waits.length > 0 && `, after ${waits.join(' and ')}`}</span>
        </span>
      </span>
      <StatusBadge status={job.status} />
    </>
  )
}

/** 940 more: 900 waiting, 40 completed. */
function tellRest(rest: readonly Placed[]): string {
  const counts = new Map<string, number>()
  for (const { job } of rest) {
    const [words] = STATUSES[job.status]
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  const told = [...counts].map(([words, jobs]) => `${jobs} ${words.toLowerCase()}`)
  return `${sayJobs(rest.length)} more: ${told.join(', ')}.`
}

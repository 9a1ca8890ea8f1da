import { link } from '../../frame/router.ts'
import { sayClock } from '../../frame/words.ts'
import { write } from '../addresses.ts'
import type { Figures, Now } from '../answers.ts'
import { useConnection } from '../connection.ts'
import { sayJobs, sayShare } from '../figures.ts'
import { Badge, type Tone } from '../parts/Badge.tsx'
import { Told } from '../parts/Told.tsx'

type State = Now['health']['status']

const WORDS: Record<State, [words: string, tone: Tone]> = {
  healthy: ['The queue does its work', 'good'],
  degraded: ['The queue does its work, with trouble', 'busy'],
  unhealthy: ['The queue does not do its work', 'bad'],
}
const FAILING: [words: string, tone: Tone] = ['The queue does its work; most jobs fail', 'busy']
const EDGES: Record<State, string> = {
  healthy: '',
  degraded: 'border-busy',
  unhealthy: 'border-bad',
}
const LEVELS = { degraded: ['Trouble', 'busy'], unhealthy: ['Broken', 'bad'] } as const

const FEWEST = 5 // jobs that have ended: what one or two came to says little

const mostFail = ({ failed, success_rate: rate }: Figures): boolean =>
  failed >= FEWEST && (rate ?? 1) < 0.5

interface Props {
  health: Now['health']
  total: Figures
}

/** Whether it does its work and, if not, why not and what to do; and whether the jobs come to much. */
export function Health({ health: { status, reasons }, total }: Props) {
  const { awaySince } = useConnection()
  const isBad = mostFail(total)
  if (awaySince !== undefined) {
    return (
      <section aria-label="Health" className="card border-busy p-4 sm:px-6">
        <h2 className="font-semibold">Nothing is known of the queue since {sayClock(awaySince)}</h2>
      </section>
    )
  }
  const [words, tone] = status === 'healthy' && isBad ? FAILING : WORDS[status]
  return (
    <section
      aria-label="Health"
      className={`card grid gap-4 p-4 sm:px-6 ${EDGES[status === 'healthy' && isBad ? 'degraded' : status]}`}
    >
      <h2 className="flex items-baseline gap-3 font-semibold">
        <span
          aria-hidden="true"
          className="size-3 shrink-0 rounded-full"
          style={{ background: `var(--${tone})` }}
        />
        {words}
      </h2>
      {total.failed > 0 && (
        <p className="text-sm">
          <a
            href={link(write('jobs', { status: 'failed' }))}
            className="underline decoration-line underline-offset-4 hover:decoration-current"
          >
            {sayJobs(total.failed)} failed
          </a>
          , and {sayShare(total.success_rate)} of those that ended came to something.
        </p>
      )}
      {reasons.length > 0 && (
        <ul className="grid gap-3 text-sm">
          {reasons.map(({ code, status: level, message }) => {
            const [name, levelTone] = LEVELS[level]
            return (
              <li
                key={code + message}
                className="grid gap-2 sm:grid-cols-[5rem_minmax(0,1fr)] sm:items-start"
              >
                <span>
                  <Badge tone={levelTone}>{name}</Badge>
                </span>
                <span className="py-0.5 text-foreign">
                  <Told text={message} />
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

import type { Now } from '../answers.ts'
import { Badge, type Tone } from '../parts/Badge.tsx'
import { Told } from '../parts/Told.tsx'

type State = Now['health']['status']

const WORDS: Record<State, [words: string, tone: Tone]> = {
  healthy: ['The queue does its work', 'good'],
  degraded: ['The queue does its work, with trouble', 'busy'],
  unhealthy: ['The queue does not do its work', 'bad'],
}
const EDGES: Record<State, string> = {
  healthy: '',
  degraded: 'border-busy',
  unhealthy: 'border-bad',
}
const LEVELS = { degraded: ['Trouble', 'busy'], unhealthy: ['Broken', 'bad'] } as const

/** Whether it does its work and, if not, why not and what to do. */
export function Health({ health: { status, reasons } }: { health: Now['health'] }) {
  const [words, tone] = WORDS[status]
  return (
    <section aria-label="Health" className={`card grid gap-4 p-4 sm:px-6 ${EDGES[status]}`}>
      <h2 className="flex items-baseline gap-3 font-semibold">
        <span
          aria-hidden="true"
          className="size-3 shrink-0 rounded-full"
          style={{ background: `var(--${tone})` }}
        />
        {words}
      </h2>
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
                <span className="py-0.5 break-words">
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

import { sayCron } from '../../frame/when.ts'
import type { Trigger } from '../answers.ts'
import { Badge } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'

/** Each schedule of pg_cron, whether it does its work and, if not, what to do. */
export function Triggers({ triggers }: { triggers: readonly Trigger[] }) {
  if (triggers.length === 0) {
    return (
      <p className="text-sm">
        There are none: jobs start by the API and by processors alone. To have pg_cron start them,
        see <code>supajobs setup</code>.
      </p>
    )
  }
  return (
    <ul className="grid gap-4 text-sm">
      {triggers.map(({ name, schedule, is_alive: isAlive, last_run_at: at, reason }) => (
        <li key={name} className="grid gap-1">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-medium">{name}</span>
            <Badge tone={isAlive ? 'good' : 'bad'}>{isAlive ? 'Alive' : 'Dead'}</Badge>
            <span className="text-muted">
              {sayCron(schedule)}
              {at && (
                <>
                  , last <Ago at={at} />
                </>
              )}
            </span>
          </p>
          {reason && <p className="text-foreign">{reason}</p>}
        </li>
      ))}
    </ul>
  )
}

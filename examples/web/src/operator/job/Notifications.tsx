import type { Delivery, Notification } from '../answers.ts'
import { Badge, type Tone } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'

const STATES: Record<string, [words: string, tone: Tone]> = {
  pending: ['Waiting', 'busy'],
  sent: ['Sent', 'busy'],
  delivered: ['Delivered', 'good'],
  failed: ['Failed', 'bad'],
  expired: ['Too late', 'calm'],
}

/** Who is told of its ends, and whether that has worked. */
export function Notifications({ notifications }: { notifications: readonly Notification[] }) {
  return (
    <ul className="grid gap-4 text-sm">
      {notifications.map(
        ({ id, event, occurred_at: at, addressed_at: addressedAt, deliveries }) => (
          <li key={id} className="grid gap-2">
            <p className="flex flex-wrap gap-x-3">
              <span className="font-medium">{event}</span>
              <span className="text-muted">
                <Ago at={at} />
              </span>
            </p>
            {deliveries.length === 0 ? (
              <p className="text-muted">
                {addressedAt ? 'Nobody was to be told.' : 'Whom to tell is yet to be looked up.'}
              </p>
            ) : (
              <ul className="grid gap-2">
                {deliveries.map((delivery, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: they have no names, and stay in order
                  <li key={place}>
                    <Way delivery={delivery} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        ),
      )}
    </ul>
  )
}

function Way({ delivery: { channel, status, attempts, error } }: { delivery: Delivery }) {
  const [words, tone] = STATES[status] ?? [status, 'calm']
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Badge tone={tone}>{words}</Badge>
      {channel}
      {attempts > 1 && <span className="text-muted">tried {attempts} times</span>}
      {error && <span className="text-foreign text-muted">{error}</span>}
    </p>
  )
}

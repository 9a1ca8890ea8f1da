import { sayTime } from '../../frame/words.ts'
import type { Attempt, Cause, Job } from '../answers.ts'
import { sayAgo, sayDollars, sayDuration, sayMoment, sayShort } from '../figures.ts'
import { Badge, type Tone } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'

const OUTCOMES: Record<string, [words: string, tone: Tone]> = {
  completed: ['Completed', 'good'],
  failed: ['Failed', 'bad'],
  retrying: ['Failed, to be retried', 'bad'],
  crashed: ['Lost: its processor went silent', 'bad'],
  cancelled: ['Cancelled', 'calm'],
  released: ['Given back', 'calm'],
  suspended: ['Went to wait', 'calm'],
}

interface Props {
  job: Job
  attempts: readonly Attempt[]
}

/** One after the other, and how long each took beside the longest. */
export function Attempts({ job, attempts }: Props) {
  const isRunning = job.status === 'processing'
  if (attempts.length === 0 && !isRunning) {
    return <p className="text-sm text-muted">None has begun.</p>
  }
  const longest = Math.max(...attempts.map((each) => each.duration_ms), 1)
  return (
    <ol className="grid gap-6 border-l-2 border-line pl-5">
      {attempts.map((attempt) => (
        <Ended key={attempt.started_at} attempt={attempt} share={attempt.duration_ms / longest} />
      ))}
      {isRunning && job.started_at && (
        <li className="relative grid gap-1 text-sm">
          <Dot tone="busy" />
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone="busy">Running</Badge>
            <span className="text-muted">
              since <Ago at={job.started_at} />
            </span>
          </p>
          <p className="text-muted">
            Processor <span className="break-all">{job.worker_id}</span>
          </p>
        </li>
      )}
      {job.status === 'pending' && (
        <li className="relative grid gap-1 text-sm">
          <Dot tone="calm" />
          {job.is_held ? (
            <p className="text-muted">The next one waits for other jobs.</p>
          ) : (
            <p className="text-muted">The next one {tellNext(job)}.</p>
          )}
        </li>
      )}
    </ol>
  )
}

/** What has to happen before a job of this type starts. */
export const tellHeldBack = (by: NonNullable<Job['held_back_by']>): string =>
  by === 'pause'
    ? 'its type to go on: it is paused'
    : 'a limit of its type, which is 0, to be raised'

function tellNext({ held_back_by: by, run_at: at }: Job): string {
  if (by) {
    return `waits for ${tellHeldBack(by)}`
  }
  return Date.parse(at) <= Date.now() ? 'is due' : `is due ${sayAgo(at)}`
}

const DOTS: Record<Tone, string> = {
  good: 'bg-good',
  bad: 'bg-bad',
  busy: 'bg-busy',
  active: 'bg-accent',
  calm: 'bg-control',
}

/** On the line to the left. */
function Dot({ tone }: { tone: Tone }) {
  return (
    <span
      aria-hidden="true"
      className={`absolute top-1.5 -left-[1.6875rem] size-3 rounded-full ring-4 ring-surface ${DOTS[tone]}`}
    />
  )
}

function Ended({ attempt, share }: { attempt: Attempt; share: number }) {
  const [words, tone] = OUTCOMES[attempt.outcome] ?? [attempt.outcome, 'calm']
  const { error, cause, retry_at: retryAt } = attempt
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)] gap-2 text-sm">
      <Dot tone={tone} />
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 tabular-nums">
        <Badge tone={tone}>{words}</Badge>
        <span className="font-medium">{sayDuration(attempt.duration_ms / 1000)}</span>
        <span className="text-muted">{sayMoment(attempt.started_at)}</span>
      </p>
      <span aria-hidden="true" className="block h-1.5 rounded-full bg-sunken">
        <span
          className={`block h-full min-w-1 rounded-full ${DOTS[tone]}`}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <p className="text-muted tabular-nums">
        Processor <span className="break-all">{attempt.worker_id}</span>
        {tellUsage(attempt)}
      </p>
      {error && (
        <p className="text-foreign">
          <strong className="font-semibold">{error.code}</strong> {error.message}
        </p>
      )}
      {cause && <Causes cause={cause} />}
      {retryAt && <p className="text-muted">Put off until {sayTime(retryAt)}.</p>}
    </li>
  )
}

function tellUsage({ model, input_tokens: read, output_tokens: written, cost_usd: cost }: Attempt) {
  const parts = [
    model,
    read !== null && `${sayShort(read)} tokens in`,
    written !== null && `${sayShort(written)} out`,
    cost !== null && sayDollars(cost),
  ].filter(Boolean)
  return parts.length ? ` · ${parts.join(', ')}` : ''
}

/** What raised it, its innermost frame last, and what that was raised from. */
function Causes({ cause }: { cause: Cause }) {
  const causes: Cause[] = []
  for (let each: Cause | null = cause; each; each = each.cause) {
    causes.push(each)
  }
  return (
    <details>
      <summary className="flex min-h-11 min-w-0 items-center font-medium text-accent">
        <span className="min-w-0 break-all">{cause.exception}</span>
      </summary>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 rounded-lg bg-sunken p-4">
        {causes.map(({ exception, message, frames }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: one may be raised twice; they stay in order
          <div key={place} className="grid grid-cols-[minmax(0,1fr)] gap-2">
            <p className="text-foreign">
              {place > 0 && <span className="text-muted">raised from </span>}
              <strong className="font-semibold break-all">{exception}</strong> {message}
            </p>
            {frames.length > 0 && (
              <ol className="grid gap-1.5 font-mono text-xs">
                {frames.map((frame, depth) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a function may call itself
                  <li key={depth} className="break-all">
                    {frame}
                  </li>
                ))}
              </ol>
            )}
          </div>
        ))}
      </div>
    </details>
  )
}

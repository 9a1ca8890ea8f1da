import type { Job } from '@supajobs/client'
import { type ReactNode, useId } from 'react'

type ShownJob = Pick<
  Job,
  'cancel_requested_at' | 'error' | 'position_in_queue' | 'progress' | 'status'
>

interface ProgressCardProps {
  /** What is being made. */
  title: string
  job: ShownJob
  onCancel?(): void
  onRetry?(): void
  /** What went wrong between here and the API; the job may go on all the same. */
  problem?: unknown
  /** What there is to see when it is completed. */
  children?: ReactNode
}

/** How far a job is, and what one can do about it. */
export function ProgressCard(props: ProgressCardProps) {
  const { title, job, onCancel, onRetry, problem, children } = props
  const heading = useId()
  const hasEnded = isOver(job)
  return (
    <section
      aria-labelledby={heading}
      className="flex flex-col gap-4 rounded-xl border bg-card p-6 text-card-foreground shadow-sm"
    >
      <h3 id={heading} className="font-semibold leading-none">
        {title}
      </h3>
      <p aria-live="polite" className="text-muted-foreground text-sm">
        {wordsFor(job)}
      </p>
      {!hasEnded && <Bar job={job} labelledBy={heading} />}
      {problem instanceof Error && (
        <p role="alert" className="text-destructive text-sm">
          {problem.message}
        </p>
      )}
      {job.status === 'completed' && children}
      <div className="flex gap-2 empty:hidden">
        {!hasEnded && onCancel && (
          <Button
            name={`Cancel: ${title}`}
            isDisabled={Boolean(job.cancel_requested_at)}
            onPress={onCancel}
          >
            Cancel
          </Button>
        )}
        {(job.status === 'failed' || job.status === 'cancelled') && onRetry && (
          <Button name={`Try again: ${title}`} onPress={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </section>
  )
}

/** While nobody knows how far it is, it has no value, and pulses. */
function Bar({ job, labelledBy }: { job: ShownJob; labelledBy: string }) {
  const percentage = job.progress?.percentage
  return (
    <div
      role="progressbar"
      aria-labelledby={labelledBy}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percentage}
      aria-valuetext={job.progress?.message}
      className="h-2 w-full overflow-hidden rounded-full bg-primary/20"
    >
      <div
        className={`h-full bg-primary transition-all ${percentage === undefined ? 'animate-pulse' : ''}`}
        style={{ width: `${percentage ?? 100}%` }}
      />
    </div>
  )
}

interface ButtonProps {
  /** For those who do not see what it stands beside. */
  name: string
  isDisabled?: boolean
  onPress(): void
  children: ReactNode
}

function Button({ name, isDisabled = false, onPress, children }: ButtonProps) {
  return (
    <button
      type="button"
      aria-label={name}
      disabled={isDisabled}
      onClick={onPress}
      className="rounded-md border px-4 py-2 font-medium text-sm hover:bg-accent disabled:opacity-50"
    >
      {children}
    </button>
  )
}

const isOver = ({ status }: ShownJob) => status !== 'pending' && status !== 'processing'

function wordsFor(job: ShownJob): string {
  switch (job.status) {
    case 'pending':
      return waiting(job.position_in_queue)
    case 'processing':
      if (job.cancel_requested_at) {
        return 'Cancelling …'
      }
      return job.progress?.message || 'At work …'
    case 'completed':
      return 'Done.'
    case 'failed':
      return `It did not work: ${job.error?.message}`
    default:
      return job.error ? `Cancelled: ${job.error.message}` : 'Cancelled.'
  }
}

function waiting(position: number | null | undefined): string {
  if (position === 1) {
    return 'Next in line.'
  }
  return position ? `Number ${position} in line.` : 'Waiting for its turn.'
}

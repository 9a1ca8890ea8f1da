import { useState } from 'react'
import type { Words } from '../families.ts'
import { client, type OwnJob } from '../frame/client.ts'
import { Button } from '../frame/parts.tsx'
import { toast, toastError } from '../frame/toasts.tsx'
import { minutes, sayName } from '../frame/words.ts'

type Shown = Pick<OwnJob, 'id' | 'status' | 'progress'> &
  Partial<
    Pick<OwnJob, 'cancel_requested_at' | 'position_in_queue' | 'estimated_duration' | 'error'>
  >

interface Props {
  job: Shown
  words: Words
}

/** A job on its way: how far it is, and a way to stop it. */
export function JobProgress({ job, words }: Props) {
  const [isAsking, setAsking] = useState(false)
  const isCancelling = isAsking || Boolean(job.cancel_requested_at)
  const percentage = job.progress?.percentage ?? 0
  const { noun } = words
  const { title, detail } = describe(job, words, isCancelling)

  async function cancel() {
    setAsking(true)
    try {
      await client.cancelJob(job.id)
      toast(`Your ${noun} is being cancelled.`)
    } catch (error) {
      setAsking(false)
      toastError(error)
    }
  }

  return (
    <section aria-labelledby={`title-${job.id}`} className="card grid gap-5 p-6">
      <div className="flex flex-wrap items-start justify-between gap-4">
        <div className="min-w-0">
          <h2 id={`title-${job.id}`} className="text-lg font-semibold">
            {title}
          </h2>
          <p role="status" className="text-foreign mt-1 text-sm text-muted">
            {detail}
          </p>
        </div>
        <p aria-hidden="true" className="text-3xl font-semibold tabular-nums">
          {percentage}
          <span className="ml-0.5 text-lg text-muted">%</span>
        </p>
      </div>
      <progress
        aria-label={`Progress of your ${noun}`}
        max={100}
        value={percentage}
        className="progress"
      />
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="text-sm text-muted">You may close this page: it goes on without you.</p>
        <Button isBusy={isCancelling} onClick={cancel}>
          {isCancelling ? 'Cancelling' : 'Cancel'}
        </Button>
      </div>
    </section>
  )
}

function describe(job: Shown, { noun, done }: Words, isCancelling: boolean) {
  if (isCancelling) {
    return { title: `Your ${noun} is being cancelled`, detail: 'It stops within seconds.' }
  }
  if (job.status === 'pending' && job.error) {
    return { title: `Your ${noun} is tried again soon`, detail: job.error.message }
  }
  if (job.status === 'pending') {
    return { title: `Your ${noun} is waiting for its turn`, detail: tellPlace(job) }
  }
  const { phase, message } = job.progress ?? {}
  return {
    title: `Your ${noun} is being ${done}`,
    detail: message ? `${sayName(phase ?? '')}: ${message}` : 'It has begun.',
  }
}

function tellPlace({ position_in_queue: place, estimated_duration: seconds }: Shown): string {
  if (!place) {
    return 'It begins as soon as it may.' // it is for later, say, or its type is paused
  }
  const ahead = place > 1 ? `${place - 1} before it.` : 'It is next.'
  return seconds ? `${ahead} It takes about ${minutes(seconds)}.` : ahead
}

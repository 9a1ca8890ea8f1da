import { type ReactNode, useEffect, useState } from 'react'
import { familyOf, type Words, wordsOf } from '../families.ts'
import { type OwnJob, useJob } from '../frame/client.ts'
import { explain } from '../frame/explain.ts'
import { Button, buttonStyle, Failure, Heading, Loading, Problem } from '../frame/parts.tsx'
import { link, replace } from '../frame/router.ts'
import { sayTime } from '../frame/words.ts'
import { JobProgress } from './JobProgress.tsx'
import { StatusBadge } from './StatusBadge.tsx'

/** One job, followed to its end; what it has made is shown in its place. */
export function JobView({ id }: { id: string }) {
  const { job, error, retryJob } = useJob(id)
  const address = job && familyOf(job.job_type)?.addressOf(job)
  const isReady = job?.status === 'completed'
  const wasSeenRunning = useWasSeenRunning(job)

  useEffect(() => {
    if (address && isReady && wasSeenRunning) {
      replace(address) // Back leads to where one has asked
    }
  }, [address, isReady, wasSeenRunning])

  if (!job) {
    return (
      <div className="mx-auto max-w-2xl">
        <Heading title="Request" />
        {error ? <Failure error={error} /> : <Loading what="the request" />}
      </div>
    )
  }
  const words = wordsOf(job.job_type)
  return (
    <div className="mx-auto max-w-2xl">
      <Heading title={`Request for a ${words.noun}`}>
        <StatusBadge status={job.status} />
      </Heading>
      {job.completed_at ? (
        <Ended job={job} words={words} address={address} onRetry={retryJob} />
      ) : (
        <JobProgress job={job} words={words} />
      )}
      {Boolean(error) && <Problem className="mt-4">{explain(error)}</Problem>}
    </div>
  )
}

/** Who has watched a job is led on when it is done; who comes later is not sent away. */
function useWasSeenRunning(job: OwnJob | undefined): boolean {
  const [was, setWas] = useState(false)
  if (job && !job.completed_at && !was) {
    setWas(true)
  }
  return was
}

interface EndedProps {
  job: OwnJob
  words: Words
  address: string | undefined
  onRetry: () => void
}

function Ended({ job, words, address, onRetry }: EndedProps) {
  return (
    <div className="card grid gap-5 p-6">
      <p className="text-lg font-semibold">{tellEnd(job, words)}</p>
      {job.error && <p className="text-foreign text-sm">{job.error.message}</p>}
      <dl className="grid grid-cols-2 gap-4 text-sm sm:grid-cols-3">
        <Fact name="Asked for">{sayTime(job.created_at)}</Fact>
        <Fact name="Ended">{job.completed_at && sayTime(job.completed_at)}</Fact>
        {job.retry_count > 0 && <Fact name="Attempts">{job.retry_count + 1}</Fact>}
      </dl>
      <div className="flex flex-wrap gap-3">
        {address && (
          <a href={link(address)} className={buttonStyle('primary')}>
            Open the {words.noun}
          </a>
        )}
        {job.status !== 'completed' && (
          <Button kind={address ? 'plain' : 'primary'} onClick={onRetry}>
            Try again
          </Button>
        )}
        <a href={link('jobs')} className={buttonStyle('plain')}>
          All requests
        </a>
      </div>
    </div>
  )
}

function tellEnd({ status }: OwnJob, { noun, done }: Words): string {
  if (status === 'completed') {
    return `Your ${noun} is ready.`
  }
  return status === 'failed' ? `Your ${noun} could not be ${done}.` : 'This request was cancelled.'
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  )
}

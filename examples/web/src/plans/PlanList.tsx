import { useState } from 'react'
import { Boundary } from '../frame/Boundary.tsx'
import { useActiveJob } from '../frame/client.ts'
import { Icon } from '../frame/Icon.tsx'
import { Button, buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { link } from '../frame/router.ts'
import { saySpan, sayTime, today } from '../frame/words.ts'
import { JobProgress } from '../jobs/JobProgress.tsx'
import { plans as family } from './index.ts'
import { type PlanHead, readPlans } from './stored.ts'

const PAGE = 50

/** What one comes back to: the plan that is being written, and those that are there. */
export function PlanList() {
  const { job, error } = useActiveJob('training_plan')
  // When the one on its way has ended, there is another plan.
  const [many, setMany] = useState(PAGE)
  const remote = useRemote((signal) => readPlans(many + 1, signal), 'plans', {
    version: `${many} ${job?.status}`,
  })
  const { error: refusal, reload } = remote
  const plans = remote.value?.slice(0, many)
  const hasMore = (remote.value?.length ?? 0) > many
  const isWriting = job && !job.completed_at
  const failed = job?.status === 'failed' ? job : undefined
  return (
    <div className="mx-auto max-w-3xl">
      <Heading title="Your plans">
        {!isWriting && plans && plans.length > 0 && (
          <a href={link('plans/new')} className={buttonStyle('primary')}>
            New plan
          </a>
        )}
      </Heading>
      <div className="grid gap-4">
        {Boolean(error) && <Failure error={error} />}
        {isWriting && <JobProgress job={job} words={family} />}
        {failed && (
          <p role="status" className="card flex flex-wrap items-center justify-between gap-4 p-6">
            Your plan could not be written.
            <a href={link(`jobs/${failed.id}`)} className={buttonStyle('plain')}>
              See why
            </a>
          </p>
        )}
        {Boolean(refusal) && <Failure error={refusal} onRetry={reload} />}
        {plans ? (
          <Plans plans={plans} isWriting={Boolean(isWriting)} />
        ) : (
          !refusal && <Loading what="your plans" />
        )}
        {hasMore && (
          <p className="text-center">
            <Button onClick={() => setMany(many + PAGE)}>Show more</Button>
          </p>
        )}
      </div>
    </div>
  )
}

function Plans({ plans, isWriting }: { plans: readonly PlanHead[]; isWriting: boolean }) {
  if (plans.length === 0) {
    return isWriting ? null : (
      <Empty icon="plan" title="No plan yet">
        <p className="max-w-sm text-muted">
          Tell what you train for and how much time you have. A plan takes a few seconds to minutes
          to write; you need not stay.
        </p>
        <a href={link(family.beginning.path)} className={buttonStyle('primary')}>
          {family.beginning.words}
        </a>
      </Empty>
    )
  }
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {plans.map((plan) => (
        <li key={plan.id}>
          <Boundary isPart>
            <Card plan={plan} />
          </Boundary>
        </li>
      ))}
    </ul>
  )
}

function Card({ plan }: { plan: PlanHead }) {
  const now = today()
  const isOn = plan.starts_on <= now && now <= plan.ends_on
  return (
    <a href={link(`plans/${plan.id}`)} className="card flex gap-4 p-4 hover:bg-sunken sm:p-6">
      <span className="grid size-11 shrink-0 place-items-center rounded-lg bg-sunken text-muted">
        <Icon name={plan.discipline === 'cycling' ? 'bike' : 'weights'} />
      </span>
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="text-foreign font-semibold">{plan.title}</span>
          {isOn && (
            <span className="rounded-full bg-good-soft px-2.5 py-0.5 text-xs font-medium text-good">
              On now
            </span>
          )}
        </span>
        <span className="mt-1 block text-sm text-muted tabular-nums">
          {saySpan(plan.starts_on, plan.ends_on)} ·{' '}
          <span className="whitespace-nowrap">written {sayTime(plan.created_at)}</span>
        </span>
      </span>
    </a>
  )
}

import { lazy, type ReactNode, Suspense } from 'react'
import { Failure, Heading, Loading } from '../frame/parts.tsx'
import { Tabs } from '../frame/Tabs.tsx'
import { count, saySpan } from '../frame/words.ts'
import { Calendar } from './Calendar.tsx'
import { Exports } from './Exports.tsx'
import type { TrainingPlan } from './plan.ts'
import { sayGoal } from './profile.ts'
import { usePlan } from './stored.ts'

const Charts = lazy(() => import('./Charts.tsx'))

const TABS = { '': 'Calendar', charts: 'Charts' }

interface Props {
  id: string
  tab?: string
}

/** A plan: what it is, its calendar and its charts. */
export default function PlanView({ id, tab }: Props) {
  const { value: stored, error, reload } = usePlan(id)
  if (!stored) {
    return (
      <>
        <Heading title="Plan" />
        {error ? <Failure error={error} onRetry={reload} /> : <Loading what="the plan" />}
      </>
    )
  }
  const { plan } = stored
  return (
    <>
      <Heading title={plan.title} note={plan.summary}>
        <Exports stored={stored} />
      </Heading>
      <Facts plan={plan} />
      <Tabs label="Views of the plan" home={`plans/${id}`} tabs={TABS} current={tab} />
      {tab === 'charts' ? (
        <Suspense fallback={<Loading what="the charts" />}>
          <Charts plan={plan} />
        </Suspense>
      ) : (
        <Calendar id={id} plan={plan} />
      )}
    </>
  )
}

function Facts({ plan }: { plan: TrainingPlan }) {
  const hours = plan.weeks.reduce((sum, week) => sum + week.duration_minutes, 0) / 60
  return (
    <dl className="mb-8 grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-4">
      <Fact name={count(plan.weeks.length, 'week')}>{saySpan(plan.starts_on, plan.ends_on)}</Fact>
      <Fact name="In all">{Math.round(hours)} hours</Fact>
      {plan.discipline === 'cycling' ? (
        <>
          <Fact name="FTP">{plan.athlete.ftp_watts} W</Fact>
          <Fact name="Goal">{sayGoal(plan.athlete.goal)}</Fact>
        </>
      ) : (
        <>
          <Fact name="A session">{plan.trainee.session_minutes} min</Fact>
          <Fact name="Goal">{sayGoal(plan.trainee.goal)}</Fact>
        </>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="font-semibold tabular-nums">{children}</dd>
    </div>
  )
}

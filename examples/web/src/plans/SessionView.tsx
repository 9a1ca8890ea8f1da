import type { ReactNode } from 'react'
import { Icon } from '../frame/Icon.tsx'
import { Button, buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { link } from '../frame/router.ts'
import { sayLongDay, sayMinutes, sayName, saySeconds } from '../frame/words.ts'
import { download, nameFile } from './exports/download.ts'
import { writeZwo } from './exports/zwo.ts'
import { Intervals } from './Intervals.tsx'
import {
  type CyclingBlock,
  type Exercise,
  effortOf,
  findSession,
  isRide,
  listSessions,
  type Ride,
  type StrengthSession,
  type TrainingPlan,
} from './plan.ts'
import { usePlan } from './stored.ts'

interface Props {
  id: string
  session: string
}

/** One session in detail. */
export default function SessionView({ id, session: place }: Props) {
  const { value: stored, error, reload } = usePlan(id)
  if (!stored) {
    return (
      <>
        <Heading title="Session" />
        {error ? <Failure error={error} onRetry={reload} /> : <Loading what="the session" />}
      </>
    )
  }
  const found = findSession(stored.plan, place)
  if (!found) {
    return (
      <Empty icon="plan" title="This plan has no such session">
        <a href={link(`plans/${id}`)} className={buttonStyle('primary')}>
          To the plan
        </a>
      </Empty>
    )
  }
  const { session, week } = found
  return (
    <article className="mx-auto max-w-3xl">
      <a
        href={link(`plans/${id}`)}
        className="-mt-2 mb-1 inline-flex min-h-11 items-center gap-1.5 text-sm font-medium text-accent"
      >
        <Icon name="back" className="size-4" />
        {stored.plan.title}
      </a>
      <Heading
        key={place}
        title={session.title}
        note={`${sayLongDay(session.date)} · week ${week.number}, ${sayName(week.phase)}`}
      >
        {isRide(session) && <ZwoButton ride={session} />}
      </Heading>
      {isRide(session) ? <RideDetail ride={session} /> : <StrengthDetail session={session} />}
      <Neighbours id={id} plan={stored.plan} place={place} />
    </article>
  )
}

function ZwoButton({ ride }: { ride: Ride }) {
  return (
    <Button
      onClick={() =>
        download(nameFile(`${ride.date} ${ride.title}`, 'zwo'), 'application/xml', writeZwo(ride))
      }
    >
      <Icon name="download" />
      Zwift (.zwo)
    </Button>
  )
}

function RideDetail({ ride }: { ride: Ride }) {
  return (
    <div className="grid gap-6">
      <Facts>
        <Fact name="Duration">{sayMinutes(ride.duration_minutes)}</Fact>
        <Fact name="Load">{ride.tss} TSS</Fact>
        <Fact name="Intensity">{ride.intensity_factor.toFixed(2)} IF</Fact>
        <Fact name="Power (NP)">{ride.normalized_power_watts} W</Fact>
      </Facts>
      <p className="max-w-prose">{ride.description}</p>
      <div className="card p-4 sm:p-6">
        <Intervals blocks={ride.blocks} />
      </div>
      <section aria-labelledby="steps">
        <h2 id="steps" className="mb-3 text-lg font-semibold">
          Step by step
        </h2>
        <ol className="card divide-y divide-line">
          {ride.blocks.map((block, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no other name, and never move
            <li key={index} className="px-4 py-3 sm:px-6">
              <Block block={block} />
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}

function Block({ block }: { block: CyclingBlock }) {
  return (
    <>
      {block.repeats > 1 && <p className="mb-1 font-semibold">{block.repeats} times</p>}
      <ul className={block.repeats > 1 ? 'border-l-2 border-line pl-4' : ''}>
        {block.steps.map((step, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name, and never move
            key={index}
            className="grid grid-cols-[auto_1fr_auto] items-baseline gap-x-3 py-1.5 tabular-nums"
          >
            <span
              aria-hidden="true"
              className="size-3 rounded-full"
              style={{ background: `var(--effort-${effortOf(step.zone)})` }}
            />
            <span className="min-w-0">
              <span className="font-medium">{saySeconds(step.duration_seconds)}</span>{' '}
              {sayName(step.kind)}
              <span className="block text-sm text-muted">{step.zone}</span>
            </span>
            <span className="text-right">
              {sayRange(step.watts_low, step.watts_high)} W
              <span className="block text-sm text-muted">
                {sayRange(step.percent_ftp_low, step.percent_ftp_high)} %
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

const sayRange = (low: number, high: number) => (low === high ? `${low}` : `${low}–${high}`)

function StrengthDetail({ session }: { session: StrengthSession }) {
  const { finisher } = session
  return (
    <div className="grid gap-6">
      <Facts>
        <Fact name="Duration">{sayMinutes(session.duration_minutes)}</Fact>
        <Fact name="Sets">{session.sets}</Fact>
      </Facts>
      <p className="max-w-prose first-letter:uppercase">{session.focus}</p>
      {session.warm_up.length > 0 && (
        <section aria-labelledby="warm-up">
          <h2 id="warm-up" className="mb-2 text-lg font-semibold">
            Warm-up, {session.warm_up_minutes} min
          </h2>
          <ul className="grid list-disc gap-1 pl-5">
            {session.warm_up.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
      {session.exercises.length > 0 && (
        <section aria-labelledby="exercises">
          <h2 id="exercises" className="mb-3 text-lg font-semibold">
            Exercises
          </h2>
          <ol className="card divide-y divide-line">
            {session.exercises.map((exercise) => (
              <li key={exercise.exercise} className="px-4 py-3 sm:px-6">
                <ExerciseLine exercise={exercise} />
              </li>
            ))}
          </ol>
        </section>
      )}
      {finisher && (
        <section aria-labelledby="finisher">
          <h2 id="finisher" className="mb-1 text-lg font-semibold">
            {finisher.title}, {finisher.duration_minutes} min
          </h2>
          <p className="max-w-prose">{finisher.description}</p>
        </section>
      )}
    </div>
  )
}

function ExerciseLine({ exercise }: { exercise: Exercise }) {
  const amount =
    exercise.hold_seconds === null
      ? sayRange(exercise.reps_low ?? 0, exercise.reps_high ?? 0)
      : `${exercise.hold_seconds} s`
  const details = [
    exercise.percent_1rm !== null && `${exercise.percent_1rm} % of 1RM`,
    `${exercise.reps_in_reserve} in reserve`,
    `${saySeconds(exercise.rest_seconds)} rest`,
  ].filter(Boolean)
  return (
    <div className="grid grid-cols-[1fr_auto] gap-x-4">
      <p className="min-w-0 font-medium">{exercise.name}</p>
      <p className="text-right font-semibold whitespace-nowrap tabular-nums">
        {exercise.sets} × {amount}
      </p>
      <p className="col-span-2 text-sm text-muted tabular-nums">{details.join(' · ')}</p>
      {exercise.note && <p className="col-span-2 text-sm">{exercise.note}</p>}
    </div>
  )
}

function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:auto-cols-fr sm:grid-flow-col sm:grid-cols-none">
      {children}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  )
}

function Neighbours({ id, plan, place }: { id: string; plan: TrainingPlan; place: string }) {
  const all = listSessions(plan)
  const at = all.findIndex((each) => each.place === place)
  const [before, after] = [all[at - 1], all[at + 1]]
  return (
    <nav aria-label="Sessions" className="mt-8 grid grid-cols-2 gap-3">
      {[before, after].map((to, side) =>
        to ? (
          <a
            key={to.place}
            href={link(`plans/${id}/sessions/${to.place}`)}
            className={`card block min-w-0 px-4 py-3 text-sm hover:bg-sunken ${side ? 'text-right' : ''}`}
          >
            <span className="block text-muted">{side ? 'Next' : 'Before'}</span>
            <span className="block truncate font-medium">{to.session.title}</span>
          </a>
        ) : (
          <span key={side ? 'end' : 'start'} />
        ),
      )}
    </nav>
  )
}

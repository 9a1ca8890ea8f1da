import { link } from '../frame/router.ts'
import { addDays, atNoon, sayDay, sayMinutes, sayName, saySpan, today } from '../frame/words.ts'
import { colourOf, type Placed, sayLoad, type TrainingPlan, type Week } from './plan.ts'

const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' })

/** Week by week: side by side where there is room, one below the other on a phone. */
export function Calendar({ id, plan }: { id: string; plan: TrainingPlan }) {
  return (
    <div className="grid gap-4 lg:gap-0 lg:overflow-hidden lg:rounded-xl lg:border lg:border-line lg:bg-surface">
      <div
        aria-hidden="true"
        className="hidden grid-cols-[9rem_repeat(7,minmax(0,1fr))] border-b border-line text-xs font-medium text-muted lg:grid"
      >
        <span className="px-3 py-2">Week</span>
        {listDates(plan.starts_on).map((date) => (
          <span key={date} className="border-l border-line px-2 py-2">
            {weekday.format(atNoon(date))}
          </span>
        ))}
      </div>
      {plan.weeks.map((week) => (
        <WeekRow key={week.number} id={id} week={week} />
      ))}
    </div>
  )
}

function WeekRow({ id, week }: { id: string; week: Week }) {
  const title = `week-${week.number}`
  return (
    <section
      aria-labelledby={title}
      className="overflow-hidden rounded-xl border border-line bg-surface lg:grid lg:grid-cols-[9rem_repeat(7,minmax(0,1fr))] lg:rounded-none lg:border-0 lg:not-last:border-b"
    >
      <header className="flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1 border-b border-line bg-sunken px-4 py-3 lg:block lg:border-b-0 lg:px-3">
        <h2 id={title} className="font-semibold">
          Week {week.number}
          <span className="ml-2 text-sm font-normal text-muted lg:ml-0 lg:block">
            {sayPhase(week)}
          </span>
        </h2>
        <p className="text-sm text-muted tabular-nums lg:mt-2 lg:text-xs">
          <span className="lg:block">{saySpan(week.starts_on, week.ends_on)}</span>
          <span className="before:mx-1.5 before:content-['·'] lg:block lg:before:hidden">
            {sayMinutes(week.duration_minutes)}
          </span>
          <span className="before:mx-1.5 before:content-['·'] lg:block lg:before:hidden">
            {'tss' in week ? `${week.tss} TSS` : `${week.sets} sets`}
          </span>
        </p>
      </header>
      <ol className="divide-y divide-line lg:contents lg:divide-y-0">
        {listDays(week).map(({ date, sessions }) => (
          <Day key={date} id={id} date={date} sessions={sessions} />
        ))}
      </ol>
    </section>
  )
}

interface DayProps {
  id: string
  date: string
  sessions: Placed[]
}

/** On a phone, days of rest are left out. */
function Day({ id, date, sessions }: DayProps) {
  const isToday = date === today()
  const isRest = sessions.length === 0
  return (
    <li
      aria-current={isToday ? 'date' : undefined}
      className={`gap-3 px-4 py-3 lg:block lg:min-h-28 lg:min-w-0 lg:border-l lg:border-line lg:p-2 ${isRest ? 'hidden' : 'flex'}`}
    >
      <p
        className={`w-22 shrink-0 pt-1 text-sm whitespace-nowrap tabular-nums lg:w-auto lg:pt-0 lg:text-xs ${isToday ? 'font-semibold text-accent' : 'text-muted'}`}
      >
        <span className="lg:hidden">{sayDay(date).replace(',', '')}</span>
        <span className="hidden lg:inline">{Number(date.slice(-2))}</span>
        {isToday && <span className="block lg:ml-1 lg:inline">today</span>}
        {isRest && <span className="sr-only">Rest</span>}
      </p>
      <div className="grid min-w-0 grow gap-2 lg:mt-1">
        {sessions.map(({ session, place }) => (
          <a
            key={place}
            href={link(`plans/${id}/sessions/${place}`)}
            className="relative block rounded-lg py-1 pr-1 pl-3 hover:bg-sunken lg:bg-canvas lg:py-1.5"
          >
            <span
              aria-hidden="true"
              className="absolute inset-y-1 left-0 w-1 rounded-full"
              style={{ background: colourOf(session) }}
            />
            <span className="text-foreign block font-medium lg:text-xs lg:leading-snug">
              {session.title}
            </span>
            <span className="block text-sm text-muted tabular-nums lg:mt-0.5 lg:text-xs">
              {sayMinutes(session.duration_minutes)} · {sayLoad(session)}
            </span>
          </a>
        ))}
      </div>
    </li>
  )
}

function sayPhase({ phase, kind }: Week): string {
  return kind === 'recovery' ? `${sayName(phase)}, recovery` : sayName(phase)
}

/** All seven days, also those without a session. */
function listDays(week: Week): { date: string; sessions: Placed[] }[] {
  return listDates(week.starts_on).map((date) => ({
    date,
    sessions: week.sessions.flatMap((session, at) =>
      session.date === date ? [{ session, place: `${week.number}-${at + 1}` }] : [],
    ),
  }))
}

/** The seven dates of a week that begins with this one: a Monday, unless it was asked otherwise. */
function listDates(first: string): string[] {
  return [0, 1, 2, 3, 4, 5, 6].map((days) => addDays(first, days))
}

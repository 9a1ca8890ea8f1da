/** A training plan as it is stored. */

export interface CyclingStep {
  kind: 'warm_up' | 'work' | 'recovery' | 'steady' | 'cool_down'
  duration_seconds: number
  percent_ftp_low: number
  percent_ftp_high: number
  watts_low: number
  watts_high: number
  zone: string
}

export interface CyclingBlock {
  repeats: number
  steps: CyclingStep[]
}

interface AnySession {
  date: string
  weekday: string
  kind: string
  title: string
  duration_minutes: number
}

export interface Ride extends AnySession {
  description: string
  is_hard: boolean
  normalized_power_watts: number
  intensity_factor: number
  tss: number
  blocks: CyclingBlock[]
}

export interface Exercise {
  exercise: string
  name: string
  sets: number
  reps_low: number | null
  reps_high: number | null
  hold_seconds: number | null
  rest_seconds: number
  reps_in_reserve: number
  percent_1rm: number | null
  note: string
}

export interface StrengthSession extends AnySession {
  focus: string
  sets: number
  warm_up: string[]
  warm_up_minutes: number
  exercises: Exercise[]
  finisher: { title: string; description: string; duration_minutes: number } | null
}

export type Session = Ride | StrengthSession

interface AnyWeek {
  number: number
  phase: string
  kind: 'load' | 'recovery' | 'taper'
  focus: string
  starts_on: string
  ends_on: string
  duration_minutes: number
  key_sessions: string[]
}

export interface CyclingWeek extends AnyWeek {
  tss: number
  ctl: number
  atl: number
  tsb: number
  sessions: Ride[]
}

export interface StrengthWeek extends AnyWeek {
  sets: number
  sets_per_muscle: Record<string, number>
  sessions: StrengthSession[]
}

export type Week = CyclingWeek | StrengthWeek

interface PlanHead {
  title: string
  summary: string
  starts_on: string
  ends_on: string
  phases: { name: string; focus: string; first_week: number; last_week: number }[]
}

export interface CyclingPlan extends PlanHead {
  discipline: 'cycling'
  athlete: { ftp_watts: number; weight_kg: number; weekly_hours: number; goal: string }
  zones: { name: string; watts_low: number; watts_high: number | null }[]
  weeks: CyclingWeek[]
}

export interface StrengthPlan extends PlanHead {
  discipline: 'strength'
  trainee: { goal: string; experience: string; equipment: string[]; session_minutes: number }
  weeks: StrengthWeek[]
}

export type TrainingPlan = CyclingPlan | StrengthPlan

export function isRide(session: Session): session is Ride {
  return 'blocks' in session
}

/** What a session asks of who does it, in one number with its unit. */
export function sayLoad(session: Session): string {
  return isRide(session) ? `${session.tss} TSS` : `${session.sets} sets`
}

/** 1 to 7: how hard a zone is, from its name, Z4 threshold. */
export function effortOf(zone: string): number {
  return Number(/\d/u.exec(zone)?.[0] ?? 1)
}

const EFFORTS: Record<string, number> = {
  recovery: 1,
  active_recovery: 1,
  endurance: 2,
  long_ride: 2,
  openers: 3,
  tempo: 3,
  strength: 4,
  sweet_spot: 4,
  threshold: 4,
  vo2max: 5,
  anaerobic: 6,
  ftp_test: 6,
  event: 7,
}

/** The colour of a session, by what it is for. */
export function colourOf(session: Session): string {
  return `var(--effort-${EFFORTS[session.kind] ?? 2})`
}

/** Where a session stands in its plan: 3-1 is the first one of week 3. */
export function findSession(plan: TrainingPlan, place: string) {
  const [number, position] = place.split('-').map(Number)
  const week = plan.weeks.find((each) => each.number === number)
  const session = week?.sessions[(position ?? 0) - 1]
  return week && session && { week, session }
}

export interface Placed {
  session: Session
  place: string
}

/** All sessions, in their order. */
export function listSessions(plan: TrainingPlan): Placed[] {
  return plan.weeks.flatMap((week) =>
    week.sessions.map((session, index) => ({ session, place: `${week.number}-${index + 1}` })),
  )
}

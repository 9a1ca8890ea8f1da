import type { JobFilters, PlanRequest } from '@supajobs/client'
import { client, forgetWithUser } from '../frame/client.ts'
import { type Remote, useRemote } from '../frame/remote.ts'
import { useSession } from '../frame/session.ts'
import { forgetKept, keep, listKept, readKeptJson } from '../frame/storage.ts'
import { sayName, TIME_ZONE } from '../frame/words.ts'

export const CYCLING_GOALS = {
  IMPROVE_FTP: 'A higher FTP',
  GENERAL_FITNESS: 'General fitness',
  GRAN_FONDO: 'A gran fondo',
  ROAD_RACE: 'A road race',
  TIME_TRIAL: 'A time trial',
} as const

export const STRENGTH_GOALS = {
  MUSCLE_GAIN: 'More muscle',
  FAT_LOSS: 'Less fat',
  STRENGTH: 'More strength',
  GENERAL_FITNESS: 'General fitness',
} as const

const GOALS: Record<string, string> = { ...STRENGTH_GOALS, ...CYCLING_GOALS }

export const sayGoal = (goal: string): string => GOALS[goal.toUpperCase()] ?? sayName(goal)

export const EXPERIENCES = {
  BEGINNER: 'Less than a year',
  INTERMEDIATE: 'One to three years',
  ADVANCED: 'Longer',
} as const

export const EQUIPMENT = [
  'Gym',
  'Dumbbells',
  'Barbell',
  'Squat rack',
  'Bench',
  'Kettlebell',
  'Bands',
  'Pull-up bar',
  'Suspension trainer',
  'Cables',
  'Machines',
] as const

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

const KEY = 'profile'

/** What the user asked with last, on this device or else of what is kept of requests; null: nothing. */
export function useProfile(): Remote<PlanRequest | null> {
  const userId = useSession()?.user.id ?? ''
  return useRemote(async (signal) => {
    return readKeptJson<PlanRequest>(`${KEY}-${userId}`) ?? (await readLatest(signal))
  }, KEY)
}

async function readLatest(signal: AbortSignal): Promise<PlanRequest | null> {
  const filters: JobFilters = { job_type: 'training_plan', limit: 1 }
  const { value: [latest] = [] } = await client.listJobs(filters, { signal }).next()
  return latest ? (await client.getJob<'training_plan'>(latest.id, { signal })).params : null
}

forgetWithUser(() => {
  for (const key of listKept().filter((each) => each.startsWith(`${KEY}-`))) {
    forgetKept(key)
  }
})

export function keepProfile(userId: string, request: PlanRequest): void {
  keep(`${KEY}-${userId}`, JSON.stringify(request))
}

/** One that can be asked with again and again: an event is only once. */
export function withoutEvent(request: PlanRequest): PlanRequest {
  const { athlete_profile: athlete } = request
  return athlete ? { ...request, athlete_profile: { ...athlete, event_date: null } } : request
}

/** The request that a form asks with: what is left out is for the planner to choose. */
export function readForm(form: FormData): PlanRequest {
  const number = (name: string) => (form.get(name) ? Number(form.get(name)) : undefined)
  const text = (name: string) => form.get(name) || undefined
  const chosen = form.getAll('weekdays')
  const weekdays = chosen.length > 0 ? chosen : undefined
  const common = { weeks: number('weeks'), time_zone: TIME_ZONE }
  const profile =
    form.get('discipline') === 'strength'
      ? {
          profile_snapshot: {
            goal: text('strength_goal'),
            experience: text('experience'),
            session_minutes: number('session_minutes'),
            equipment: form.getAll('equipment'),
            weekdays,
          },
        }
      : {
          athlete_profile: {
            ftp: number('ftp'),
            weight_kg: number('weight_kg'),
            age: number('age'),
            weekly_hours: number('weekly_hours'),
            current_ctl: number('current_ctl'),
            goal: text('cycling_goal'),
            event_date: text('event_date'),
            weekdays,
          },
        }
  // What is undefined is not sent; the API checks the rest.
  return JSON.parse(JSON.stringify({ ...common, ...profile }))
}

/** What the profile of a request says, in a line. */
export function sayProfile({ athlete_profile: athlete, profile_snapshot: trainee }: PlanRequest) {
  if (athlete) {
    const goal = CYCLING_GOALS[athlete.goal ?? 'IMPROVE_FTP']
    return `Cycling · ${goal} · ${athlete.ftp} W · ${athlete.weight_kg} kg`
  }
  return `Strength · ${STRENGTH_GOALS[trainee?.goal ?? 'GENERAL_FITNESS']}`
}

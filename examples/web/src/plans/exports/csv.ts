import { isRide, listSessions, type TrainingPlan } from '../plan.ts'

const COLUMNS = ['date', 'week', 'phase', 'kind', 'title', 'minutes', 'tss', 'if', 'np', 'sets']

/** A line for each session (RFC 4180). */
export function writeCsv(plan: TrainingPlan): string {
  const lines = listSessions(plan).map(({ session, place }) => {
    const [number] = place.split('-')
    const week = plan.weeks.find((each) => String(each.number) === number)
    const numbers = isRide(session)
      ? [session.tss, session.intensity_factor, session.normalized_power_watts, '']
      : ['', '', '', session.sets]
    return [
      ...[session.date, number ?? '', week?.phase ?? '', session.kind, session.title],
      ...[session.duration_minutes, ...numbers],
    ]
  })
  return [COLUMNS, ...lines].map((line) => `${line.map(quote).join(',')}\r\n`).join('')
}

const FORMULA = /^\s*[=+\-@\t\r]/u

function quote(value: string | number): string {
  // What spreadsheets would calculate is made text.
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

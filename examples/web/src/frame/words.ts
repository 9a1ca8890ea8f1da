/** Numbers, days and times, as people read them. */

const year = new Intl.DateTimeFormat('en', { year: 'numeric' })
const day = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short' })
const longDay = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })
const dayAndTime = new Intl.DateTimeFormat('en', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const span = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** Where the user is, by its IANA name. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** A date without a time, which is the same everywhere. */
export function atNoon(date: string): Date {
  return new Date(`${date}T12:00:00`)
}

export const sayDay = (date: string): string => say(day, atNoon(date))
export const sayLongDay = (date: string): string => say(longDay, atNoon(date))
export const saySpan = (from: string, to: string): string =>
  `${span.format(atNoon(from))} – ${say(span, atNoon(to))}`
export const sayTime = (instant: string): string => say(dayAndTime, new Date(instant))

/** 06:05:40 */
export const sayClock = (moment: Date | number | string): string => clock.format(new Date(moment))

/** With the year, where it is another one than now. */
function say(format: Intl.DateTimeFormat, moment: Date): string {
  const isNear = Math.abs(moment.getTime() - Date.now()) < 300 * 86_400_000
  return isNear ? format.format(moment) : `${format.format(moment)}, ${year.format(moment)}`
}

/** Today, here: 2026-12-01. */
export const today = (): string => writeDate(new Date())

export function addDays(date: string, days: number): string {
  const noon = atNoon(date)
  noon.setDate(noon.getDate() + days)
  return writeDate(noon)
}

function writeDate(local: Date): string {
  const pad = (number: number) => String(number).padStart(2, '0')
  return `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`
}

/** 1:45 h, or 45 min. */
export function sayMinutes(total: number): string {
  const hours = Math.floor(total / 60)
  const rest = Math.round(total % 60)
  return hours ? `${hours}:${String(rest).padStart(2, '0')} h` : `${rest} min`
}

/** 90 s, 8 min, 2.5 min, 1:30 h. */
export function saySeconds(seconds: number): string {
  if (seconds < 60 || (seconds < 180 && seconds % 60)) {
    return `${seconds} s`
  }
  return seconds % 60 ? `${(seconds / 60).toFixed(1)} min` : sayMinutes(seconds / 60)
}

/** How long a job ran that has ended, if it did. */
export function sayTook({ duration_ms: ms, completed_at: endedAt }: Ran): string | undefined {
  return ms && endedAt ? saySeconds(Math.ceil(ms / 1000)) : undefined
}

interface Ran {
  duration_ms: number | null
  completed_at: string | null
}

/** In how long: 40 seconds, 3 minutes, 2 hours. */
export function minutes(seconds: number): string {
  const [count, unit] =
    seconds < 90
      ? [Math.ceil(seconds), 'second']
      : seconds < 5400
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3600), 'hour']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** VO2MAX → Vo2max, sweet_spot → Sweet spot. */
export function sayName(name: string): string {
  return capitalise(name.replaceAll('_', ' ').toLowerCase())
}

export const capitalise = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

export function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value).replace('-', '−')
}

/** 1 week, 1,200 weeks. */
export function count(many: number, noun: string): string {
  return `${many.toLocaleString('en')} ${noun}${many === 1 ? '' : 's'}`
}

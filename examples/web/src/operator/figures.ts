/** Figures, as operators read them. */

const count = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const rate = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' })
const cents = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
})
const moment = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

const NOTHING = '–'

export const sayCount = (value: number): string => count.format(value)
/** 12.3K */
export const sayShort = (value: number): string =>
  value < 10_000 ? count.format(value) : short.format(value)
export const sayRate = (value: number): string => rate.format(value)
export const sayShare = (value: number | null): string =>
  value === null ? NOTHING : share.format(value)
/** Dec 1, 03:05:45 */
export const sayMoment = (instant: string): string => moment.format(new Date(instant))

/** A tenth of a cent counts where there is not a dollar. */
export function sayDollars(value: number | null): string {
  if (value === null) {
    return NOTHING
  }
  return value && value < 1 ? cents.format(value) : dollars.format(value)
}

/** 340 ms, 4.2 s, 42 s, 2 min 5 s, 3 h 5 min, 2 d 4 h. */
export function sayDuration(seconds: number | null): string {
  if (seconds === null) {
    return NOTHING
  }
  if (seconds < 0.9995) {
    return `${Math.round(seconds * 1000)} ms`
  }
  if (seconds < 9.95) {
    return `${rate.format(seconds)} s`
  }
  const whole = Math.round(seconds)
  return (
    sayTwo(whole, 86_400, 'd', 3600, 'h') ??
    sayTwo(whole, 3600, 'h', 60, 'min') ??
    sayTwo(whole, 60, 'min', 1, 's') ??
    `${whole} s`
  )
}

function sayTwo(seconds: number, big: number, bigUnit: string, small: number, smallUnit: string) {
  if (seconds < big) {
    return undefined
  }
  const rest = Math.floor((seconds % big) / small)
  return `${Math.floor(seconds / big)} ${bigUnit}${rest ? ` ${rest} ${smallUnit}` : ''}`
}

/** How long ago, or in how long: 3 min ago, in 2 h. */
export function sayAgo(instant: string, now = Date.now()): string {
  const seconds = (now - Date.parse(instant)) / 1000
  if (Math.abs(seconds) < 1) {
    return 'now'
  }
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  const [size, unit] = units.find(([each]) => Math.abs(seconds) >= each) ?? [1, 's']
  const amount = `${Math.floor(Math.abs(seconds) / size)} ${unit}`
  return seconds > 0 ? `${amount} ago` : `in ${amount}`
}

/** 1 job, 12 jobs. */
export function sayJobs(jobs: number): string {
  return `${count.format(jobs)} ${jobs === 1 ? 'job' : 'jobs'}`
}

/** The end of an id, in which the ids of one moment differ. */
export const sayId = (id: string): string => `…${id.slice(-8)}`

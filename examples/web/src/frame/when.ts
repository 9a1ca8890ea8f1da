/** What recurs, in words. */

const DAYS: Record<string, string> = {
  '*': 'day',
  SUN: 'Sunday',
  MON: 'Monday',
  TUE: 'Tuesday',
  WED: 'Wednesday',
  THU: 'Thursday',
  FRI: 'Friday',
  SAT: 'Saturday',
}
const BY_NUMBER = Object.keys(DAYS).slice(1)
const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

const OF_MINUTES = /^\*(?:\/(?<count>\d+))? \* \* \* \*$/u
const AT_A_TIME = /^(?<minute>\d+) (?<hour>\d+) \* \* (?<day>\*|[A-Z]{3}|[0-6])$/u
const OF_SECONDS = /^(?<count>\d+) seconds?$/u // as pg_cron has it

/** every Monday at 06:00, every 5 minutes; what has no simple words is shown as it is. */
export function sayCron(cron: string): string {
  const { minute = '', hour = '', day = '' } = AT_A_TIME.exec(cron)?.groups ?? {}
  const name = day && DAYS[BY_NUMBER[Number(day)] ?? day]
  if (name) {
    return `every ${name} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  }
  const minutes = OF_MINUTES.exec(cron)
  if (minutes) {
    return sayInterval(Number(minutes.groups?.['count'] ?? 1) * 60)
  }
  const seconds = OF_SECONDS.exec(cron)?.groups?.['count']
  return seconds ? sayInterval(Number(seconds)) : `by cron “${cron}”`
}

/** In the largest unit of which they are whole ones: every hour, every 3 hours, every 90 minutes. */
export function sayInterval(seconds: number): string {
  const [size, unit] = UNITS.find(([each]) => seconds % each === 0) ?? UNITS[3]
  const count = seconds / size
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`
}

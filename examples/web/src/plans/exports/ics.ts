import { addDays, sayMinutes } from '../../frame/words.ts'
import { isRide, listSessions, type Placed, type Session, sayLoad } from '../plan.ts'
import type { StoredPlan } from '../stored.ts'

const MAX_OCTETS = 75

/** A calendar with a day's entry for each session (RFC 5545): a plan has no times of day. */
export function writeIcs({ id, created_at, plan }: StoredPlan): string {
  const stamp = new Date(created_at).toISOString().replace(/[-:]|\.\d+/gu, '')
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//supajobs//plans//EN',
    `X-WR-CALNAME:${escapeText(plan.title)}`,
    ...listSessions(plan).flatMap((placed) => writeEvent(id, stamp, placed)),
    'END:VCALENDAR',
  ]
    .map((line) => `${fold(line)}\r\n`)
    .join('')
}

function writeEvent(id: string, stamp: string, { session, place }: Placed): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${id}-${place}@supajobs`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${writeDay(session.date)}`,
    `DTEND;VALUE=DATE:${writeDay(addDays(session.date, 1))}`,
    `SUMMARY:${escapeText(`${session.title} (${sayMinutes(session.duration_minutes)})`)}`,
    `DESCRIPTION:${escapeText(describe(session))}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]
}

const writeDay = (date: string) => date.replaceAll('-', '')

function describe(session: Session): string {
  const what = isRide(session)
    ? session.description
    : session.exercises.map(({ name, sets }) => `${sets} × ${name}`).join('\n')
  return `${sayLoad(session)}\n${what}`
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/gu, '\\$&').replace(/\r\n?|\n/gu, '\\n')
}

/** Lines have at most 75 octets, and break between letters. */
function fold(line: string): string {
  const encoder = new TextEncoder()
  let folded = ''
  let octets = 0
  for (const letter of line) {
    const size = encoder.encode(letter).length
    if (octets + size > MAX_OCTETS) {
      folded += '\r\n '
      octets = 1
    }
    folded += letter
    octets += size
  }
  return folded
}

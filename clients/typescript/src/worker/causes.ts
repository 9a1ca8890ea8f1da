/** What an error was, for the people who run the queue: without secrets. */

import { clean } from './storable.ts'

export interface Cause {
  exception: string
  message: string
  /** The innermost last. */
  frames: string[]
  cause?: Cause
}

const MAX_NAME = 200
const MAX_MESSAGE = 1000
const MAX_FRAMES = 10
const MAX_FRAME = 200
/** That an error came from, one from the other. */
const MAX_CAUSES = 2
/** Characters of a text that are looked at. */
const MAX_READ = 50_000

/** Which to look back over again and again takes too long. */
const GAPS = /\s{20,}/gu

const HIDDEN = '[secret]'
/** What is a secret by its looks, or by what stands before it. As Python's worker has them. */
const LOOKS = [
  /(?<=\bbearer\s+)[\w.~+/=-]+/giu,
  /(?<=\bauthorization["']?\s*[=:]\s*["']?(?:\w{1,20}\s+)?)[^\s"',;)}\]]+/giu,
  /(?<=(?:key|secret|token|passw(?:or)?d)["']?\s*[=:]\s*["']?)[^\s"'&,;)}\]]{8,}/giu,
  /(?<=:\/\/[^\s/:@]{0,200}:)[^\s/@]+(?=@)/giu,
  /\beyJ[\w-]{8,2000}\.[\w-]+(?:\.[\w-]*)?/giu,
  /\b(?:sb_secret_|sk[-_]|rk_|whsec_|gh[op]_|github_pat_|xox[abp]-|AIza)[\w-]{8,}/giu,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/giu,
  /(?<=-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(?:-----END|$)/giu,
]

const FRAME = /^\s+at /u

/** The text without what looks like a secret, of at most so many characters. */
export function hide(text: string, most: number = MAX_READ): string {
  const read = text.slice(0, MAX_READ).replace(GAPS, ' ')
  const hidden = LOOKS.reduce((told, looks) => told.replace(looks, HIDDEN), read)
  return clean(hidden.slice(0, most))
}

export function describeCause(error: unknown, more: number = MAX_CAUSES): Cause {
  const read = readError(error)
  return {
    exception: hide(read.name, MAX_NAME),
    message: hide(read.message, MAX_MESSAGE),
    frames: read.frames.slice(0, MAX_FRAMES).reverse(),
    ...(read.cause && more > 0 ? { cause: describeCause(read.cause, more - 1) } : {}),
  }
}

interface Read {
  name: string
  message: string
  frames: string[]
  cause?: unknown
}

/** Whatever was thrown: its parts may be missing, or throw themselves. */
function readError(error: unknown): Read {
  try {
    if (typeof error !== 'object' || error === null) {
      return { name: typeof error, message: String(error), frames: [] }
    }
    const { name, code, message, hint, stack, cause } = error as Record<string, unknown>
    const lines = String(stack ?? '').split('\n')
    return {
      name: String(name ?? 'object'),
      // A key that is refused is told as an outage, but for what the hint says of it.
      message: [code, message, hint].filter(Boolean).join(': '),
      frames: lines
        .filter((line) => FRAME.test(line))
        .map((line) => hide(line.trim().replace('at ', ''), MAX_FRAME)),
      cause,
    }
  } catch {
    return { name: 'unknown', message: '(it cannot be printed)', frames: [] }
  }
}

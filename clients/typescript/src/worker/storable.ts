/** What handlers hand in, as the database can store it. */

const MAX_DEPTH = 100
/** Bytes of JSON. */
const MAX_BYTES = 10 * 2 ** 20

const HALF_PAIRS = /\p{Surrogate}/gu

/** What a handler has handed in is nothing that JSON or the database can hold. */
export class UnstorableError extends Error {
  override name = 'UnstorableError'
  readonly where: string
  readonly why: string

  constructor(where: string, why: string) {
    super(`${where}: ${why}`)
    this.where = where
    this.why = why
  }
}

/** The text with U+FFFD in place of what cannot be stored: U+0000, and halves of surrogate pairs. */
export function clean(text: string): string {
  return text.replace(HALF_PAIRS, '\uFFFD').replaceAll('\0', '\uFFFD')
}

/** The value as plain JSON, its text cleaned; an UnstorableError if there is no such JSON. */
export function makeStorable(value: unknown, where: string): unknown {
  let plain: unknown
  let size: number
  try {
    const text = JSON.stringify(value, requireNumber) ?? 'null'
    size = new TextEncoder().encode(text).length
    plain = JSON.parse(text)
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'it is no value of JSON'
    // biome-ignore lint/style/useErrorCause: its words may hold what was handed in
    throw new UnstorableError(where, why)
  }
  if (size > MAX_BYTES) {
    throw new UnstorableError(where, `${size} bytes of JSON; ${MAX_BYTES} is the most`)
  }
  return mapText(plain, clean, where)
}

/** Plain JSON with another text in place of each, keys too. */
export function mapText(
  value: unknown,
  change: (text: string) => string,
  where: string,
  depth = 0,
): unknown {
  if (depth > MAX_DEPTH) {
    throw new UnstorableError(where, `more than ${MAX_DEPTH} levels`)
  }
  if (typeof value === 'string') {
    return change(value)
  }
  if (Array.isArray(value)) {
    return value.map((each) => mapText(each, change, where, depth + 1))
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => [
      change(name),
      mapText(each, change, where, depth + 1),
    ])
    return Object.fromEntries(entries)
  }
  return value
}

/** JSON.stringify writes null for a number that is none. */
function requireNumber(_name: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RangeError(`${value} is no number of JSON`)
  }
  return value
}

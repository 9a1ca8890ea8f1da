import { describe, expect, it } from 'vitest'
import { describeCause, hide } from '../src/worker/causes.ts'
import { makeStorable, UnstorableError } from '../src/worker/storable.ts'
import { judge } from '../src/worker/verdicts.ts'
import { PermanentError, RetryLaterError } from '../src/worker.ts'

describe('a verdict', () => {
  it.each([
    [new PermanentError('No.', { code: 'no' }), 'no', false, undefined],
    [new RetryLaterError(7), 'rate_limited', undefined, 7],
    [new RetryLaterError(Number.NaN), 'rate_limited', undefined, undefined],
    [
      AbortSignal.abort(new DOMException('', 'TimeoutError')).reason,
      'timeout',
      undefined,
      undefined,
    ],
    [{ statusCode: 429, responseHeaders: { 'retry-after': '9' } }, 'rate_limited', undefined, 9],
    [{ status: 503 }, 'provider_unavailable', undefined, undefined],
    [{ status: 429, headers: 5 }, 'internal_error', undefined, undefined],
    ['a text', 'internal_error', undefined, undefined],
    [undefined, 'internal_error', undefined, undefined],
  ])('on %s', (error, code, retryable, wait) => {
    const verdict = judge(error)
    expect([verdict.error.code, verdict.retryable, verdict.not_before]).toEqual([
      code,
      retryable,
      wait,
    ])
  })

  it('has no secrets, and no more than fits', () => {
    const detail = { text: 'x'.repeat(20_000) }
    const { error } = judge(new PermanentError(`${'a'.repeat(3000)}`, { detail }))
    expect(error.message).toHaveLength(2000)
    expect(error.detail).toEqual({ left_out: '20011 bytes of JSON; 16384 is the most' })
  })

  it('is not looked back over for long', () => {
    expect(hide(`token:${' '.repeat(49_000)}abcdefghij`)).toBe('token: [secret]')
  })

  it('tells what an error came from', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('Bearer abc.def') })
    expect(describeCause(cause)).toMatchObject({
      exception: 'TypeError',
      message: 'fetch failed',
      cause: { message: 'Bearer [secret]' },
    })
    const advised = { code: 'PGRST301', message: 'no', hint: 'Take the secret key.' }
    expect(describeCause(advised).message).toBe('PGRST301: no: Take the secret key.')
    const hostile = {
      get message(): string {
        throw new Error('no')
      },
    }
    expect(describeCause(hostile)).toMatchObject({ message: '(it cannot be printed)' })
  })
})

describe('text', () => {
  it.each([
    ['postgres://me:letmein@db', 'postgres://me:[secret]@db'],
    ['apikey=0123456789&x=1', 'apikey=[secret]&x=1'],
    ['sk-abcdefghij and AKIAABCDEFGHIJKLMNOP', '[secret] and [secret]'],
    ['-----BEGIN PRIVATE KEY-----\nabc', '-----BEGIN PRIVATE KEY-----[secret]'],
    ['nothing to hide', 'nothing to hide'],
  ])('%s is told as %s', (text, told) => {
    expect(hide(text)).toBe(told)
  })
})

describe('what a handler returns', () => {
  it('is JSON, with text that can be stored', () => {
    const given = { at: new Date(0), '\0': ['\uD83E', '🦊', undefined], none: undefined }
    expect(makeStorable(given, 'result')).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      '\uFFFD': ['\uFFFD', '🦊', null],
    })
    expect(makeStorable(undefined, 'result')).toBeNull()
  })

  it.each([
    ['numbers that are none', { a: Number.NaN }],
    ['what is too large', 'x'.repeat(11 * 2 ** 20)],
    ['what is too deep', JSON.parse('['.repeat(200) + ']'.repeat(200))],
  ])('may not be %s', (_, given) => {
    expect(() => makeStorable(given, 'result')).toThrow(UnstorableError)
  })
})

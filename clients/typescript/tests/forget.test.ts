import { describe, expect, it } from 'vitest'
import { change, hooks, page, say, show, wire } from './pages.ts'
import { Events, ID, job, json, problem } from './wire.ts'

describe('what the user before has asked for', () => {
  it.each([
    ['a retry', () => json(job('completed'))],
    ['a refusal', () => problem(401, 'not_authenticated')],
  ])('does not reach the next one: %s', async (_, reply) => {
    let retry: () => void = () => undefined
    let answer: (late: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => {
      answer = resolve
    })
    wire.answer(new Events().tell(job('failed'), 'a').response, () => late, new Events().open)
    await show(() => {
      const followed = hooks.useJob(ID)
      retry = followed.retryJob
      return say(followed)
    })
    await change(() => undefined)
    await change(() => {
      retry()
    })
    await change(() => hooks.forget())
    await change(() => answer(reply()))
    expect(page.textContent).toBe('undefined undefined')
    expect(wire.sent).toHaveLength(3)
  })
})

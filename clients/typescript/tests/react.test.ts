import { createElement, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { Active, change, hooks, leave, page, say, show, wire } from './pages.ts'
import { Events, ID, job, json, problem, type Sent } from './wire.ts'

const PENDING = job('pending')
const RUNNING = job('processing')
const DONE = job('completed')

const Followed = () => say(hooks.useJob(ID))
describe('forget', () => {
  it('has the next user see nothing of the one before, and asks for theirs', async () => {
    let create: () => void = () => undefined
    const Story = () => {
      const created = hooks.useCreateJob('story')
      create = () => created.createJob({})
      return `${say(hooks.useActiveJob('story'))} ${say(created)}`
    }
    wire.answer(json({ job: null }), json(DONE))
    await show(Story)
    await change(() => create())
    expect(page.textContent).toBe('completed undefined completed undefined')
    wire.answer(json({ job: RUNNING }), new Events().open)
    await change(() => hooks.forget())
    expect(page.textContent).toBe('processing undefined undefined undefined')
    let answerLate: (late: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => {
      answerLate = resolve
    })
    wire.answer(() => late, json({ job: null }))
    await change(() => create())
    await change(() => hooks.forget())
    await change(() => answerLate(json(DONE)))
    expect(page.textContent).toBe('none undefined undefined undefined')
  })
})

describe('useJob', () => {
  it('follows a job to its end, and asks once for all who do', async () => {
    const events = new Events().tell(PENDING, 'a')
    wire.answer(events.open)
    await show(() => [1, 2, 3].map((key) => createElement(Followed, { key })))
    await change(() => undefined)
    expect(page.textContent).toBe('pending undefined'.repeat(3))
    await change(() => events.tell(RUNNING, 'b'))
    expect(page.textContent).toBe('processing undefined'.repeat(3))
    await change(() => events.tell(DONE, 'c'))
    expect(page.textContent).toBe('completed undefined'.repeat(3))
    expect(wire.sent).toHaveLength(1)
  })

  it('knows nothing on a server, and asks nobody', () => {
    expect(renderToString(createElement(Followed))).toBe('undefined undefined')
    expect(wire.sent).toEqual([])
  })

  it('stops when nobody looks any more', async () => {
    wire.answer(new Events().tell(PENDING, 'a').open)
    await show(Followed)
    await change(() => leave())
    expect(wire.sent[0]?.signal.aborted).toBe(true)
  })

  it('says why it cannot follow', async () => {
    wire.answer(problem(404, 'job_not_found'))
    await show(Followed)
    await change(() => undefined)
    expect(page.textContent).toBe('undefined It is job_not_found.')
  })

  it('waits for an id', async () => {
    await show(() => say(hooks.useJob(undefined)))
    expect(page.textContent).toBe('undefined undefined')
    expect(wire.sent).toEqual([])
  })

  it('goes over to another job', async () => {
    const second = ID.replace('1', '2')
    const open = ({ path }: Sent) =>
      new Events().tell(path.includes(second) ? RUNNING : PENDING, 'a').response
    wire.thenAlways(open)
    let go: (id: string) => void = () => undefined
    await show(() => {
      const [id, setId] = useState(ID)
      go = setId
      return say(hooks.useJob(id))
    })
    await change(() => go(second))
    expect(page.textContent).toBe('processing undefined')
    expect(wire.sent.map(({ signal }) => signal.aborted)).toEqual([true, false])
  })
})

describe('a job that one follows', () => {
  let followed: ReturnType<typeof hooks.useJob>

  async function follow(): Promise<void> {
    await show(() => {
      followed = hooks.useJob(ID)
      return say(followed)
    })
    await change(() => undefined)
  }

  it('is cancelled, of which the stream tells', async () => {
    const events = new Events().tell(RUNNING, 'a')
    wire.answer(events.open, json(RUNNING))
    await follow()
    await change(() => followed.cancelJob())
    expect(page.textContent).toBe('processing undefined')
    await change(() => events.tell(job('cancelled'), 'b'))
    expect(page.textContent).toBe('cancelled undefined')
    expect(wire.sent.map(({ method }) => method)).toEqual(['GET', 'DELETE'])
  })

  it('that has ended meanwhile is read anew', async () => {
    wire.answer(
      new Events().tell(RUNNING, 'a').open,
      problem(409, 'job_finished'),
      new Events().tell(DONE, 'b').response,
    )
    await follow()
    await change(() => followed.cancelJob())
    expect(page.textContent).toBe('completed undefined')
    expect(wire.sent[0]?.signal.aborted).toBe(true)
  })

  it('says why it was not cancelled, and goes on', async () => {
    const events = new Events().tell(PENDING, 'a')
    wire.answer(events.open, problem(401, 'not_authenticated'))
    await follow()
    await change(() => followed.cancelJob())
    expect(page.textContent).toBe('pending It is not_authenticated.')
    await change(() => events.tell(RUNNING, 'b'))
    expect(page.textContent).toBe('processing undefined')
  })

  it('runs again after it failed, and is followed again', async () => {
    const again = new Events()
    wire.answer(new Events().tell(job('failed'), 'a').response, json(PENDING), again.open)
    await follow()
    expect(page.textContent).toBe('failed undefined')
    await change(() => followed.retryJob())
    expect(page.textContent).toBe('pending undefined')
    await change(() => again.tell(DONE, 'b'))
    expect(page.textContent).toBe('completed undefined')
    expect(wire.sent.map(({ path }) => path.replace(ID, ''))).toEqual([
      '/jobs//events',
      '/jobs//retry',
      '/jobs//events',
    ])
  })

  it('gives way to a newer one that its retry would double', async () => {
    const newer = ID.replace('1', '2')
    wire.answer(
      new Events().tell(job('failed'), 'a').response,
      json(job('processing', { id: newer })),
      new Events().tell(DONE, 'b').response,
    )
    await follow()
    await change(() => followed.retryJob())
    expect(page.textContent).toBe('completed undefined')
    expect(wire.sent[2]?.path).toBe(`/jobs/${newer}/events`)
  })

  it('is the newer one then, also to be cancelled', async () => {
    const newer = ID.replace('1', '2')
    wire.answer(
      new Events().tell(job('failed'), 'a').response,
      json(job('processing', { id: newer })),
      new Events().open,
      json(job('processing', { id: newer })),
    )
    await follow()
    await change(() => followed.retryJob())
    await change(() => followed.cancelJob())
    expect(wire.sent[3]).toMatchObject({ method: 'DELETE', path: `/jobs/${newer}` })
  })

  it('is none without an id', async () => {
    await show(() => {
      followed = hooks.useJob(null)
      return say(followed)
    })
    await change(() => followed.retryJob())
    expect(wire.sent).toEqual([])
  })
})

describe('useActiveJob', () => {
  it('finds the job, and follows it', async () => {
    const events = new Events().tell(RUNNING, 'a')
    wire.answer(json({ job: PENDING }), events.open)
    await show(Active)
    await change(() => undefined)
    expect(page.textContent).toBe('processing undefined')
    await change(() => events.tell(DONE, 'b'))
    expect(page.textContent).toBe('completed undefined')
    expect(wire.sent.map(({ path }) => path)).toEqual([
      '/jobs/active?job_type=story',
      `/jobs/${ID}/events`,
    ])
  })

  it('asks again when the network is back', async () => {
    const device = new EventTarget()
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device))
    wire.thenAlways(new TypeError('fetch failed'))
    await show(Active)
    await change(() => vi.advanceTimersByTimeAsync(60_000))
    expect(page.textContent).toBe('undefined The API did not answer.')
    const asked = wire.sent.length
    wire.answer(json({ job: null }))
    await change(() => device.dispatchEvent(new Event('online')))
    expect(page.textContent).toBe('none undefined')
    await change(() => device.dispatchEvent(new Event('online')))
    expect(wire.sent).toHaveLength(asked + 1)
  })

  it('says that there is none', async () => {
    wire.answer(json({ job: null }))
    await show(Active)
    await change(() => undefined)
    expect(page.textContent).toBe('none undefined')
  })
})

describe('useCreateJob', () => {
  it('asks for a job, which then is the active one, and follows it', async () => {
    const events = new Events().tell(RUNNING, 'a')
    wire.answer(json({ job: null }), json(PENDING, 201), events.open)
    let created: ReturnType<typeof hooks.useCreateJob> | undefined
    const Creating = () => {
      created = hooks.useCreateJob('story')
      return `${created.isCreating} ${say(created)} `
    }
    await show(() => [createElement(Active, { key: 1 }), createElement(Creating, { key: 2 })])
    await change(() => undefined)
    expect(page.textContent).toBe('none undefinedfalse undefined undefined ')
    await change(() => created?.createJob({ hero: 'Fox' }))
    expect(page.textContent).toBe('processing undefinedfalse processing undefined ')
    expect(wire.sent[1]?.body).toEqual({ job_type: 'story', params: { hero: 'Fox' } })
    expect(wire.sent).toHaveLength(3)
  })

  it('is not hidden by the answer to an older question', async () => {
    let late: () => void = () => undefined
    const old = new Promise<Response>((done) => {
      late = () => done(json({ job: null }))
    })
    wire.answer(() => old, json(PENDING, 201), new Events().tell(RUNNING, 'a').open)
    let created: ReturnType<typeof hooks.useCreateJob> | undefined
    await show(() => {
      created = hooks.useCreateJob('story')
      return say(hooks.useActiveJob('story'))
    })
    await change(() => created?.createJob({ hero: 'Fox' }))
    await change(late)
    expect(page.textContent).toBe('processing undefined')
  })

  it('says why there is none', async () => {
    wire.answer(problem(422, 'invalid_request'))
    let created: ReturnType<typeof hooks.useCreateJob> | undefined
    await show(() => {
      created = hooks.useCreateJob('story')
      return say(created)
    })
    await change(() => created?.createJob({}))
    expect(page.textContent).toBe('undefined It is invalid_request.')
  })
})

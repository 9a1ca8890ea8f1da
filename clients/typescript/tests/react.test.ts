import { Window } from 'happy-dom'
import { act, createElement, type FunctionComponent, StrictMode, useState } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnyJobTypes, Job } from '../src/index.ts'
import { createHooks, type Hooks } from '../src/react.ts'
import { Events, ID, job, json, problem, type Sent, Wire } from './wire.ts'

const PENDING = job('pending')
const RUNNING = job('processing')
const DONE = job('completed')

let wire: Wire
let hooks: Hooks<AnyJobTypes>
let page: HTMLElement
let root: Root | undefined

beforeEach(() => {
  const window = new Window()
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', window.document)
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  page = window.document.body as unknown as HTMLElement
  wire = new Wire()
  hooks = createHooks(wire.client())
})

afterEach(async () => {
  await act(() => root?.unmount())
  root = undefined
  vi.unstubAllGlobals()
})

/** As a server and then a browser do it; in StrictMode, which mounts everything twice. */
async function show(Component: FunctionComponent): Promise<void> {
  const element = createElement(StrictMode, null, createElement(Component))
  page.innerHTML = renderToString(element)
  await act(() => {
    root = hydrateRoot(page, element, { onRecoverableError: fail })
  })
}

function fail(error: unknown): void {
  throw error
}

async function change(what: () => unknown): Promise<void> {
  await act(async () => {
    await what()
    await new Promise((done) => setTimeout(done, 10))
  })
}

const say = (state: { job: Job | null | undefined; error: unknown }) =>
  `${state.job === null ? 'none' : state.job?.status} ${(state.error as Error | undefined)?.message}`

const Followed = () => say(hooks.useJob(ID))
const Active = () => say(hooks.useActiveJob('story'))

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
    await change(() => root?.unmount())
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

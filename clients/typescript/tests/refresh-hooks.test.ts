import { createElement, useState } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { change, hooks, page, show, wire } from './pages.ts'
import { Events, job, json, problem } from './wire.ts'

describe('useRefresh', () => {
  const PROJECT = '019f0000-0000-7000-8000-00000000000a'
  const OLDER = '019f0000-0000-7000-8000-000000000000'
  const ended = { ...job('completed'), id: OLDER }
  const jobs = (...them: object[]) => json({ jobs: them })
  const half = { percentage: 50, phase: 'looking', message: 'The code is looked through.' }
  let followed: ReturnType<typeof hooks.useRefresh>

  const Followed = ({ project = PROJECT }: { project?: string }) => {
    followed = hooks.useRefresh(project)
    const { error, history, isRefreshing, progress } = followed
    const statuses = history?.map(({ status }) => status).join('+')
    const reason = (error as Error | undefined)?.message
    return `${statuses} ${isRefreshing} ${progress?.percentage} ${reason} `
  }

  async function open(): Promise<void> {
    await show(Followed)
    await change(() => undefined)
  }

  it('reads the history, and asks once for all who look', async () => {
    wire.answer(jobs(ended))
    await show(() => [1, 2].map((key) => createElement(Followed, { key })))
    await change(() => undefined)
    expect(page.textContent).toBe('completed false undefined undefined '.repeat(2))
    expect(wire.sent.map(({ path }) => path)).toEqual([`/projects/${PROJECT}/jobs?limit=20`])
  })

  it('knows nothing on a server or without a project, and asks nobody', async () => {
    expect(renderToString(createElement(Followed))).toBe('undefined false undefined undefined ')
    await show(() => createElement(Followed, { project: '' }))
    await change(() => followed.refresh())
    expect(page.textContent).toBe('undefined false undefined undefined ')
    expect(wire.sent).toEqual([])
  })

  it('follows what is on its way already, and reads what it has changed', async () => {
    const events = new Events()
    wire.answer(jobs(job('processing'), ended), () => events.response)
    await open()
    expect(page.textContent).toBe('processing+completed true undefined undefined ')
    await change(() => events.tell(job('processing', { progress: half }), 'a'))
    expect(page.textContent).toBe('processing+completed true 50 undefined ')
    wire.answer(jobs({ ...job('completed'), changes: { added: 3 } }, ended))
    await change(() => events.tell(job('completed'), 'b'))
    expect(page.textContent).toBe('completed+completed false undefined undefined ')
    expect(followed.history?.[0]?.changes).toEqual({ added: 3 })
  })

  it('is refreshing from the moment that it is asked to, to the end', async () => {
    let answer: () => void = () => undefined
    const asked = new Promise<Response>((done) => {
      answer = () => done(json(job('pending'), 201))
    })
    let tell: () => void = () => undefined
    const told = new Promise<Response>((done) => {
      tell = () => done(jobs(job('processing'), ended))
    })
    const events = new Events()
    wire.answer(
      jobs(ended),
      () => asked,
      () => told,
      () => events.response,
    )
    await open()
    await change(() => followed.refresh())
    expect(page.textContent).toBe('completed true undefined undefined ')
    await change(answer)
    expect(page.textContent).toBe('completed true undefined undefined ')
    await change(tell)
    expect(page.textContent).toBe('processing+completed true undefined undefined ')
    wire.answer(jobs(job('completed'), ended))
    await change(() => events.tell(job('completed'), 'a'))
    expect(page.textContent).toBe('completed+completed false undefined undefined ')
    expect(wire.sent[1]).toMatchObject({ method: 'POST', path: `/projects/${PROJECT}/refresh` })
    expect(wire.sent).toHaveLength(5)
  })

  it('says when one may ask again', async () => {
    const limited = problem(429, 'enqueue_rate_limited', { 'Retry-After': '60' })
    wire.answer(jobs(ended), limited)
    await open()
    const before = Date.now()
    await change(() => followed.refresh())
    expect(page.textContent).toBe('completed false undefined It is enqueue_rate_limited. ')
    const inSeconds = (Number(followed.retryAt) - before) / 1000
    expect(inSeconds).toBeGreaterThanOrEqual(60)
    expect(inSeconds).toBeLessThanOrEqual(60 + (Date.now() - before) / 1000)
    wire.answer(json(job('completed')), jobs(job('completed')))
    await change(() => followed.refresh())
    expect(page.textContent).toBe('completed false undefined undefined ')
    expect(followed.retryAt).toBeUndefined()
  })

  it('says nothing of a project that was asked of another one', async () => {
    const limited = problem(429, 'enqueue_rate_limited', { 'Retry-After': '60' })
    wire.answer(jobs(ended), limited, jobs())
    let other: (project: string) => void = () => undefined
    await show(() => {
      const [project, setProject] = useState(PROJECT)
      other = setProject
      return createElement(Followed, { project })
    })
    await change(() => undefined)
    await change(() => followed.refresh())
    expect(page.textContent).toBe('completed false undefined It is enqueue_rate_limited. ')
    await change(() => other(OLDER))
    expect(page.textContent).toBe(' false undefined undefined ')
    expect(followed.retryAt).toBeUndefined()
  })

  it('looks again when one comes back, and follows what has begun meanwhile', async () => {
    const device = new EventTarget()
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device))
    const events = new Events()
    wire.answer(jobs(ended))
    await open()
    wire.answer(jobs(job('processing'), ended), () => events.response)
    await change(() => device.dispatchEvent(new Event('online')))
    expect(page.textContent).toBe('processing+completed true undefined undefined ')
  })

  it('says why a project cannot be followed', async () => {
    wire.answer(problem(404, 'project_not_found'))
    await open()
    expect(page.textContent).toBe('undefined false undefined It is project_not_found. ')
  })

  it('is not refreshing for ever if what was asked for cannot be followed', async () => {
    wire.answer(jobs(ended), json(job('pending'), 201), problem(404, 'project_not_found'))
    await open()
    await change(() => followed.refresh())
    expect(page.textContent).toBe('completed false undefined It is project_not_found. ')
  })

  it('tells the next user nothing of what the one before asked for', async () => {
    let answer: (late: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => {
      answer = resolve
    })
    wire.answer(jobs(ended), () => late)
    await open()
    await change(() => followed.refresh())
    wire.answer(jobs())
    await change(() => hooks.forget())
    await change(() => answer(json(job('pending'), 201)))
    expect(page.textContent).toBe(' false undefined undefined ')
    expect(wire.sent).toHaveLength(3)
  })
})

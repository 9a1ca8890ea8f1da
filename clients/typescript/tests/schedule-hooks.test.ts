import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { Active, change, hooks, page, show, wire } from './pages.ts'
import { Events, ID, job, json, problem, type Sent } from './wire.ts'

describe('useSchedules', () => {
  const schedule = (name: string) => ({ id: ID, name })
  const list = (...names: string[]) => json({ schedules: names.map(schedule) })
  let changed: ReturnType<typeof hooks.useSchedules>

  const Listed = () => {
    changed = hooks.useSchedules()
    const names = changed.schedules?.map(({ name }) => name).join('+')
    return `${names} ${changed.isChanging} ${(changed.error as Error | undefined)?.message} `
  }

  async function open(): Promise<void> {
    await show(Listed)
    await change(() => undefined)
  }

  it('reads them all, and asks once for all who look', async () => {
    const next = { Link: '</v1/schedules?cursor=two>; rel="next"' }
    wire.answer(json({ schedules: [schedule('weekly')] }, 200, next), list('daily'))
    await show(() => [1, 2].map((key) => createElement(Listed, { key })))
    await change(() => undefined)
    expect(page.textContent).toBe('weekly+daily false undefined '.repeat(2))
    expect(wire.sent.map(({ path }) => path)).toEqual([
      '/schedules?limit=100',
      '/schedules?limit=100&cursor=two',
    ])
  })

  it('knows nothing on a server, and asks nobody', () => {
    expect(renderToString(createElement(Listed))).toBe('undefined false undefined ')
    expect(wire.sent).toEqual([])
  })

  it.each([
    ['POST', '', () => changed.createSchedule({ name: 'daily', job_type: 'story', params: {} })],
    ['PATCH', `/${ID}`, () => changed.changeSchedule(ID, { is_paused: true })],
    ['DELETE', `/${ID}`, () => changed.deleteSchedule(ID)],
  ])('reads them anew after %s', async (method, path, ask) => {
    let answer: () => void = () => undefined
    const asked = new Promise<Response>((done) => {
      answer = () => done(json(schedule('daily')))
    })
    wire.answer(list('weekly'), () => asked, list('daily'))
    await open()
    await change(ask)
    expect(page.textContent).toBe('weekly true undefined ')
    await change(answer)
    expect(page.textContent).toBe('daily false undefined ')
    expect(wire.sent[1]).toMatchObject({ method, path: `/schedules${path}` })
  })

  it('has a job run now, which then is the active one', async () => {
    wire.answer(list('weekly'), json({ job: null }))
    await show(() => [createElement(Listed, { key: 1 }), createElement(Active, { key: 2 })])
    await change(() => undefined)
    expect(page.textContent).toBe('weekly false undefined none undefined')
    wire.answer(json(job('pending'), 201))
    const follow = ({ path }: Sent) =>
      path.startsWith('/schedules')
        ? list('weekly')
        : new Events().tell(job('completed'), 'a').response
    wire.thenAlways(follow)
    await change(() => changed.runSchedule(ID))
    expect(page.textContent).toBe('weekly false undefined completed undefined')
  })

  it('tells the next user nothing of what the one before asked for', async () => {
    let answer: (late: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => {
      answer = resolve
    })
    wire.answer(list('weekly'), json({ job: null }), () => late)
    await show(() => [createElement(Listed, { key: 1 }), createElement(Active, { key: 2 })])
    await change(() => undefined)
    await change(() => changed.runSchedule(ID))
    wire.answer(list(), json({ job: null }))
    await change(() => hooks.forget())
    await change(() => answer(json(job('completed'), 201)))
    expect(page.textContent).toBe(' false undefined none undefined')
    expect(wire.sent).toHaveLength(5)
  })

  it('forgets what was not done for the one before', async () => {
    wire.answer(list('weekly'), problem(409, 'schedule_exists'), list('weekly'), list('daily'))
    await open()
    await change(() => changed.changeSchedule(ID, { name: 'daily' }))
    await change(() => hooks.forget())
    expect(page.textContent).toBe('daily false undefined ')
  })

  it('says what was not done, until something else is asked for', async () => {
    wire.answer(list('weekly'), problem(409, 'schedule_exists'), list('weekly'), list('weekly'))
    await open()
    await change(() => changed.changeSchedule(ID, { name: 'daily' }))
    expect(page.textContent).toBe('weekly false It is schedule_exists. ')
    await change(() => changed.refresh())
    expect(page.textContent).toBe('weekly false It is schedule_exists. ')
    wire.answer(json(schedule('weekly')), list('weekly'))
    await change(() => changed.changeSchedule(ID, { is_paused: true }))
    expect(page.textContent).toBe('weekly false undefined ')
  })

  it('says why they are not known', async () => {
    wire.answer(problem(401, 'not_authenticated'), problem(401, 'not_authenticated'))
    await open()
    expect(page.textContent).toBe('undefined false It is not_authenticated. ')
  })

  it('passes over the answer to an older question', async () => {
    let late: () => void = () => undefined
    const old = new Promise<Response>((done) => {
      late = () => done(list('old'))
    })
    wire.answer(() => old, list('new'))
    await open()
    await change(() => changed.refresh())
    await change(late)
    expect(page.textContent).toBe('new false undefined ')
  })
})

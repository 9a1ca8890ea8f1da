import { describe, expect, it } from 'vitest'
import { ProgressCard } from '../examples/progress-card.tsx'
import type { Job } from '../src/index.ts'
import { change, page, show } from './pages.ts'
import { job } from './wire.ts'

const asked: string[] = []

/** What a screen reader makes of it. */
async function look(shown: Job, problem?: Error) {
  asked.length = 0
  await show(() => (
    <ProgressCard
      title="Your story"
      job={shown}
      onCancel={() => asked.push('cancel')}
      onRetry={() => asked.push('retry')}
      problem={problem}
    >
      <a href="/story">Read it</a>
    </ProgressCard>
  ))
  const bar = page.querySelector('[role=progressbar]')
  const buttons = Array.from(page.querySelectorAll('button'))
  return {
    bar: bar && [bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuetext')],
    said: page.querySelector('[aria-live=polite]')?.textContent,
    buttons: buttons.map((button) => button.getAttribute('aria-label')),
    press: () => change(() => buttons[0]?.click()),
    isDisabled: buttons[0]?.disabled,
  }
}

const more = (fields: object) => fields as Partial<Job>

describe('the progress card', () => {
  it.each([
    [1, 'Next in line.'],
    [3, 'Number 3 in line.'],
    [undefined, 'Waiting for its turn.'],
  ])('says where a job stands that waits: %s', async (position_in_queue, said) => {
    const card = await look(job('pending', more({ position_in_queue })))
    expect(card).toMatchObject({ said, bar: [null, null], buttons: ['Cancel: Your story'] })
    await card.press()
    expect(asked).toEqual(['cancel'])
  })

  it('shows how far one is that runs', async () => {
    const progress = { percentage: 40, message: 'Chapter 2 of 5', phase: 'writing' }
    const card = await look(job('processing', more({ progress })))
    expect(card).toMatchObject({ said: 'Chapter 2 of 5', bar: ['40', 'Chapter 2 of 5'] })
    expect(page.querySelector<HTMLElement>('[role=progressbar] > *')?.style.width).toBe('40%')
  })

  it('waits for one that is being cancelled', async () => {
    const cancelling = more({ cancel_requested_at: '2026-11-30T12:00:00Z' })
    const card = await look(job('processing', cancelling))
    expect(card).toMatchObject({ said: 'Cancelling …', isDisabled: true })
    await card.press()
    expect(asked).toEqual([])
  })

  it('gives way to what was made', async () => {
    const card = await look(job('completed'))
    expect(card).toMatchObject({ said: 'Done.', bar: null, buttons: [] })
    expect(page.querySelector('a')?.textContent).toBe('Read it')
  })

  it('says why one failed, and what to do', async () => {
    const error = { code: 'no_hero', message: 'There is no such hero.' }
    const card = await look(job('failed', more({ error })))
    expect(card.said).toBe('It did not work: There is no such hero.')
    expect(card.buttons).toEqual(['Try again: Your story'])
    await card.press()
    expect(asked).toEqual(['retry'])
    expect(page.querySelector('a')).toBeNull()
  })

  it('says that one was cancelled', async () => {
    const card = await look(job('cancelled'))
    expect(card).toMatchObject({ said: 'Cancelled.', buttons: ['Try again: Your story'] })
  })

  it('tells of trouble on the way at once', async () => {
    await look(job('pending'), new Error('The API did not answer.'))
    expect(page.querySelector('[role=alert]')?.textContent).toBe('The API did not answer.')
  })

  it('is named by its title, and so is its bar', async () => {
    await look(job('pending'))
    const title = page.querySelector('h3')
    const named = Array.from(page.querySelectorAll(`[aria-labelledby="${title?.id}"]`))
    expect(named.map(({ tagName, role }) => role || tagName)).toEqual(['SECTION', 'progressbar'])
  })
})

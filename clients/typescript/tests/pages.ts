/** Pages in a simulated browser, which a server has rendered before. */

import { Window } from 'happy-dom'
import { act, createElement, type FunctionComponent, StrictMode } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, vi } from 'vitest'
import type { AnyJobTypes, Job } from '../src/index.ts'
import { createHooks, type Hooks } from '../src/react.ts'
import { Wire } from './wire.ts'

export let wire: Wire
export let hooks: Hooks<AnyJobTypes>
export let page: HTMLElement
let root: Root | undefined

beforeEach(() => {
  // React has its own way to wait, by another clock.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
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
  vi.useRealTimers()
})

/** As a server and then a browser do it; in StrictMode, which mounts everything twice. */
export async function show(Component: FunctionComponent): Promise<void> {
  const element = createElement(StrictMode, null, createElement(Component))
  page.innerHTML = renderToString(element)
  await act(() => {
    root = hydrateRoot(page, element, { onRecoverableError: fail })
  })
}

function fail(error: unknown): void {
  throw error
}

export async function change(what: () => unknown): Promise<void> {
  await act(async () => {
    await what()
    await vi.advanceTimersByTimeAsync(10)
  })
}

export const say = (state: { job: Job | null | undefined; error: unknown }): string =>
  `${state.job === null ? 'none' : state.job?.status} ${(state.error as Error | undefined)?.message}`

export const Active: FunctionComponent = () => say(hooks.useActiveJob('story'))

export function leave(): void {
  root?.unmount()
}

import { useSyncExternalStore } from 'react'
import { explain } from './explain.ts'
import { Icon } from './Icon.tsx'
import { focusHeading } from './parts.tsx'

interface Toast {
  id: number
  text: string
  isBad: boolean
}

const SECONDS = 8
const timers = new Map<number, ReturnType<typeof setTimeout>>()
const listeners = new Set<() => void>()
let toasts: readonly Toast[] = []
let last = 0

/** Says something in passing. */
export function toast(text: string, { isBad = false } = {}): void {
  const id = ++last
  change([...toasts, { id, text, isBad }])
  letGo(id)
}

function letGo(id: number): void {
  hold(id)
  timers.set(
    id,
    setTimeout(() => dismiss(id), SECONDS * 1000),
  )
}

/** It stays while somebody is at it. */
function hold(id: number): void {
  clearTimeout(timers.get(id))
}

/** Says what went wrong in passing. */
export function toastError(error: unknown): void {
  toast(explain(error), { isBad: true })
}

/** As the one or the other leaves: whether neither pointer nor focus is there. */
const isAway = (toast: Element): boolean => !toast.matches(':hover, :focus-within')

function dismiss(id: number): void {
  hold(id)
  timers.delete(id)
  change(toasts.filter((each) => each.id !== id))
}

function change(now: readonly Toast[]): void {
  toasts = now
  for (const tell of listeners) {
    tell()
  }
}

function listen(tell: () => void) {
  listeners.add(tell)
  return () => {
    listeners.delete(tell)
  }
}

/** Where they appear; it is always there, so that screen readers notice what comes. */
export function Toasts() {
  const shown = useSyncExternalStore(listen, () => toasts)
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-20 z-20 grid justify-items-center gap-2 sm:bottom-6"
    >
      {shown.map(({ id, text, isBad }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: it only stays longer
        <div
          key={id}
          onPointerEnter={() => hold(id)}
          onPointerLeave={({ currentTarget }) => isAway(currentTarget) && letGo(id)}
          onFocus={() => hold(id)}
          onBlur={({ currentTarget }) => isAway(currentTarget) && letGo(id)}
          className="pointer-events-auto flex w-full max-w-md items-start gap-3 rounded-xl bg-ink py-2 pr-2 pl-4 text-canvas shadow-lg"
        >
          <p className="text-foreign min-w-0 grow py-2 text-sm">
            {isBad && <span className="font-semibold">That did not work. </span>}
            {text}
          </p>
          <button
            type="button"
            aria-label="Dismiss"
            className="grid size-9 shrink-0 place-items-center rounded-lg"
            onClick={() => {
              focusHeading()
              dismiss(id)
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  )
}

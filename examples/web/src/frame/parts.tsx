/** The few pieces that all views are made of. */

import { ApiError } from '@supajobs/client'
import {
  type ButtonHTMLAttributes,
  type ComponentProps,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from 'react'
import { explain } from './explain.ts'
import { Icon, type IconName } from './Icon.tsx'

type Kind = 'primary' | 'plain' | 'quiet' | 'danger'

const KINDS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'border border-control bg-surface text-ink hover:bg-sunken',
  quiet: 'text-accent hover:bg-sunken',
  danger: 'border border-bad bg-surface text-bad hover:bg-bad-soft',
}
const BUTTON =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium disabled:opacity-60'

export function buttonStyle(kind: Kind): string {
  return `${BUTTON} ${KINDS[kind]}`
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind
  isBusy?: boolean
  /** It may not be used now. */
  isOff?: boolean
}

/** While it is busy or off it can be reached, and says so, but does nothing. */
export function Button({ kind = 'plain', isBusy = false, isOff = false, ...others }: ButtonProps) {
  const { className = '', children, onClick, type = 'button', ...rest } = others
  const isIdle = isBusy || isOff
  return (
    <button
      {...rest}
      type={isIdle ? 'button' : type}
      aria-disabled={isIdle || undefined}
      className={`${buttonStyle(kind)} ${isOff ? 'opacity-60' : ''} ${className}`}
      onClick={isIdle ? undefined : onClick}
    >
      {isBusy && <Spinner />}
      {children}
    </button>
  )
}

function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-4 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  )
}

interface HeadingProps {
  title: string
  /** What is said below it. */
  note?: ReactNode
  children?: ReactNode
}

/** The title of a view, which takes the focus as the view opens; `children` stand beside it. */
export function Heading({ title, note, children }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title
    heading.current?.focus({ preventScroll: true })
  }, [title])
  return (
    <header
      className={`mb-6 flex flex-wrap justify-between gap-x-6 gap-y-4 ${note ? 'items-start' : 'items-center'}`}
    >
      <div className="min-w-0 max-w-3xl">
        <h1
          ref={heading}
          tabIndex={-1}
          className="text-foreign text-2xl font-semibold tracking-tight"
        >
          {title}
        </h1>
        {note && <p className="text-foreign mt-1 text-muted">{note}</p>}
      </div>
      {children}
    </header>
  )
}

/** For who has used what is gone now: the focus would be nowhere. */
export function focusHeading(): void {
  document.querySelector('h1')?.focus({ preventScroll: true })
}

interface FieldProps {
  id: string
  label: string
  hint?: string | undefined
  error?: string | undefined
  children: ReactNode
}

/** A label and what is wrong, around an input with this id and `describedBy(id)`. */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      <p id={describedBy(id)} className={`text-sm ${error ? 'text-bad' : 'text-muted'}`}>
        {error ?? hint}
      </p>
    </div>
  )
}

export const describedBy = (id: string): string => `${id}-hint`

const PATIENCE_MS = 8000

/** What is to come. What does not come for long may be asked for again and again meanwhile. */
export function Loading({ what }: { what: string }) {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" className="grid gap-3">
      <span className={isLate ? 'text-sm text-muted' : 'sr-only'}>
        Loading {what}
        {isLate && ': it takes long. The server may be in trouble; it is asked again.'}
      </span>
      {[1, 2, 3].map((each) => (
        <div key={each} className="h-20 animate-pulse rounded-xl bg-sunken" />
      ))}
    </div>
  )
}

interface EmptyProps {
  icon: IconName
  title: string
  children: ReactNode
}

/** Nothing is there yet: what would be, and how it comes. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="card grid justify-items-center gap-3 px-6 py-12 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-sunken text-muted">
        <Icon name={icon} />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      {children}
    </div>
  )
}

/** What went wrong with what somebody did, beside it. */
export function Problem({ className = '', ...others }: ComponentProps<'p'>) {
  return (
    <p
      {...others}
      role="alert"
      className={`text-foreign scroll-mb-24 rounded-lg bg-bad-soft px-4 py-3 text-sm text-bad ${className}`}
    />
  )
}

interface FailureProps {
  title?: string
  error: unknown
  onRetry?: () => void
}

/** It cannot be shown, and why. What is not there, is not there at the next try either. */
export function Failure({ error, onRetry, title = 'This did not load.' }: FailureProps) {
  const isNowhere = error instanceof ApiError && error.status === 404
  return (
    <div role="alert" className="card grid justify-items-start gap-3 border-bad p-6">
      <p className="font-semibold text-bad">{isNowhere ? 'There is nothing here.' : title}</p>
      <p className="text-foreign text-sm">{explain(error)}</p>
      {onRetry && !isNowhere && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

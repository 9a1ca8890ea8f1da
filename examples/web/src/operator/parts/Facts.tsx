import type { ReactNode } from 'react'
import { sayTime } from '../../frame/words.ts'
import { sayAgo } from '../figures.ts'

interface Props {
  columns?: 'sm:grid-cols-3' | 'sm:grid-cols-4'
  children: ReactNode
}

export function Facts({ columns = 'sm:grid-cols-3', children }: Props) {
  return <dl className={`grid grid-cols-2 gap-4 text-sm tabular-nums ${columns}`}>{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted">{name}</dt>
      <dd className="font-medium text-foreign">{children}</dd>
    </div>
  )
}

/** A moment: how long ago and, to who points at it, when. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={sayTime(at)} className="whitespace-nowrap">
      {sayAgo(at)}
    </time>
  )
}

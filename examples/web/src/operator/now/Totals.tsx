import type { ReactNode } from 'react'
import { link } from '../../frame/router.ts'
import { write } from '../addresses.ts'
import type { Figures } from '../answers.ts'
import { sayDuration, sayRate, sayShare, sayShort } from '../figures.ts'

export function Totals({ total }: { total: Figures }) {
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-6 sm:grid-cols-4">
      <Figure name="Waiting" href={write('jobs', { status: 'pending' })} note={tellLater(total)}>
        {sayShort(total.pending)}
        {total.capped && '+'}
      </Figure>
      <Figure name="Oldest wait">{sayDuration(total.oldest_pending_seconds)}</Figure>
      <Figure name="Running" href={write('jobs', { status: 'processing' })}>
        {sayShort(total.processing)}
      </Figure>
      <Figure name="Throughput" note="completed a minute">
        {sayRate(total.throughput_per_minute)}
      </Figure>
      <Figure name="Success" note={`${sayShort(total.completed)} completed`}>
        {sayShare(total.success_rate)}
      </Figure>
      <Figure
        name="Failed"
        href={write('jobs', { status: 'failed' })}
        note={tellTrouble(total)}
        isBad={total.failed > 0}
      >
        {sayShort(total.failed)}
      </Figure>
      <Figure name="Median" note="half of them take less (p50)">
        {sayDuration(total.duration_p50)}
      </Figure>
      <Figure name="95 %" note="take less (p95)">
        {sayDuration(total.duration_p95)}
      </Figure>
    </dl>
  )
}

function tellLater({ scheduled, capped }: Figures): string {
  return scheduled ? `${sayShort(scheduled)}${capped ? '+' : ''} later` : 'none for later'
}

function tellTrouble({ retrying, crashed }: Figures): string {
  const told = [
    retrying && `${sayShort(retrying)} retried`,
    crashed && `${sayShort(crashed)} crashed`,
  ]
  return told.filter(Boolean).join(', ') || 'none retried or crashed'
}

interface FigureProps {
  name: string
  note?: string
  href?: string
  isBad?: boolean
  children: ReactNode
}

function Figure({ name, note, href, isBad = false, children }: FigureProps) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted">{name}</dt>
      <dd>
        <span
          className={`block text-2xl font-semibold tracking-tight tabular-nums ${isBad ? 'text-bad' : ''}`}
        >
          {href ? (
            <a
              href={link(href)}
              className="underline decoration-line underline-offset-4 hover:decoration-current"
            >
              {children}
            </a>
          ) : (
            children
          )}
        </span>
        {note && <span className="block text-xs text-muted">{note}</span>}
      </dd>
    </div>
  )
}

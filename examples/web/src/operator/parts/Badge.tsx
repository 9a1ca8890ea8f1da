import type { ReactNode } from 'react'
import type { JobStatus } from '../answers.ts'

export type Tone = 'good' | 'bad' | 'busy' | 'active' | 'calm'

const TONES: Record<Tone, string> = {
  good: 'bg-good-soft text-good',
  bad: 'bg-bad-soft text-bad',
  busy: 'bg-busy-soft text-busy',
  active: 'bg-accent-soft text-accent',
  calm: 'bg-sunken text-muted',
}

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-block rounded-full px-2.5 py-1 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}

export const STATUSES: Record<JobStatus, [words: string, tone: Tone]> = {
  pending: ['Waiting', 'calm'],
  processing: ['Running', 'active'],
  completed: ['Completed', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'calm'],
}

export function StatusBadge({ status }: { status: JobStatus }) {
  const [words, tone] = STATUSES[status]
  return <Badge tone={tone}>{words}</Badge>
}

import type { JobStatus } from '@supajobs/client'

const LOOKS: Record<JobStatus, [words: string, style: string]> = {
  pending: ['Waiting', 'bg-sunken text-muted'],
  processing: ['Under way', 'bg-accent-soft text-accent'],
  completed: ['Ready', 'bg-good-soft text-good'],
  failed: ['Failed', 'bg-bad-soft text-bad'],
  cancelled: ['Cancelled', 'bg-sunken text-muted'],
}

export function StatusBadge({ status }: { status: JobStatus }) {
  const [words, style] = LOOKS[status]
  return (
    <span className={`rounded-full px-2.5 py-1 text-xs font-medium whitespace-nowrap ${style}`}>
      {words}
    </span>
  )
}

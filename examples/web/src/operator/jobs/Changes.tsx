import { useState } from 'react'
import { Button } from '../../frame/parts.tsx'
import { ChangeMany, type Kind, WORDS } from './ChangeMany.tsx'
import type { Filter } from './filter.ts'

/** What can be done with jobs in this state. */
const KINDS: Record<string, readonly Kind[]> = {
  pending: ['prioritise', 'cancel'],
  processing: ['prioritise', 'cancel'],
  completed: [],
  failed: ['retry'],
  cancelled: ['retry'],
}
const ALL: readonly Kind[] = ['retry', 'prioritise', 'cancel']

interface Props {
  filter: Filter
  /** Whether something is typed that is not looked for yet: nobody knows which jobs are meant. */
  isTyped: boolean
  onChange: () => void
}

/** The same done to all jobs that pass the filters, however many; but not to all that there are. */
export function Changes({ filter, isTyped, onChange }: Props) {
  const [asked, ask] = useState<{ kind: Kind; filter: Filter }>()
  const kinds = Object.keys(filter).length ? (KINDS[filter.status ?? ''] ?? ALL) : []
  return (
    <>
      {kinds.length > 0 && (
        <div className="mb-4 flex flex-wrap gap-2 sm:gap-3">
          {kinds.map((kind) => (
            <Button
              key={kind}
              kind={kind === 'cancel' ? 'danger' : 'plain'}
              disabled={isTyped}
              onClick={() => ask({ kind, filter })}
            >
              {WORDS[kind].button}
            </Button>
          ))}
          {isTyped && (
            <p role="status" className="self-center text-sm text-muted">
              What is typed is not looked for yet: search first.
            </p>
          )}
        </div>
      )}
      {asked && <ChangeMany {...asked} onClose={() => ask(undefined)} onChange={onChange} />}
    </>
  )
}

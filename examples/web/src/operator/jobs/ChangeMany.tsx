import { useEffect, useRef, useState } from 'react'
import { Button, Failure } from '../../frame/parts.tsx'
import { toast, toastError } from '../../frame/toasts.tsx'
import { sayCount, sayJobs } from '../figures.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { PriorityChoice } from '../parts/PriorityChoice.tsx'
import { describe, type Filter, type ManyJobs, resolveForMany } from './filter.ts'
import { changeJobs, countJobs, type Wish } from './many.ts'

export type Kind = 'retry' | 'cancel' | 'prioritise'

export const WORDS: Record<
  Kind,
  { button: string; title: string; done: (jobs: number) => string; note: string }
> = {
  retry: {
    button: 'Retry all…',
    title: 'Retry them all?',
    done: (jobs) => `${sayJobs(jobs)} ${jobs === 1 ? 'waits' : 'wait'} again.`,
    note: 'They wait again for their turn. The limits of their users hold.',
  },
  cancel: {
    button: 'Cancel all…',
    title: 'Cancel them all?',
    done: (jobs) => `${sayJobs(jobs)} cancelled.`,
    note: 'What waits is cancelled at once, what runs within seconds.',
  },
  prioritise: {
    button: 'Priority…',
    title: 'Set the priority of them all?',
    done: (jobs) => `${sayJobs(jobs)} with a new priority.`,
    note: 'Those of a higher priority start first.',
  },
}

interface Props {
  kind: Kind
  filter: Filter
  onClose: () => void
  onChange: () => void
}

/** Says how many jobs it would be, and asks. While it goes on, to close it is to stop. */
export function ChangeMany({ kind, filter, onClose, onChange }: Props) {
  const words = WORDS[kind]
  const [priority, setPriority] = useState(5)
  const [changed, setChanged] = useState<number>()
  // Those since the moment at which one has asked, for the count as for the change.
  const [jobs] = useState(() => resolveForMany(filter))
  const [wish] = useState<Wish>(() => (kind === 'prioritise' ? { priority } : kind))
  const { count, error } = useCount(jobs, wish)
  const isOpen = useRef(false)

  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])

  async function go() {
    setChanged(0)
    try {
      const done = await changeJobs(jobs, kind === 'prioritise' ? { priority } : kind, (so) => {
        setChanged(so)
        return isOpen.current
      })
      toast(words.done(done))
    } catch (problem) {
      toastError(problem)
    }
    onChange()
    onClose()
  }

  return (
    <Dialog title={words.title} onClose={onClose}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {error ? (
          <Failure error={error} />
        ) : (
          <p role="status" className="font-medium break-words tabular-nums">
            {count === undefined ? 'They are being counted.' : describe(count, kind, filter)}
          </p>
        )}
        <p className="text-sm text-muted">{words.note}</p>
        {kind === 'prioritise' && <PriorityChoice value={priority} onChoose={setPriority} />}
        {changed !== undefined && count !== undefined && (
          <div className="grid gap-2">
            <p className="text-sm tabular-nums">{sayCount(changed)} so far</p>
            <progress aria-label="So far" max={count} value={changed} className="progress" />
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>{changed === undefined ? 'No' : 'Stop'}</Button>
          <Button
            kind={kind === 'cancel' ? 'danger' : 'primary'}
            isBusy={changed !== undefined}
            disabled={!count}
            onClick={go}
          >
            {count ? `Yes, ${sayJobs(count)}` : 'Yes'}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function useCount(jobs: ManyJobs, wish: Wish) {
  const [state, setState] = useState<{ count?: number; error?: unknown }>({})
  useEffect(() => {
    let isHere = true
    countJobs(jobs, wish).then(
      (count) => isHere && setState({ count }),
      (error: unknown) => isHere && setState({ error }),
    )
    return () => {
      isHere = false
    }
  }, [jobs, wish])
  return state
}

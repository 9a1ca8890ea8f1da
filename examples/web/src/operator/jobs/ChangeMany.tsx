import { useEffect, useRef, useState } from 'react'
import { Dialog } from '../../frame/Dialog.tsx'
import { Button, Failure } from '../../frame/parts.tsx'
import { toast, toastError } from '../../frame/toasts.tsx'
import { sayCount, sayJobs } from '../figures.ts'
import { PriorityChoice } from '../parts/PriorityChoice.tsx'
import { describe, type Filter, type ManyJobs, resolveForMany } from './filter.ts'
import { type Counted, changeJobs, countJobs, type Done, sayLeft, type Wish } from './many.ts'

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
  const { counted, error } = useCount(jobs, wish)
  const isOpen = useRef(false)

  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])

  async function go() {
    let done: Done | undefined
    setChanged(0)
    try {
      await changeJobs(jobs, kind === 'prioritise' ? { priority } : kind, (so) => {
        done = so
        setChanged(so.changed)
        return isOpen.current
      })
    } catch (problem) {
      toastError(problem)
    }
    if (done) {
      tell(done, words.done)
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
          <p role="status" className="font-medium text-foreign tabular-nums">
            {counted ? describe(sayCounted(counted), kind, filter) : 'They are being counted.'}
          </p>
        )}
        <p className="text-sm text-muted">{words.note}</p>
        {kind === 'prioritise' && <PriorityChoice value={priority} onChoose={setPriority} />}
        {changed !== undefined && counted && (
          <div className="grid gap-2">
            <p className="text-sm tabular-nums">{sayCount(changed)} so far</p>
            {!counted.capped && (
              <progress
                aria-label="So far"
                max={counted.count}
                value={changed}
                className="progress"
              />
            )}
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>{changed === undefined ? 'No' : 'Stop'}</Button>
          <Button
            kind={kind === 'cancel' ? 'danger' : 'primary'}
            isBusy={changed !== undefined}
            disabled={!(counted?.count || counted?.capped)}
            onClick={go}
          >
            {tellYes(counted)}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

/** How many; or how many at least, of the newest, for it is done to the older ones, too. */
function sayCounted({ count, capped }: Counted): string {
  if (!capped) {
    return sayJobs(count)
  }
  return count ? `At least ${sayJobs(count)}, and all older ones too` : 'All older ones'
}

function tellYes(counted: Counted | undefined): string {
  if (!counted?.count) {
    return counted?.capped ? 'Yes, all older ones' : 'Yes'
  }
  return counted.capped
    ? `Yes, at least ${sayJobs(counted.count)}`
    : `Yes, ${sayJobs(counted.count)}`
}

function tell(done: Done, sayDone: (jobs: number) => string): void {
  const said = [sayDone(done.changed), sayLeft(done), done.isPart && 'There may be more.']
  toast(said.filter(Boolean).join(' '))
}

function useCount(jobs: ManyJobs, wish: Wish) {
  const [state, setState] = useState<{ counted?: Counted; error?: unknown }>({})
  useEffect(() => {
    let isHere = true
    countJobs(jobs, wish).then(
      (counted) => isHere && setState({ counted }),
      (error: unknown) => isHere && setState({ error }),
    )
    return () => {
      isHere = false
    }
  }, [jobs, wish])
  return state
}

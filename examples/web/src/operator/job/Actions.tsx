import { useState } from 'react'
import { useActing } from '../../frame/acting.ts'
import { Button } from '../../frame/parts.tsx'
import { toast } from '../../frame/toasts.tsx'
import type { Job } from '../answers.ts'
import { PriorityChoice } from '../parts/PriorityChoice.tsx'
import { change } from '../server.ts'

interface Props {
  job: Job
  onChange: () => void
}

/** What can be done with it, as it is now. */
export function Actions({ job, onChange }: Props) {
  const { isBusy, act } = useActing()
  const at = `jobs/${encodeURIComponent(job.id)}`

  const have = (action: () => Promise<unknown>, done: string) =>
    act(async () => {
      await action()
      toast(done)
      onChange()
    })
  const retry = () => have(() => change('POST', `${at}/retry`), 'The job waits to run again.')
  const cancel = () =>
    have(() => change('POST', `${at}/cancel`), 'The job is cancelled, or will be within seconds.')
  const prioritise = (priority: number) =>
    have(
      () => change('PUT', `${at}/priority`, { priority }),
      `The priority of the job is ${priority}.`,
    )

  if (job.status === 'completed') {
    return null
  }
  const isOver = Boolean(job.completed_at)
  const isCancelling = !isOver && Boolean(job.cancel_requested_at)
  return (
    <div className="flex flex-wrap items-end gap-3">
      {!isOver && <Prioritise job={job} isBusy={isBusy} onSet={prioritise} />}
      {/* One button, which keeps the focus of who has pressed it. */}
      <Button
        kind={isOver ? 'primary' : 'danger'}
        isBusy={isBusy || isCancelling}
        onClick={isOver ? retry : cancel}
      >
        {isOver ? 'Retry' : isCancelling ? 'Cancelling' : 'Cancel'}
      </Button>
    </div>
  )
}

interface PrioritiseProps {
  job: Job
  isBusy: boolean
  onSet: (priority: number) => void
}

/** Chosen first, then set: by keyboard one goes through all that are between. */
function Prioritise({ job, isBusy, onSet }: PrioritiseProps) {
  const [chosen, choose] = useState<number>()
  const priority = chosen ?? job.priority
  return (
    <>
      <PriorityChoice value={priority} onChoose={choose} />
      <Button isBusy={isBusy} aria-label="Set the priority" onClick={() => onSet(priority)}>
        Set
      </Button>
    </>
  )
}

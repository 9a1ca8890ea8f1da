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

  if (job.completed_at) {
    return job.status === 'completed' ? null : (
      <div>
        <Button
          kind="primary"
          isBusy={isBusy}
          onClick={() => have(() => change('POST', `${at}/retry`), 'It waits again.')}
        >
          Retry
        </Button>
      </div>
    )
  }
  const isCancelling = Boolean(job.cancel_requested_at)
  return (
    <div className="flex flex-wrap items-end gap-3">
      <PriorityChoice
        value={job.priority}
        onChoose={(priority) =>
          have(() => change('PUT', `${at}/priority`, { priority }), `Its priority is ${priority}.`)
        }
      />
      <Button
        kind="danger"
        isBusy={isBusy || isCancelling}
        onClick={() => have(() => change('POST', `${at}/cancel`), 'It is being cancelled.')}
      >
        {isCancelling ? 'Cancelling' : 'Cancel'}
      </Button>
    </div>
  )
}

import { Boundary } from '../../frame/Boundary.tsx'
import { Heading } from '../../frame/parts.tsx'
import { sayClock } from '../../frame/words.ts'
import type { Now as Answer } from '../answers.ts'
import { sayDuration } from '../figures.ts'
import { Answered } from '../parts/Answered.tsx'
import { Panel } from '../parts/Panel.tsx'
import { usePolled } from '../polling.ts'
import { Health } from './Health.tsx'
import { JobTypes } from './JobTypes.tsx'
import { Processors } from './Processors.tsx'
import { Totals } from './Totals.tsx'
import { Triggers } from './Triggers.tsx'

const SECONDS = 5

/** What waits and runs, how well, and what is wrong. */
export function Now() {
  const now = usePolled<Answer>('now', SECONDS)
  return (
    <>
      <Heading title="Now" note={now.value && `As of ${sayClock(now.value.figures_at)}.`} />
      <Answered polled={now} what="the queue">
        {(value) => <Panels now={value} onChange={now.reload} />}
      </Answered>
    </>
  )
}

function Panels({ now, onChange }: { now: Answer; onChange: () => void }) {
  const { queue, health, processors, triggers, scale, job_types: types } = now
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:gap-6">
      <Boundary isPart>
        <Health health={health} total={queue.total} />
      </Boundary>
      <Panel
        title="All jobs"
        note={`What has ended is of the last ${sayWindow(queue.window_seconds)}.`}
      >
        <Totals total={queue.total} />
      </Panel>
      <Panel title="Job types">
        <JobTypes figures={queue.job_types} types={types} onChange={onChange} />
      </Panel>
      <Panel title="Processors">
        <Processors processors={processors} scale={scale} />
      </Panel>
      <Panel
        title="Triggers"
        note="What the database calls, so that jobs start without a processor."
      >
        <Triggers triggers={triggers} />
      </Panel>
    </div>
  )
}

const sayWindow = (seconds: number) => (seconds < 3600 ? sayDuration(seconds) : 'hour')

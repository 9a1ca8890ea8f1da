import { Heading } from '../../frame/parts.tsx'
import { link } from '../../frame/router.ts'
import { sayTime } from '../../frame/words.ts'
import { write } from '../addresses.ts'
import type { Job, JobRecord } from '../answers.ts'
import { sayCount, sayDollars, sayShort } from '../figures.ts'
import { tellDuration } from '../jobs/Jobs.tsx'
import { Answered } from '../parts/Answered.tsx'
import { StatusBadge } from '../parts/Badge.tsx'
import { Ago, Fact, Facts } from '../parts/Facts.tsx'
import { Panel } from '../parts/Panel.tsx'
import { usePolled } from '../polling.ts'
import { Actions } from './Actions.tsx'
import { Attempts, tellHeldBack } from './Attempts.tsx'
import { FlowGraph } from './FlowGraph.tsx'
import { Notifications } from './Notifications.tsx'
import { panels } from './panels.ts'
import { Steps } from './Steps.tsx'

// What has ended changes no more but for its notifications, and by a retry.
const pace = ({ job }: JobRecord) => (job.completed_at ? 30 : 5)

/** All that is known of one job. */
export default function JobView({ id }: { id: string }) {
  const job = usePolled<JobRecord>(`jobs/${encodeURIComponent(id)}`, pace)
  return (
    <>
      <Heading
        title={job.value ? job.value.job.job_type : 'Job'}
        note={<span className="break-all">{id}</span>}
      >
        {job.value && <StatusBadge status={job.value.job.status} />}
      </Heading>
      <Answered polled={job} what="the job">
        {(record) => <Record record={record} onChange={job.reload} />}
      </Answered>
    </>
  )
}

interface Props {
  record: JobRecord
  onChange: () => void
}

function Record({ record, onChange }: Props) {
  const { job, position, attempts, steps, flow, notifications, costs } = record
  const FamilyPanel = panels[job.job_type]
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:gap-6">
      <section aria-label="The job" className="card grid gap-6 p-4 sm:p-6">
        {job.error && (
          <p className="rounded-lg bg-bad-soft px-4 py-3 text-sm text-foreign text-bad">
            <strong className="font-semibold">{job.error.code}</strong> {job.error.message}
          </p>
        )}
        {job.status === 'processing' && job.progress && <Progress progress={job.progress} />}
        <JobFacts job={job} position={position} costs={costs} />
        <Actions job={job} onChange={onChange} />
      </section>
      {FamilyPanel && <FamilyPanel job={job} />}
      <Panel title="Attempts">
        <Attempts job={job} attempts={attempts} />
      </Panel>
      {flow && flow.jobs.length > 1 && (
        <Panel title="Flow" note="What it belongs together with: each below what it waits for.">
          <FlowGraph flow={flow} id={job.id} />
        </Panel>
      )}
      {steps.length > 0 && (
        <Panel title="Steps" note="What a retry need not do again.">
          <Steps steps={steps} />
        </Panel>
      )}
      {notifications.length > 0 && (
        <Panel title="Notifications">
          <Notifications notifications={notifications} />
        </Panel>
      )}
    </div>
  )
}

function Progress({
  progress: { percentage, phase, message },
}: {
  progress: NonNullable<Job['progress']>
}) {
  return (
    <div className="grid gap-2">
      <p className="flex justify-between gap-4 text-sm tabular-nums">
        <span className="min-w-0 text-foreign">
          {phase}: {message}
        </span>
        <span className="font-medium">{percentage} %</span>
      </p>
      <progress aria-label="Progress" max={100} value={percentage} className="progress" />
    </div>
  )
}

function JobFacts({ job, position, costs }: Pick<JobRecord, 'job' | 'position' | 'costs'>) {
  const tokens = costs.input_tokens + costs.output_tokens
  return (
    <Facts>
      <Fact name="User">
        {job.user_id ? (
          <a
            href={link(write('jobs', { user_id: job.user_id }))}
            className="break-all underline decoration-line underline-offset-4 hover:decoration-current"
          >
            {job.user_id}
          </a>
        ) : (
          'the system'
        )}
      </Fact>
      <Fact name="Asked for">
        {sayTime(job.created_at)} · <Ago at={job.created_at} />
      </Fact>
      {job.status === 'pending' && (
        <Fact name={job.is_held || job.held_back_by ? 'Waits for' : 'Due'}>{tellWait(job)}</Fact>
      )}
      {position?.position_in_queue && (
        <Fact name="Place in the queue">{sayCount(position.position_in_queue)}</Fact>
      )}
      {position?.estimated_completion_at && (
        <Fact name="To end about">{sayTime(position.estimated_completion_at)}</Fact>
      )}
      {job.started_at && <Fact name="Started">{sayTime(job.started_at)}</Fact>}
      {job.completed_at && <Fact name="Ended">{sayTime(job.completed_at)}</Fact>}
      {job.duration_ms !== null && <Fact name="Took">{tellDuration(job)}</Fact>}
      {job.completed_at && <Fact name="Priority">{job.priority}</Fact>}
      <Fact name="Retries">
        {job.retry_count} of {job.max_retries}
      </Fact>
      <Fact name="Crashes">
        {job.crash_count} of {job.max_crashes}
      </Fact>
      {tokens > 0 && <Fact name="Cost">{sayDollars(costs.cost_usd)}</Fact>}
      {tokens > 0 && (
        <Fact name="Tokens">
          {sayShort(costs.input_tokens)} in, {sayShort(costs.output_tokens)} out
        </Fact>
      )}
      {job.worker_id && <Fact name="Processor">{job.worker_id}</Fact>}
      {job.project_id && <Fact name="Project">{job.project_id}</Fact>}
      {job.trace_id && <Fact name="Trace">{job.trace_id}</Fact>}
      {job.expires_at && <Fact name="Kept until">{sayTime(job.expires_at)}</Fact>}
    </Facts>
  )
}

function tellWait(job: Job): string {
  if (job.is_held) {
    return 'the end of other jobs'
  }
  if (job.held_back_by) {
    return tellHeldBack(job.held_back_by)
  }
  const at = sayTime(job.run_at)
  return job.waiting_for ? `${at}, or at “${job.waiting_for}”` : at
}

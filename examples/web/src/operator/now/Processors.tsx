import type { Now, Processor } from '../answers.ts'
import { sayJobs } from '../figures.ts'
import { Badge } from '../parts/Badge.tsx'
import { Ago } from '../parts/Facts.tsx'
import { type Column, Table } from '../parts/Table.tsx'

const COLUMNS: readonly [Column<Processor>, ...Column<Processor>[]] = [
  { name: 'Processor', read: ({ worker_id: id }) => <span className="break-all">{id}</span> },
  {
    name: 'State',
    read: ({ is_alive: isAlive }) =>
      isAlive ? <Badge tone="good">Alive</Badge> : <Badge tone="bad">Silent</Badge>,
  },
  { name: 'Runs', isNumber: true, read: (each) => `${each.running} of ${each.concurrency}` },
  { name: 'Version', read: ({ version }) => version },
  { name: 'Started', read: (each) => <Ago at={each.started_at} /> },
  { name: 'Last seen', read: (each) => <Ago at={each.seen_at} /> },
]

/** Who works, and how many workers the backlog wants. */
export function Processors({ processors, scale }: Pick<Now, 'processors' | 'scale'>) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {processors.length === 0 ? (
        <p className="text-sm">
          No processor was seen in the last day. Start one: <code>supajobs work</code>.
        </p>
      ) : (
        <Table
          label="Processors"
          columns={COLUMNS}
          rows={processors}
          keyOf={({ worker_id: id }) => id}
        />
      )}
      <p className="text-sm text-muted">{tellScale(scale)}</p>
    </div>
  )
}

function tellScale({ total: { due, running, workers }, jobs_per_worker: each }: Now['scale']) {
  const wanted = workers === 1 ? 'one processor' : `${workers} processors`
  return due + running === 0
    ? 'Nothing is due.'
    : `${sayJobs(due)} due and ${running} running want ${wanted} that ${workers === 1 ? 'runs' : 'run'} ${each} at a time.`
}

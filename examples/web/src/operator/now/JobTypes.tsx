import { useState } from 'react'
import { useActing } from '../../frame/acting.ts'
import { Button } from '../../frame/parts.tsx'
import { link } from '../../frame/router.ts'
import { toast } from '../../frame/toasts.tsx'
import { write } from '../addresses.ts'
import type { JobType, TypeFigures } from '../answers.ts'
import { sayDuration, sayRate, sayShare, sayShort } from '../figures.ts'
import { Badge } from '../parts/Badge.tsx'
import { type Column, Table } from '../parts/Table.tsx'
import { change } from '../server.ts'
import { EditLimits } from './EditLimits.tsx'

interface Props {
  figures: readonly TypeFigures[]
  types: readonly JobType[]
  onChange: () => void
}

interface Row extends TypeFigures {
  type: JobType | undefined
}

/** Each type's part in it, and what it may do. */
export function JobTypes({ figures, types, onChange }: Props) {
  const [edited, edit] = useState<string>()
  const rows = figures.map((each) => ({
    ...each,
    type: types.find(({ job_type: name }) => name === each.job_type),
  }))
  const shown = types.find(({ job_type: name }) => name === edited)
  return (
    <>
      <Table
        label="Job types"
        columns={listColumns(edit, onChange)}
        rows={rows}
        keyOf={({ job_type: name }) => name}
      />
      {shown && <EditLimits type={shown} onClose={() => edit(undefined)} onChange={onChange} />}
    </>
  )
}

function listColumns(
  edit: (name: string) => void,
  onChange: () => void,
): readonly [Column<Row>, ...Column<Row>[]] {
  return [
    { name: 'Type', read: (row) => <Name row={row} /> },
    {
      name: 'Waiting',
      isNumber: true,
      read: (row) => sayShort(row.pending) + (row.capped ? '+' : ''),
    },
    { name: 'Oldest', isNumber: true, read: (row) => sayDuration(row.oldest_pending_seconds) },
    { name: 'Running', isNumber: true, read: tellRunning },
    { name: 'A minute', isNumber: true, read: (row) => sayRate(row.throughput_per_minute) },
    { name: 'Failed', isNumber: true, read: (row) => sayShort(row.failed) },
    { name: 'Success', isNumber: true, read: (row) => sayShare(row.success_rate) },
    { name: 'p50', isNumber: true, read: (row) => sayDuration(row.duration_p50) },
    { name: 'p95', isNumber: true, read: (row) => sayDuration(row.duration_p95) },
    {
      name: 'Actions',
      isAction: true,
      read: ({ type }) => type && <Actions type={type} onEdit={edit} onChange={onChange} />,
    },
  ]
}

function Name({ row: { job_type: name, type } }: { row: Row }) {
  return (
    <span className="flex flex-wrap items-center gap-2">
      <a
        href={link(write('jobs', { job_type: name }))}
        className="break-all underline decoration-line underline-offset-4 hover:decoration-current"
      >
        {name}
      </a>
      {type?.paused_at && <Badge tone="busy">Paused</Badge>}
    </span>
  )
}

function tellRunning({ processing, type }: Row): string {
  const limit = type?.paused_at ? null : (type?.max_running ?? null)
  return limit === null ? sayShort(processing) : `${sayShort(processing)} of ${sayShort(limit)}`
}

interface ActionsProps {
  type: JobType
  onEdit: (name: string) => void
  onChange: () => void
}

function Actions({ type, onEdit, onChange }: ActionsProps) {
  const { isBusy, act } = useActing()
  const isPaused = Boolean(type.paused_at)
  const name = type.job_type

  const pause = () =>
    act(async () => {
      await change('PATCH', `job-types/${encodeURIComponent(name)}`, { is_paused: !isPaused })
      toast(
        isPaused ? `${name} goes on.` : `${name} is paused. What runs of it goes on to its end.`,
      )
      onChange()
    })

  return (
    <div className="flex gap-2 lg:justify-end">
      <Button
        className="lg:min-h-9 lg:px-3"
        isBusy={isBusy}
        onClick={pause}
        aria-label={`${isPaused ? 'Resume' : 'Pause'} ${name}`}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        className="lg:min-h-9 lg:px-3"
        aria-label={`Limits of ${name}`}
        onClick={() => onEdit(name)}
      >
        Limits
      </Button>
    </div>
  )
}

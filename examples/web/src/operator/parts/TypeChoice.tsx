import type { Now } from '../answers.ts'
import { usePolled } from '../polling.ts'

interface Props {
  value: string
  onChoose: (type: string) => void
}

/** One of the job types that there are, or all. */
export function TypeChoice({ value, onChoose }: Props) {
  const names = usePolled<Now>('now', 0).value?.job_types.map((each) => each.job_type) ?? []
  // The one of the address is there, whatever the server knows.
  const all = value && !names.includes(value) ? [value, ...names] : names
  return (
    <label className="grid min-w-0 gap-1.5 text-sm font-medium">
      Job type
      <select
        value={value}
        className="field font-normal"
        onChange={(event) => onChoose(event.target.value)}
      >
        <option value="">All</option>
        {all.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

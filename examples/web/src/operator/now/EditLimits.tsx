import { ApiError } from '@supajobs/client'
import { type FormEvent, useState } from 'react'
import { Dialog } from '../../frame/Dialog.tsx'
import { explain } from '../../frame/explain.ts'
import { Button, describedBy, Field, Problem } from '../../frame/parts.tsx'
import { toast } from '../../frame/toasts.tsx'
import type { JobType, Limits } from '../answers.ts'
import { change } from '../server.ts'

interface Limit {
  name: keyof Limits
  label: string
  hint: string
  least: number
  most?: number
  /** Whether there need not be one. */
  isOptional?: boolean
  step?: number | 'any'
}

const LIMITS: readonly Limit[] = [
  {
    name: 'max_running',
    label: 'Jobs at the same time',
    hint: 'In the whole fleet.',
    least: 0,
    isOptional: true,
  },
  {
    name: 'starts_per_minute',
    label: 'Starts a minute',
    hint: 'In the whole fleet.',
    least: 0,
    isOptional: true,
  },
  {
    name: 'max_running_per_user',
    label: 'Jobs of one user',
    hint: 'At the same time.',
    least: 1,
    isOptional: true,
  },
  {
    name: 'max_running_per_project',
    label: 'Jobs of one project',
    hint: 'At the same time.',
    least: 1,
    isOptional: true,
  },
  {
    name: 'max_cost_per_user_month',
    label: 'Cost of one user',
    hint: 'In USD, a month.',
    least: 0,
    isOptional: true,
    step: 'any',
  },
  {
    name: 'max_runtime_seconds',
    label: 'Longest attempt',
    hint: 'In seconds.',
    least: 1,
    most: 86_400,
  },
  { name: 'max_retries', label: 'Retries', hint: 'After an error.', least: 0, most: 100 },
]

interface Props {
  type: JobType
  onClose: () => void
  onChange: () => void
}

/** What a type may do. What is empty has no limit. */
export function EditLimits({ type, onClose, onChange }: Props) {
  // As they were when it was opened: what is polled meanwhile shall not change under who types.
  const [before] = useState(type)
  const [problem, setProblem] = useState<string>()
  const [refused, setRefused] = useState<Record<string, string>>({})
  const [isBusy, setBusy] = useState(false)

  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const changed = readChanged(new FormData(form), before)
    setBusy(true)
    try {
      if (Object.keys(changed).length) {
        await change('PATCH', `job-types/${encodeURIComponent(before.job_type)}`, changed)
        toast(`The limits of ${before.job_type} are changed.`)
        onChange()
      }
      onClose()
    } catch (error) {
      const fields = readRefused(error)
      setRefused(fields)
      const [first] = Object.keys(fields)
      setProblem(first ? undefined : explain(error))
      form.querySelector<HTMLInputElement>(`#${first}`)?.focus() // so that it is heard
      setBusy(false)
    }
  }

  return (
    <Dialog title={`Limits of ${before.job_type}`} onClose={onClose}>
      <form className="grid gap-4" onSubmit={save}>
        <p className="text-sm text-muted">
          Empty: no limit. The first two hold at once, the others at the latest for new jobs.
        </p>
        <div className="grid gap-4 sm:grid-cols-2">
          {LIMITS.map(({ name, label, hint, least, most, isOptional = false, step = 1 }) => (
            <Field key={name} id={name} label={label} hint={hint} error={refused[name]}>
              <input
                id={name}
                name={name}
                type="number"
                inputMode="decimal"
                min={least}
                max={most}
                step={step}
                required={!isOptional}
                defaultValue={before[name] ?? ''}
                aria-invalid={name in refused || undefined}
                aria-describedby={describedBy(name)}
                className="field"
              />
            </Field>
          ))}
        </div>
        {problem && <Problem>{problem}</Problem>}
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={onClose}>Leave as they are</Button>
          <Button type="submit" kind="primary" isBusy={isBusy}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** What is wrong with which limit, as the server says. */
function readRefused(error: unknown): Record<string, string> {
  const errors = error instanceof ApiError ? error.errors : []
  const ofLimits = errors.filter(({ field }) => LIMITS.some(({ name }) => name === field))
  return Object.fromEntries(ofLimits.map(({ field, message }) => [field, message]))
}

function readChanged(given: FormData, before: JobType): Partial<Limits> {
  const read = (name: string) => {
    const written = String(given.get(name))
    return written === '' ? null : Number(written)
  }
  return Object.fromEntries(
    LIMITS.map(({ name }) => [name, read(name)] as const).filter(
      ([name, value]) => value !== before[name],
    ),
  )
}

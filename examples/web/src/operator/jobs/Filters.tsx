import type { FormEvent } from 'react'
import { Choices } from '../../frame/Choices.tsx'
import { Button } from '../../frame/parts.tsx'
import type { JobStatus } from '../answers.ts'
import { STATUSES } from '../parts/Badge.tsx'
import { TypeChoice } from '../parts/TypeChoice.tsx'
import { type Filter, SPANS, saySpan, USER } from './filter.ts'

interface Props {
  filter: Filter
  onChange: (changed: Filter) => void
  /** Tells whether what is typed is another than what is looked for. */
  onType: (isOther: boolean) => void
}

const CHOICES: readonly (readonly [JobStatus | '', string])[] = [
  ['', 'All'],
  ...Object.entries(STATUSES).map(([status, [words]]) => [status as JobStatus, words] as const),
]

export function Filters({ filter, onChange, onType }: Props) {
  function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onChange(readTyped(event.currentTarget))
  }

  function compare(event: FormEvent<HTMLFormElement>) {
    const { error, user_id: user } = readTyped(event.currentTarget)
    onType(error !== (filter.error ?? '') || user !== (filter.user_id ?? ''))
  }

  return (
    <div className="mb-4 grid grid-cols-[minmax(0,1fr)] gap-3">
      <Choices
        label="State"
        name="status"
        choices={CHOICES}
        value={(filter.status ?? '') as JobStatus | ''}
        onChoose={(status) => onChange({ status })}
      />
      <form
        key={`${filter.error} ${filter.user_id}`}
        className="grid grid-cols-2 items-end gap-3 lg:grid-cols-[1fr_1fr_1fr_2fr_auto]"
        onSubmit={search}
        onInput={compare}
      >
        <TypeChoice
          value={filter.job_type ?? ''}
          onChoose={(chosen) => onChange({ job_type: chosen })}
        />
        <label className="grid min-w-0 gap-1.5 text-sm font-medium">
          Asked for since
          <select
            value={filter.since ?? ''}
            className="field font-normal"
            onChange={(event) => onChange({ since: event.target.value })}
          >
            {SPANS.map(([span, words]) => (
              <option key={span} value={span}>
                {words}
              </option>
            ))}
            {filter.since && SPANS.every(([span]) => span !== filter.since) && (
              <option value={filter.since}>{saySpan(filter.since)}</option>
            )}
          </select>
        </label>
        <Text name="error" label="Error" hint="its code" value={filter.error} />
        <Text
          name="user_id"
          label="User"
          hint="the id"
          value={filter.user_id}
          pattern={USER}
          title="The id of a user, as auth.users has it; or system"
        />
        <Button type="submit" className="max-lg:col-span-2">
          Search
        </Button>
      </form>
    </div>
  )
}

function readTyped(form: HTMLFormElement) {
  const given = new FormData(form)
  const read = (name: string) => String(given.get(name)).trim()
  return { error: read('error'), user_id: read('user_id') }
}

interface TextProps {
  name: string
  label: string
  hint: string
  value: string | undefined
  /** What may be typed, and what that is in words. */
  pattern?: string
  title?: string
}

function Text({ name, label, hint, value, pattern, title }: TextProps) {
  return (
    <label className="grid min-w-0 gap-1.5 text-sm font-medium">
      {label}
      <input
        name={name}
        defaultValue={value}
        placeholder={hint}
        pattern={pattern}
        title={title}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className="field font-normal placeholder:text-muted"
      />
    </label>
  )
}

import type { InputHTMLAttributes } from 'react'
import { describedBy, Field } from './parts.tsx'

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  name: string
  label: string
  hint?: string
  /** What was refused, by field. */
  problems: Readonly<Record<string, string>>
}

/** One field of a form, with what is wrong with it. */
export function Input({ name, label, hint, problems, ...others }: Props) {
  const problem = problems[name]
  return (
    <Field id={name} label={label} hint={hint} error={problem}>
      <input
        {...others}
        id={name}
        name={name}
        inputMode={others.type === 'number' ? 'decimal' : undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy(name)}
        className="field aria-invalid:border-bad"
      />
    </Field>
  )
}

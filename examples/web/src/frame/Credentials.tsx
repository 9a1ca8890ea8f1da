import { describedBy, Field } from './parts.tsx'

interface Props {
  hint?: string | undefined
  autoComplete?: 'current-password' | 'new-password'
  minLength?: number | undefined
}

/** What one signs in with: `email` and `password` of a form. The rest is of the password. */
export function Credentials({ hint, autoComplete = 'current-password', minLength }: Props) {
  return (
    <>
      <Field id="email" label="E-mail">
        <input
          id="email"
          name="email"
          type="email"
          autoComplete="email"
          required
          className="field"
        />
      </Field>
      <Field id="password" label="Password" hint={hint}>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete={autoComplete}
          minLength={minLength}
          aria-describedby={describedBy('password')}
          required
          className="field"
        />
      </Field>
    </>
  )
}

import { useState } from 'react'
import { useActing } from '../frame/acting.ts'
import { Button, Heading } from '../frame/parts.tsx'
import { signOut, useSession } from '../frame/session.ts'
import { getTheme, setTheme, type Theme } from '../frame/theme.ts'

const THEMES: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

export function Account() {
  const session = useSession()
  const { isBusy, act } = useActing()
  const [theme, choose] = useState(getTheme)

  return (
    <div className="mx-auto max-w-xl">
      <Heading title="Account" />
      <div className="card divide-y divide-line">
        <div className="flex flex-wrap items-center justify-between gap-4 p-6">
          <p className="min-w-0">
            <span className="block text-sm text-muted">Signed in as</span>
            <span className="text-foreign block font-medium">{session?.user.email}</span>
          </p>
          <Button isBusy={isBusy} onClick={() => act(signOut)}>
            Sign out
          </Button>
        </div>
        <fieldset className="p-6">
          <legend className="float-left mb-3 w-full text-sm text-muted">Appearance</legend>
          <div className="clear-both grid gap-2 sm:grid-cols-3">
            {Object.entries(THEMES).map(([name, words]) => (
              <label
                key={name}
                className="flex min-h-11 items-center gap-3 rounded-lg border border-line px-3 text-sm has-checked:border-accent has-checked:bg-sunken"
              >
                <input
                  type="radio"
                  name="theme"
                  className="size-4 accent-accent"
                  checked={theme === name}
                  onChange={() => {
                    setTheme(name as Theme)
                    choose(name as Theme)
                  }}
                />
                {words}
              </label>
            ))}
          </div>
        </fieldset>
      </div>
    </div>
  )
}

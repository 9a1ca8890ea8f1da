import { type FormEvent, useState } from 'react'
import { Choices } from '../../frame/Choices.tsx'
import { Credentials } from '../../frame/Credentials.tsx'
import { explain } from '../../frame/explain.ts'
import { Button, describedBy, Field, Heading, Problem } from '../../frame/parts.tsx'
import { signInWithSecret } from '../server.ts'

type Way = 'secret' | 'account'

const WAYS = [
  ['secret', 'By secret'],
  ['account', 'By account'],
] as const

/** Who runs the queue has the server's secret, or an account that is an admin's. */
export function SignIn() {
  const [way, setWay] = useState<Way>('secret')
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  async function enter(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const read = (name: string) => String(given.get(name))
    setBusy(true)
    setProblem(undefined)
    try {
      if (way === 'secret') {
        await signInWithSecret(read('secret'))
      } else {
        const { signInWithPassword } = await import('./account.ts')
        await signInWithPassword(read('email'), read('password'))
      }
    } catch (error) {
      setProblem(explain(error))
      setBusy(false)
    }
  }

  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-8 px-4 py-8">
      <div className="grid justify-items-center gap-4 text-center">
        <img src="/icon.svg" alt="" className="size-14" />
        <p className="text-muted">What waits, runs and has ended, for who runs the queue.</p>
      </div>
      <div className="card p-6">
        <Heading title="Sign in" />
        <form className="grid gap-4" onSubmit={enter}>
          <Choices
            label="How to sign in"
            name="way"
            choices={WAYS}
            value={way}
            onChoose={(chosen) => {
              setWay(chosen)
              setProblem(undefined)
            }}
          />
          {way === 'secret' ? (
            <Secret />
          ) : (
            <Credentials hint="Of an account whose app_metadata has the role admin." />
          )}
          {problem && <Problem>{problem}</Problem>}
          <Button type="submit" kind="primary" isBusy={isBusy}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  )
}

function Secret() {
  return (
    <Field id="secret" label="Secret" hint="CRON_SECRET of the API’s environment.">
      <input
        id="secret"
        name="secret"
        type="password"
        autoComplete="current-password"
        aria-describedby={describedBy('secret')}
        required
        className="field"
      />
    </Field>
  )
}

import { type FormEvent, useState } from 'react'
import { families } from '../families.ts'
import { Credentials } from '../frame/Credentials.tsx'
import { explain } from '../frame/explain.ts'
import { Button, Heading, Problem } from '../frame/parts.tsx'
import { auth, wasEnded } from '../frame/session.ts'
import { capitalise } from '../frame/words.ts'

const FEWEST_LETTERS = 8
const OVER = 'Your session is over. Sign in again.'

type Way = 'up' | 'in'

const WORDS: Record<Way, { title: string; action: string; other: string; question: string }> = {
  up: {
    title: 'Create your account',
    action: 'Create account',
    question: 'Have one already?',
    other: 'Sign in',
  },
  in: {
    title: 'Sign in',
    action: 'Sign in',
    question: 'New here?',
    other: 'Create an account',
  },
}

const PROMISE = capitalise(
  `${families.map(({ promise }) => promise).join(', and ')}: made while you do something else.`,
)

export function SignIn() {
  const [way, setWay] = useState<Way>(wasEnded() ? 'in' : 'up')
  const [problem, setProblem] = useState(wasEnded() ? OVER : undefined)
  const [isBusy, setBusy] = useState(false)
  const words = WORDS[way]

  async function enter(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const email = String(given.get('email'))
    const password = String(given.get('password'))
    setBusy(true)
    try {
      const { data, error } = await (way === 'up'
        ? auth.signUp({ email, password })
        : auth.signInWithPassword({ email, password }))
      if (error) {
        setProblem(explain(error))
      } else if (!data.session) {
        setProblem('Look into your mail, and confirm the address.')
      }
    } catch (error) {
      setProblem(explain(error)) // of the browser, which has no room for the session, say
    }
    setBusy(false)
  }

  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-8 px-4 py-8">
      <div className="grid justify-items-center gap-4 text-center">
        <img src="/icon.svg" alt="" className="size-14" />
        <p className="text-muted">{PROMISE}</p>
      </div>
      <div className="card p-6">
        <Heading key={way} title={words.title} />
        <form className="grid gap-4" onSubmit={enter}>
          <Credentials
            hint={way === 'up' ? `At least ${FEWEST_LETTERS} characters.` : undefined}
            autoComplete={way === 'up' ? 'new-password' : 'current-password'}
            minLength={way === 'up' ? FEWEST_LETTERS : undefined}
          />
          {problem && <Problem>{problem}</Problem>}
          <Button type="submit" kind="primary" isBusy={isBusy}>
            {words.action}
          </Button>
        </form>
        <p className="mt-4 flex flex-wrap items-center justify-center gap-x-1 text-sm text-muted">
          {words.question}
          <Button
            kind="quiet"
            className="px-2"
            onClick={() => {
              setWay(way === 'up' ? 'in' : 'up')
              setProblem(undefined)
            }}
          >
            {words.other}
          </Button>
        </p>
      </div>
    </main>
  )
}

import { schedulesOf } from '@supajobs/client'
import { type FormEvent, type ReactNode, useState } from 'react'
import { client } from '../frame/client.ts'
import { explain } from '../frame/explain.ts'
import { Button, buttonStyle, describedBy, Field, Problem } from '../frame/parts.tsx'
import { go, link } from '../frame/router.ts'
import { toast } from '../frame/toasts.tsx'
import { TIME_ZONE } from '../frame/words.ts'

const { createSchedule } = schedulesOf(client)

type Wanted = Parameters<typeof createSchedule>[0]

interface Props {
  /** What the user may call it otherwise. */
  name: string
  /** On which days of the week, as cron writes them. */
  days: string
  /** What is asked for each time; `given` are the fields among `children`. */
  read: (given: FormData) => Pick<Wanted, 'job_type' | 'params'> & Partial<Wanted>
  /** The words of its button, and what is said once it is there. */
  submit: string
  told: string
  children: ReactNode
}

/** What is to recur, at a time of day: its name, when, and `children`, which say what. */
export function ScheduleForm({ name, days, read, submit, told, children }: Props) {
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const [hour, minute] = String(given.get('time')).split(':').map(Number)
    setBusy(true)
    try {
      await createSchedule({
        ...read(given),
        name: String(given.get('name')),
        cron: `${minute} ${hour} * * ${days}`,
        time_zone: TIME_ZONE,
      })
      toast(told)
      go('schedules')
    } catch (error) {
      setProblem(explain(error))
      setBusy(false)
    }
  }

  return (
    <form className="card grid gap-4 p-6" onSubmit={create}>
      {children}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field id="name" label="Name">
          <input
            key={name}
            id="name"
            name="name"
            required
            maxLength={100}
            defaultValue={name}
            className="field"
          />
        </Field>
        <Field id="time" label="Time" hint={TIME_ZONE}>
          <input
            id="time"
            name="time"
            type="time"
            required
            defaultValue="06:00"
            aria-describedby={describedBy('time')}
            className="field"
          />
        </Field>
      </div>
      {problem && <Problem>{problem}</Problem>}
      <div className="flex flex-wrap gap-3">
        <Button type="submit" kind="primary" isBusy={isBusy}>
          {submit}
        </Button>
        <a href={link('schedules')} className={buttonStyle('plain')}>
          Back
        </a>
      </div>
    </form>
  )
}

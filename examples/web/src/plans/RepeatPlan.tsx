import { schedulesOf } from '@supajobs/client'
import { type FormEvent, useState } from 'react'
import { client } from '../frame/client.ts'
import { explain } from '../frame/explain.ts'
import {
  Button,
  buttonStyle,
  describedBy,
  Empty,
  Field,
  Heading,
  Problem,
} from '../frame/parts.tsx'
import { go, link } from '../frame/router.ts'
import { useSession } from '../frame/session.ts'
import { toast } from '../frame/toasts.tsx'
import { readProfile, sayProfile, TIME_ZONE } from './profile.ts'

const { createSchedule } = schedulesOf(client)

/** Has the plan written anew every Monday. */
export default function RepeatPlan() {
  const profile = readProfile(useSession()?.user.id ?? '')
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const [hour, minute] = String(given.get('time')).split(':').map(Number)
    setBusy(true)
    try {
      await createSchedule({
        name: String(given.get('name')),
        job_type: 'training_plan',
        params: { ...profile },
        cron: `${minute} ${hour} * * MON`,
        time_zone: TIME_ZONE,
      })
      toast('Your plan is written anew every Monday.')
      go('schedules')
    } catch (error) {
      setProblem(explain(error))
      setBusy(false)
    }
  }

  return (
    <div className="mx-auto max-w-xl">
      <Heading title="Every Monday" />
      {profile ? (
        <form className="card grid gap-4 p-6" onSubmit={create}>
          <p>
            Each Monday a plan is written that begins with that week.
            <span className="mt-1 block text-sm text-muted">
              {sayProfile(profile)} ·{' '}
              <a href={link('plans/new')} className="text-accent underline">
                change
              </a>
            </span>
          </p>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field id="name" label="Name">
              <input
                id="name"
                name="name"
                required
                maxLength={100}
                defaultValue="Weekly plan"
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
              Write it every Monday
            </Button>
            <a href={link('schedules')} className={buttonStyle('plain')}>
              Back
            </a>
          </div>
        </form>
      ) : (
        <Empty icon="repeat" title="First a profile">
          <p className="max-w-sm text-muted">
            Ask for one plan; the next ones are then written from the same profile.
          </p>
          <a href={link('plans/new')} className={buttonStyle('primary')}>
            Ask for a plan
          </a>
        </Empty>
      )}
    </div>
  )
}

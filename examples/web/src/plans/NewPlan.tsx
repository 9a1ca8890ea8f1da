import { type FormEvent, useEffect, useRef } from 'react'
import { useCreateJob } from '../frame/client.ts'
import { explain, listProblems } from '../frame/explain.ts'
import { Button, Heading, Problem } from '../frame/parts.tsx'
import { go } from '../frame/router.ts'
import { useSession } from '../frame/session.ts'
import { ProfileFields } from './ProfileFields.tsx'
import { keepProfile, readForm, readProfile } from './profile.ts'

/** The profile, and how long a plan is to be. */
export function NewPlan() {
  const { createJob, error, isCreating, job } = useCreateJob('training_plan')
  const userId = useSession()?.user.id ?? ''
  const problems = useRef<HTMLParagraphElement>(null)

  useEffect(() => {
    if (job) {
      go(`jobs/${job.id}`)
    }
  }, [job])
  useEffect(() => {
    if (error) {
      problems.current?.focus()
    }
  }, [error])

  function ask(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const request = readForm(new FormData(event.currentTarget))
    keepProfile(userId, request)
    createJob(request)
  }

  return (
    <div className="mx-auto max-w-2xl">
      <Heading title="New plan" />
      <form className="grid gap-6" onSubmit={ask}>
        <ProfileFields known={readProfile(userId)} problems={listProblems(error)} />
        {Boolean(error) && (
          <Problem ref={problems} tabIndex={-1}>
            {explain(error)}
          </Problem>
        )}
        <Button type="submit" kind="primary" isBusy={isCreating} className="sm:justify-self-start">
          Write the plan
        </Button>
      </form>
    </div>
  )
}

import { useEffect } from 'react'
import { useCreateJob } from '../frame/client.ts'
import { Button, Heading, Loading, Problem } from '../frame/parts.tsx'
import { useRefusal } from '../frame/refusal.ts'
import { go } from '../frame/router.ts'
import { useSession } from '../frame/session.ts'
import { ProfileFields } from './ProfileFields.tsx'
import { keepProfile, readForm, useProfile } from './profile.ts'

/** The profile, and how long a plan is to be. */
export function NewPlan() {
  const { createJob, error, isCreating, job } = useCreateJob('training_plan')
  const { form, onChange, problems, message } = useRefusal(error)
  const userId = useSession()?.user.id ?? ''
  const { value: known, error: isUnknown } = useProfile()

  useEffect(() => {
    if (job) {
      keepProfile(userId, job.params)
      go(`jobs/${job.id}`)
    }
  }, [job, userId])

  return (
    <div className="mx-auto max-w-2xl">
      <Heading title="New plan" />
      {known === undefined && !isUnknown ? (
        <Loading what="what you asked for last" />
      ) : (
        <form
          ref={form}
          className="grid gap-6"
          onChange={onChange}
          onSubmit={(event) => {
            event.preventDefault()
            createJob(readForm(new FormData(event.currentTarget)))
          }}
        >
          <ProfileFields known={known ?? undefined} problems={problems} />
          {message && <Problem>{message}</Problem>}
          <Button
            type="submit"
            kind="primary"
            isBusy={isCreating}
            className="sm:justify-self-start"
          >
            Write the plan
          </Button>
        </form>
      )}
    </div>
  )
}

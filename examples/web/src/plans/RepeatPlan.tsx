import { buttonStyle, Empty, Failure, Heading, Loading } from '../frame/parts.tsx'
import { link } from '../frame/router.ts'
import { ScheduleForm } from '../schedules/ScheduleForm.tsx'
import { plans as family } from './index.ts'
import { sayProfile, useProfile, withoutEvent } from './profile.ts'

/** Has the plan written anew every Monday. */
export default function RepeatPlan() {
  const { value: profile, error, reload } = useProfile()
  return (
    <div className="mx-auto max-w-xl">
      <Heading title="Every Monday" />
      {Boolean(error) && <Failure error={error} onRetry={reload} />}
      {profile === undefined && !error && <Loading what="what you asked for last" />}
      {profile && (
        <ScheduleForm
          name="Weekly plan"
          days="MON"
          read={() => ({ job_type: 'training_plan', params: withoutEvent(profile) })}
          submit="Write it every Monday"
          told="Your plan is written anew every Monday."
        >
          <p>
            Each Monday a plan is written that begins with that week.
            <span className="mt-1 block text-sm text-muted">
              {sayProfile(profile)} ·{' '}
              <a href={link('plans/new')} className="text-accent underline">
                change
              </a>
            </span>
            {profile.athlete_profile?.event_date && (
              <span className="mt-1 block text-sm text-muted">
                Your event is left out: it is only once.
              </span>
            )}
          </p>
        </ScheduleForm>
      )}
      {profile === null && (
        <Empty icon="repeat" title="First a profile">
          <p className="max-w-sm text-muted">
            Ask for one plan; the next ones are then written from the same profile.
          </p>
          <a href={link(family.beginning.path)} className={buttonStyle('primary')}>
            {family.beginning.words}
          </a>
        </Empty>
      )}
    </div>
  )
}

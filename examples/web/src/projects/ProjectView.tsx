import type { Project } from '@supajobs/client'
import { useEffect, useState } from 'react'
import { useRefresh } from '../frame/client.ts'
import { explain } from '../frame/explain.ts'
import { Nowhere } from '../frame/Nowhere.tsx'
import { Button, Failure, Heading, Loading, Problem } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { Tabs } from '../frame/Tabs.tsx'
import { sayClock } from '../frame/words.ts'
import { JobProgress } from '../jobs/JobProgress.tsx'
import { History } from './History.tsx'
import { projects as family } from './index.ts'
import { Settings } from './Settings.tsx'
import { Skills } from './Skills.tsx'
import { methods } from './stored.ts'
import { Tasks } from './Tasks.tsx'
import { sayCommit } from './words.ts'

const TABS = { '': 'Tasks', skills: 'Skills', history: 'History', settings: 'Settings' }

interface Props {
  id: string
  tab?: string
}

/** A project: what is known of it, and the way to know more. */
export default function ProjectView({ id, tab = '' }: Props) {
  const { error, history, isRefreshing, refresh, retryAt } = useRefresh(id)
  const latest = history?.[0]
  const active = history?.find((job) => !job.completed_at)
  // With each end of a job, and as a change is saved, there may be other things to show.
  const [saved, setSaved] = useState(0)
  const ended = history?.find((job) => job.completed_at)
  const version = `${ended?.id} ${ended?.completed_at} ${saved}`
  const remote = useRemote((signal) => methods.getProject(id, { signal }), id, { version })
  const project = remote.value
  const isTooEarly = useIsBefore(retryAt)
  const isOld = retryAt !== undefined && !isTooEarly
  if (!Object.hasOwn(TABS, tab)) {
    return <Nowhere home="To the beginning" />
  }
  if (!project) {
    return (
      <>
        <Heading title="Project" />
        {remote.error ? (
          <Failure error={remote.error} onRetry={remote.reload} />
        ) : (
          <Loading what="the project" />
        )}
      </>
    )
  }
  return (
    <>
      <Heading title={project.name} note={<Source project={project} />}>
        <Button kind="primary" isBusy={isRefreshing} isOff={isTooEarly} onClick={refresh}>
          {isRefreshing ? 'Being read' : 'Refresh'}
        </Button>
      </Heading>
      <div className="mb-8 grid grid-cols-[minmax(0,1fr)] gap-4 empty:hidden">
        {Boolean(error) && !isOld && <Problem>{tellRefusal(error, retryAt)}</Problem>}
        {Boolean(remote.error) && <Problem>{explain(remote.error)}</Problem>}
        {latest?.status === 'failed' && (
          <Problem>The last refresh failed. {latest.error?.message}</Problem>
        )}
        {active && <JobProgress key={active.id} job={active} words={family} />}
      </div>
      <Tabs label="Views of the project" home={`projects/${id}`} tabs={TABS} current={tab} />
      {tab === '' && <Tasks project={project} version={version} />}
      {tab === 'skills' && <Skills project={project} version={version} />}
      {tab === 'history' && <History project={project} jobs={history} version={version} />}
      {tab === 'settings' && (
        <Settings
          project={project}
          onChange={() => {
            setSaved((times) => times + 1)
            refresh()
          }}
        />
      )}
    </>
  )
}

/** With the moment itself, which stays right as time goes by. */
function tellRefusal(error: unknown, retryAt: Date | undefined): string {
  return retryAt && error instanceof Error
    ? `${error.message} You may refresh again at ${sayClock(retryAt)}.`
    : explain(error)
}

function Source({ project }: { project: Project }) {
  const { repository_url: address, commit_id: commit, branch } = project
  return (
    <>
      {address}
      {branch && ` · ${branch}`}
      {commit && (
        <>
          {' '}
          · <span className="whitespace-nowrap">commit {sayCommit(commit)}</span>
        </>
      )}
    </>
  )
}

/** Whether it is not this time yet. */
function useIsBefore(time: Date | undefined): boolean {
  const [past, setPast] = useState<Date>()
  useEffect(() => {
    const timer = time && setTimeout(() => setPast(time), time.getTime() - Date.now())
    return () => clearTimeout(timer)
  }, [time])
  return time !== undefined && past !== time
}

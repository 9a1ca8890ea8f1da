import { useCallback, useSyncExternalStore } from 'react'
import type { Connected } from './connection.ts'
import { TooManyRequestsError } from './errors.ts'
import { useForgettable } from './forgettable.ts'
import type { Progress } from './job.ts'
import type { JobTypes } from './job-types.ts'
import { onReturn } from './presence.ts'
import { type ProjectJob, type ProjectMethods, projectsOf } from './projects.ts'
import { NOTHING, type Start, type State, type Store } from './store.ts'
import type { WaitingMethods } from './waiting.ts'

export interface FollowedProject {
  /** Whether the project is being read, or that is being asked for. */
  isRefreshing: boolean
  /** How far the job on its way is, as far as it has told. */
  progress: Progress | undefined
  /** The project's latest jobs, newest first, with what each changed; undefined until they are known. */
  history: readonly ProjectJob[] | undefined
  /** Has plan and skills read anew, and follows that to its end; the one on its way, if there is one. */
  refresh(): void
  /** Why the project cannot be followed, or was not refreshed. */
  error: unknown
  /** When one may ask again, if one has asked too often. */
  retryAt: Date | undefined
}

export interface RefreshHooks {
  /** Follows what is done for a project; nothing, while there is no id. */
  useRefresh(projectId: string | null | undefined): FollowedProject
}

interface Asked {
  /** The project: what was asked of another one is not this one's. */
  of: string | null | undefined
  /** Until the history tells of what was asked for. */
  isAsking: boolean
  error: unknown
  retryAt: Date | undefined
}

type History = readonly ProjectJob[]
type Told = Pick<ProjectJob, 'completed_at' | 'progress' | 'status'>

const UNASKED: Asked = { of: null, isAsking: false, error: undefined, retryAt: undefined }
const SHOWN = 20

export function refreshHooks<Types extends JobTypes>(
  client: Connected<Types> & WaitingMethods<Types>,
  store: Store,
): RefreshHooks {
  const methods = projectsOf(client)
  const follow = (id: string) => followJobs(client, methods, id)

  const useRefresh: RefreshHooks['useRefresh'] = (projectId) => {
    const key = `project ${projectId}`
    const listen = useCallback(
      (listener: () => void) =>
        projectId ? store.listen(key, follow(projectId), listener) : () => undefined,
      [key, projectId],
    )
    const { value: history, error } = useSyncExternalStore<State<History>>(
      listen,
      () => store.get(key),
      () => NOTHING,
    )
    const [latest, begin] = useForgettable(store, UNASKED)
    const asked = latest.of === projectId ? latest : UNASKED
    const refresh = useCallback(() => {
      if (!projectId) {
        return
      }
      const tell = begin()
      const unlessForgotten = store.mark()
      const end = (refusal?: unknown) =>
        tell(() => ({
          of: projectId,
          isAsking: false,
          error: refusal,
          retryAt: readRetryAt(refusal),
        }))
      tell(() => ({ ...UNASKED, of: projectId, isAsking: true }))
      methods
        .refreshProject(projectId)
        .then(
          () => unlessForgotten(() => store.restart(key, tellingFirst(follow(projectId), end))),
          end,
        )
    }, [key, projectId, begin])

    const active = history?.find(isOnItsWay)
    return {
      isRefreshing: Boolean(active) || asked.isAsking,
      progress: active?.progress ?? undefined,
      history,
      refresh,
      error: asked.error ?? error,
      retryAt: asked.retryAt,
    }
  }

  return { useRefresh }
}

const isOnItsWay = (job: ProjectJob): boolean => job.completed_at === null

/** Calls `begun` as soon as there is something to tell, or nothing. */
function tellingFirst(start: Start<History>, begun: () => void): Start<History> {
  return async (tell, signal) => {
    let isFirst = true
    const note = () => {
      if (isFirst && !signal.aborted) {
        isFirst = false
        begun()
      }
    }
    try {
      await start((history) => {
        tell(history)
        note()
      }, signal)
    } finally {
      note()
    }
  }
}

/** Tells the history, anew as a job goes on and once it has ended, and when one comes back to look. */
function followJobs<Types extends JobTypes>(
  client: WaitingMethods<Types>,
  { listProjectJobs }: ProjectMethods<Types>,
  id: string,
): Start<History> {
  return async (tell, signal) => {
    let lookAgain: () => void = () => undefined
    onReturn(() => lookAgain(), signal)
    const comeBack = () =>
      new Promise<void>((look) => {
        lookAgain = look
      })
    while (true) {
      const { value: history = [] } = await listProjectJobs(id, { limit: SHOWN }, { signal }).next()
      tell(history)
      const active = history.find(isOnItsWay)
      if (active) {
        const note = ({ status, progress, completed_at: endedAt }: Told) =>
          // Of what has ended, the history knows more.
          endedAt ||
          tell(history.map((job) => (job === active ? { ...job, status, progress } : job)))
        await client.waitForJobCompletion(active.id, note, { signal })
      } else {
        await comeBack()
      }
    }
  }
}

function readRetryAt(error: unknown): Date | undefined {
  const seconds = error instanceof TooManyRequestsError ? error.retryAfter : null
  return seconds === null ? undefined : new Date(Date.now() + seconds * 1000)
}

import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Connected } from './connection.ts'
import { useForgettable } from './forgettable.ts'
import type { JobTypes } from './job-types.ts'
import {
  type Schedule,
  type ScheduleChanges,
  type ScheduleMethods,
  type ScheduleRequest,
  schedulesOf,
} from './schedules.ts'
import { NOTHING, type Start, type State, type Store } from './store.ts'

export interface FollowedSchedules<Types extends JobTypes> {
  /** All of the user's, newest first; undefined until they are known. */
  schedules: readonly Schedule[] | undefined
  /** Why they are not known, or what was asked for last was not done. */
  error: unknown
  /** Whether something that was asked for here is under way. */
  isChanging: boolean
  createSchedule(request: ScheduleRequest<Types>): void
  /** Changes one, pauses it (`is_paused`) or lets it go on. */
  changeSchedule(id: string, changes: ScheduleChanges): void
  deleteSchedule(id: string): void
  /** Asks for its job now, which then is the active one of its type. */
  runSchedule(id: string): void
  /** Reads them anew: when they run, they change by themselves. */
  refresh(): void
}

export interface ScheduleHooks<Types extends JobTypes> {
  /** The user's schedules, read anew after each change that is made here. */
  useSchedules(): FollowedSchedules<Types>
}

const KEY = 'schedules'
const IDLE: Asked = { changes: 0, error: undefined }

export function scheduleHooks<Types extends JobTypes>(
  client: Connected<Types>,
  store: Store,
): ScheduleHooks<Types> {
  const methods = schedulesOf(client)
  const start = readAll(methods)
  const listen = (listener: () => void) => store.listen(KEY, start, listener)
  const get = () => store.get<readonly Schedule[]>(KEY)
  const refresh = () => store.restart(KEY, start)

  const useSchedules: ScheduleHooks<Types>['useSchedules'] = () => {
    const { value, error } = useSyncExternalStore<State<readonly Schedule[]>>(
      listen,
      get,
      () => NOTHING,
    )
    const [asked, begin] = useForgettable(store, IDLE)
    const change = useCallback(
      (asking: Promise<unknown>) => {
        const tell = begin()
        tell(({ changes }) => ({ changes: changes + 1, error: undefined }))
        const note = (refusal?: unknown) =>
          tell((before) => ({ changes: before.changes - 1, error: refusal ?? before.error })) &&
          refresh()
        asking.then(() => note(), note)
      },
      [begin],
    )
    const actions = useMemo(() => scheduleActions(methods, store, change), [change])
    return {
      ...actions,
      refresh,
      schedules: value,
      error: asked.error ?? error,
      isChanging: asked.changes > 0,
    }
  }

  return { useSchedules }
}

interface Asked {
  /** How many are under way. */
  changes: number
  error: unknown
}

function readAll<Types extends JobTypes>({
  listSchedules,
}: ScheduleMethods<Types>): Start<readonly Schedule[]> {
  return async (tell, signal) => {
    const all: Schedule[] = []
    for await (const page of listSchedules({ limit: 100 }, { signal })) {
      all.push(...page)
    }
    tell(all)
  }
}

function scheduleActions<Types extends JobTypes>(
  methods: ScheduleMethods<Types>,
  store: Store,
  change: (asking: Promise<unknown>) => void,
) {
  return {
    createSchedule: (request: ScheduleRequest<Types>) => change(methods.createSchedule(request)),
    changeSchedule: (id: string, changes: ScheduleChanges) =>
      change(methods.changeSchedule(id, changes)),
    deleteSchedule: (id: string) => change(methods.deleteSchedule(id)),
    runSchedule(id: string) {
      const unlessForgotten = store.mark()
      const asking = methods.runSchedule(id)
      change(asking.then((job) => unlessForgotten(() => store.tell(`active ${job.job_type}`, job))))
    },
  }
}

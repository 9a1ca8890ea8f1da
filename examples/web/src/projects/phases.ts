import type { ProjectDetails, ProjectTask } from '@supajobs/client'

type PhaseProgress = ProjectDetails['phases'][number]

/** The tasks below one heading of a plan, in their order. */
export interface Phase {
  key: string
  /** Of its file. */
  path: string
  /** Its headings, the outermost first. */
  names: readonly string[]
  /** Of all that is below the heading; undefined, where there is none. */
  percentage: number | undefined
  /** Each with how many others it is below. */
  tasks: { task: ProjectTask; depth: number }[]
}

const nameOf = (path: string, names: readonly string[]): string => JSON.stringify([path, ...names])

export function groupByPhase(
  tasks: readonly ProjectTask[],
  progress: readonly PhaseProgress[],
): Phase[] {
  const percentages = new Map(
    progress.map(({ path, names, percentage }) => [nameOf(path, names), percentage]),
  )
  const depths = new Map<string, number>()
  const phases = new Map<string, Phase>()
  for (const task of tasks) {
    const key = nameOf(task.path, task.phase)
    const phase = phases.get(key) ?? {
      key,
      path: task.path,
      names: task.phase,
      percentage: percentages.get(key),
      tasks: [],
    }
    // Of a task whose parent is not shown, the parent is none.
    const depth = task.parent_key === null ? 0 : (depths.get(task.parent_key) ?? -1) + 1
    depths.set(task.key, depth)
    phase.tasks.push({ task, depth })
    phases.set(key, phase)
  }
  return [...phases.values()]
}

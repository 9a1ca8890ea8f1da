import type { ProjectDetails, ProjectTask } from '@supajobs/client'
import { useState } from 'react'
import { Choices } from '../frame/Choices.tsx'
import { Drawing, Icon } from '../frame/Icon.tsx'
import { Empty, Failure, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { count, sayDay, today } from '../frame/words.ts'
import { groupByPhase, type Phase } from './phases.ts'
import { readTasks, type TaskState } from './stored.ts'
import { STATES, sayPercent } from './words.ts'

interface Props {
  project: ProjectDetails
  version: string | undefined
}

type Choice = TaskState | 'all'

const CHOICES: [Choice, string][] = [
  ['all', 'All'],
  ...(Object.entries(STATES) as [TaskState, string][]),
]
const MOST_OPEN = 200 // tasks; of a longer plan, each phase is opened by who wants to see it

/** The plan: how far it is in all, and task by task. */
export function Tasks({ project, version }: Props) {
  const [choice, setChoice] = useState<Choice>('all')
  const { id, plan_path: path, progress, phases } = project
  const {
    value: tasks,
    error,
    reload,
  } = useRemote((signal) => readTasks(id, signal), `tasks ${id}`, { version })
  if (!tasks) {
    return error ? <Failure error={error} onRetry={reload} /> : <Loading what="the tasks" />
  }
  if (!project.processed_at) {
    return (
      <Empty icon="plan" title="Not read yet">
        <p className="text-muted">A refresh reads the plan.</p>
      </Empty>
    )
  }
  if (!progress || tasks.length === 0) {
    return (
      <Empty icon="plan" title={progress ? `No tasks in ${path}` : `There is no ${path}`}>
        <p className="max-w-sm text-muted">
          A task is a list item that begins with a box: “- [ ] Choose a name”.
        </p>
        <Warnings project={project} />
      </Empty>
    )
  }
  const hasPaths = new Set(tasks.map(({ path: each }) => each)).size > 1
  const shown = tasks.filter(({ state }) => choice === 'all' || state === choice)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Overall progress={progress} />
      <Warnings project={project} />
      <Choices label="Show" name="state" choices={CHOICES} value={choice} onChoose={setChoice} />
      {shown.length === 0 && <p className="text-muted">None of these.</p>}
      {groupByPhase(shown, phases).map((phase) => (
        <PhaseCard
          key={phase.key}
          phase={phase}
          isOpen={tasks.length <= MOST_OPEN}
          hasPath={hasPaths}
        />
      ))}
    </div>
  )
}

function Overall({ progress }: { progress: NonNullable<ProjectDetails['progress']> }) {
  const counts = Object.entries(STATES).map(
    ([state, words]) => [words, progress.by_state[state] ?? 0] as const,
  )
  return (
    <section aria-label="In all" className="card grid gap-4 p-4 sm:p-6">
      <div className="flex items-center gap-4">
        <progress
          aria-label="Progress of the plan"
          max={100}
          value={progress.percentage}
          className="progress"
        />
        <p className="text-2xl font-semibold whitespace-nowrap tabular-nums">
          {sayPercent(progress.percentage)}
        </p>
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-2 text-sm">
        {counts.map(([words, many]) => (
          <div key={words} className="flex gap-2">
            <dt className="text-muted">{words}</dt>
            <dd className="font-medium tabular-nums">{many}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** That there is more below. */
function Opener() {
  return <Icon name="down" className="size-4 text-muted transition group-open:rotate-180" />
}

/** Of less than a day, in hours: a day has eight. */
function sayWeight(days: number): string {
  const round = (value: number) => Math.round(value * 10) / 10
  return days < 1 ? count(round(days * 8), 'hour') : count(round(days), 'day')
}

/** What could not be understood. */
function Warnings({ project: { progress, warnings } }: { project: ProjectDetails }) {
  return warnings.length === 0 ? null : (
    <details open={!progress} className="group card px-4 text-left text-sm sm:px-6">
      <summary className="flex min-h-11 items-center justify-between gap-4 font-medium text-busy">
        {count(warnings.length, 'warning')}
        <Opener />
      </summary>
      <ul className="grid gap-2 pb-4">
        {warnings.map(({ path, line, message }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike, and none moves
          <li key={place} className="text-foreign">
            <span className="text-muted tabular-nums">{line ? `${path}:${line}` : path}</span>{' '}
            {message}
          </li>
        ))}
      </ul>
    </details>
  )
}

interface PhaseProps {
  phase: Phase
  isOpen: boolean
  /** Whether there are several files. */
  hasPath: boolean
}

function PhaseCard({ phase, isOpen, hasPath }: PhaseProps) {
  const { names, path, percentage, tasks } = phase
  const above = [...(hasPath ? [path] : []), ...names.slice(0, -1)].join(' / ')
  const name = names.at(-1) ?? 'Without a heading'
  return (
    <details open={isOpen} className="group card">
      <summary className="grid min-h-14 gap-2 rounded-xl px-4 py-3 sm:px-6">
        <span className="flex items-baseline justify-between gap-4">
          <span className="min-w-0">
            {above && <span className="block text-foreign text-sm text-muted">{above}</span>}
            <span className="text-foreign font-semibold">{name}</span>{' '}
            <span className="text-sm whitespace-nowrap text-muted">
              {count(tasks.length, 'task')}
            </span>
          </span>
          <span className="flex shrink-0 items-center gap-3 text-sm font-medium whitespace-nowrap tabular-nums">
            {percentage !== undefined && sayPercent(percentage)}
            <Opener />
          </span>
        </span>
        {percentage !== undefined && (
          <progress
            aria-label={`Progress of ${name}`}
            max={100}
            value={percentage}
            className="progress"
          />
        )}
      </summary>
      <ul className="divide-y divide-line border-t border-line">
        {tasks.map(({ task, depth }) => (
          <Row key={task.key} task={task} depth={depth} />
        ))}
      </ul>
    </details>
  )
}

const BOX = 'M5 5h14v14H5Z'
const MARKS: Record<TaskState, string> = {
  open: BOX,
  doing: `${BOX}M8.500 12h7`,
  done: `${BOX}M8.500 12l2.500 2.500 4.500-5`,
  dropped: `${BOX}M9.500 9.500l5 5M14.500 9.500l-5 5`,
}
const LOOKS: Record<TaskState, string> = {
  open: 'text-muted',
  doing: 'text-busy',
  done: 'text-good',
  dropped: 'text-muted',
}
const DEEPEST = 6 // steps to the right, so that there is room for words

function Row({ task, depth }: { task: ProjectTask; depth: number }) {
  const { state, text, number } = task
  return (
    <li
      className="flex gap-3 px-4 py-2.5 text-sm sm:px-6"
      style={{ marginLeft: `${Math.min(depth, DEEPEST) * 1.25}rem` }}
    >
      <Drawing path={MARKS[state]} className={`size-5 ${LOOKS[state]}`} />
      <span className="min-w-0 grow">
        <span className="sr-only">{STATES[state]}: </span>
        <span className={`text-foreign ${state === 'dropped' ? 'text-muted line-through' : ''}`}>
          {number && `${number} `}
          {text}
        </span>
        <span className="flex flex-wrap gap-x-3 text-muted">
          <Due task={task} />
          {task.estimated && <span className="whitespace-nowrap">{sayWeight(task.weight)}</span>}
        </span>
      </span>
    </li>
  )
}

function Due({ task: { due, state } }: { task: ProjectTask }) {
  if (!due) {
    return null
  }
  const isLate = due < today() && (state === 'open' || state === 'doing')
  return (
    <span className={`whitespace-nowrap ${isLate ? 'font-medium text-bad' : ''}`}>
      {isLate ? 'was due' : 'due'} {sayDay(due)}
    </span>
  )
}

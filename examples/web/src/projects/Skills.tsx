import type { Project, ProjectSkills } from '@supajobs/client'
import { Empty, Failure, Loading } from '../frame/parts.tsx'
import { useRemote } from '../frame/remote.ts'
import { count, sayName, sayTime } from '../frame/words.ts'
import { methods } from './stored.ts'
import { sayPercent } from './words.ts'

type Skill = ProjectSkills['skills'][number]

const COLOURS = [2, 3, 4, 5, 6, 7].map((each) => `var(--effort-${each})`)
const OTHERS = 'var(--effort-1)'
const KINDS = ['framework', 'library', 'database', 'platform', 'tool']
const SURE = 0.75 // of 1; what is less is said to be likely

interface Props {
  project: Project
  version: string | undefined
}

/** The languages by their share of the code, and what is used with them. */
export function Skills({ project: { id }, version }: Props) {
  const { value, error, reload } = useRemote(
    (signal) => methods.getProjectSkills(id, { signal }),
    `skills ${id}`,
    { version },
  )
  if (!value) {
    return error ? <Failure error={error} onRetry={reload} /> : <Loading what="the skills" />
  }
  const { skills, extracted_at: at } = value
  if (skills.length === 0) {
    return (
      <Empty icon="flag" title={at ? 'None found' : 'Not read yet'}>
        <p className="max-w-sm text-muted">
          {at
            ? 'Languages are told by the names of files, tools by manifests such as package.json.'
            : 'A refresh looks through the code.'}
        </p>
      </Empty>
    )
  }
  const languages = skills.filter(({ kind }) => kind === 'language')
  const tools = skills.filter(({ kind }) => kind !== 'language')
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      {languages.length > 0 && <Languages languages={languages} />}
      {listKinds(tools).map((kind) => (
        <Tools key={kind} kind={kind} tools={tools.filter((tool) => tool.kind === kind)} />
      ))}
      {at && <p className="text-sm text-muted tabular-nums">As of {sayTime(at)}.</p>}
    </div>
  )
}

/** Those that there are; a newer server may know others. */
function listKinds(tools: readonly Skill[]): string[] {
  const there = new Set(tools.map(({ kind }) => kind))
  return [
    ...KINDS.filter((kind) => there.has(kind)),
    ...[...there].filter((kind) => !KINDS.includes(kind)),
  ]
}

function Languages({ languages }: { languages: readonly Skill[] }) {
  const colourOf = (place: number) => COLOURS[place] ?? OTHERS
  return (
    <section aria-labelledby="languages" className="card grid gap-4 p-4 sm:p-6">
      <h2 id="languages" className="text-lg font-semibold">
        Languages
      </h2>
      <div aria-hidden="true" className="flex h-4 gap-0.5 overflow-hidden rounded-full bg-sunken">
        {languages.map(({ name, share }, place) => (
          <span
            key={name}
            style={{ width: `${share ?? 0}%`, minWidth: '2px', background: colourOf(place) }}
          />
        ))}
      </div>
      <ul className="grid gap-x-8 gap-y-2 text-sm sm:grid-cols-2 lg:grid-cols-3">
        {languages.map(({ name, share, bytes }, place) => (
          <li key={name} className="flex items-center gap-3 tabular-nums">
            <span
              className="size-3 shrink-0 rounded-full"
              style={{ background: colourOf(place) }}
            />
            <span className="min-w-0 grow font-medium">{name}</span>
            <span className="text-muted">{sayBytes(bytes ?? 0)}</span>
            <span className="w-14 text-right">{sayPercent((share ?? 0).toFixed(1))}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Tools({ kind, tools }: { kind: string; tools: readonly Skill[] }) {
  return (
    <section aria-labelledby={kind} className="card p-4 sm:p-6">
      <h2 id={kind} className="mb-2 text-lg font-semibold">
        {sayKind(kind)}
      </h2>
      <ul className="divide-y divide-line text-sm">
        {tools.map((tool) => (
          <li key={tool.name} className="flex flex-wrap justify-between gap-x-6 py-2.5 last:pb-0">
            <span className="text-foreign">
              <span className="font-medium">{tool.name}</span>{' '}
              <span className="text-muted">
                {tool.versions.join(', ')}
                {tool.confidence < SURE && ' likely'}
              </span>
            </span>
            <span className="text-foreign text-muted">{sayEvidence(tool)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const sayKind = (kind: string): string => (kind === 'library' ? 'Libraries' : `${sayName(kind)}s`)

/** Where it is seen: the first place, and how many others there are. */
function sayEvidence({ evidence: [first, ...others] }: Skill): string {
  if (!first) {
    return ''
  }
  const place = first.line ? `${first.path}:${first.line}` : first.path
  return others.length ? `${place}, and ${count(others.length, 'other place')}` : place
}

function sayBytes(bytes: number): string {
  if (bytes < 1000) {
    return `${bytes} B`
  }
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1000)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}

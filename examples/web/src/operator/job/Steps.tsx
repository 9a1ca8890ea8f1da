import type { Step } from '../answers.ts'
import { sayDollars, sayShort } from '../figures.ts'
import { Ago } from '../parts/Facts.tsx'
import { type Column, Table } from '../parts/Table.tsx'

const COLUMNS: readonly [Column<Step>, ...Column<Step>[]] = [
  { name: 'Step', read: ({ name }) => <span className="break-all">{name}</span> },
  { name: 'Model', read: ({ model }) => model ?? '–' },
  { name: 'Tokens in', isNumber: true, read: (each) => tell(each.input_tokens) },
  { name: 'Tokens out', isNumber: true, read: (each) => tell(each.output_tokens) },
  { name: 'Cost', isNumber: true, read: (each) => sayDollars(each.cost_usd) },
  { name: 'Done', isNumber: true, read: (each) => <Ago at={each.saved_at} /> },
]

const tell = (tokens: number | null) => (tokens === null ? '–' : sayShort(tokens))

export function Steps({ steps }: { steps: readonly Step[] }) {
  return <Table label="Steps" columns={COLUMNS} rows={steps} keyOf={({ name }) => name} />
}

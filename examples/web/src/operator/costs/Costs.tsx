import { useState } from 'react'
import { Chart } from '../../frame/Chart.tsx'
import { Choices } from '../../frame/Choices.tsx'
import { Empty, Heading } from '../../frame/parts.tsx'
import { link } from '../../frame/router.ts'
import { choose, useQuery, write } from '../addresses.ts'
import type { Costs as Answer, Cost } from '../answers.ts'
import { sayCount, sayDollars, sayId, sayShort } from '../figures.ts'
import { Answered } from '../parts/Answered.tsx'
import { Fact, Facts } from '../parts/Facts.tsx'
import { Panel } from '../parts/Panel.tsx'
import { type Column, Table } from '../parts/Table.tsx'
import { usePolled } from '../polling.ts'

const SECONDS = 60
const DAY = 86_400_000

const SPANS = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
] as const

type Span = (typeof SPANS)[number][0]

/** What the models have cost. */
export default function Costs() {
  const { path, query } = useQuery()
  const asked = query.get('days')
  const days: Span = asked === '7' || asked === '90' ? asked : '30'
  const costs = usePolled<Answer>(`costs?days=${days}`, SECONDS)
  return (
    <>
      <Heading title="Costs" note="Of attempts that used a model. Days are UTC." />
      <div className="mb-6">
        <Choices
          label="How far back"
          name="days"
          choices={SPANS}
          value={days}
          onChoose={(chosen) => choose(path, { days: chosen })}
        />
      </div>
      <Answered polled={costs} what="the costs">
        {(value) =>
          value.by_model.length === 0 ? (
            <Empty icon="history" title="Nothing was spent">
              <p className="max-w-sm text-muted">
                No attempt of this time has told what it used: see <code>job.spend</code>.
              </p>
            </Empty>
          ) : (
            <Panels costs={value} at={costs.at} />
          )
        }
      </Answered>
    </>
  )
}

interface PanelsProps {
  costs: Answer
  /** When they came: the chart is drawn anew for others. */
  at: number | undefined
}

function Panels({ costs, at }: PanelsProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:gap-6">
      <Days key={at} costs={costs} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 sm:gap-6 lg:grid-cols-2">
        <Panel title="Models">
          <Table
            label="Models"
            columns={[{ name: 'Model', read: (each) => each.model ?? 'does not say' }, ...FIGURES]}
            rows={costs.by_model}
            keyOf={({ model }) => model ?? ''}
          />
        </Panel>
        <Panel title="Users" note="The twenty that cost the most.">
          <Table
            label="Users"
            columns={[{ name: 'User', read: (each) => <User id={each.user_id} /> }, ...FIGURES]}
            rows={costs.by_user}
            keyOf={({ user_id: id }) => id ?? ''}
          />
        </Panel>
      </div>
    </div>
  )
}

const FIGURES: readonly Column<Cost>[] = [
  { name: 'Tokens in', isNumber: true, read: (each) => sayShort(each.input_tokens) },
  { name: 'Tokens out', isNumber: true, read: (each) => sayShort(each.output_tokens) },
  { name: 'Cost', isNumber: true, read: (each) => sayDollars(each.cost_usd) },
]

function User({ id }: { id: string | null }) {
  return id ? (
    <a
      href={link(write('jobs', { user_id: id }))}
      className="underline decoration-line underline-offset-4 hover:decoration-current"
    >
      {sayId(id)}
    </a>
  ) : (
    'the system'
  )
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

function Days({ costs: { by_day: days, capped } }: { costs: Answer }) {
  const [pointed, point] = useState<number>()
  const shown = pointed === undefined ? undefined : days[pointed]
  const sum = (read: (cost: Cost) => number) => days.reduce((total, each) => total + read(each), 0)
  return (
    <Panel title="Days" note={capped && 'There was more than is counted: these are the latest.'}>
      <Facts columns="sm:grid-cols-4">
        <Fact name="In total">{sayDollars(sum((each) => each.cost_usd))}</Fact>
        <Fact name="Attempts">{sayCount(sum((each) => each.attempts))}</Fact>
        <Fact name="Tokens in">{sayShort(sum((each) => each.input_tokens))}</Fact>
        <Fact name="Tokens out">{sayShort(sum((each) => each.output_tokens))}</Fact>
      </Facts>
      <p aria-hidden="true" className="my-3 flex min-h-6 gap-x-3 text-sm tabular-nums">
        {shown && (
          <>
            <span className="text-muted">{day.format(new Date(shown.day))}</span>
            <span className="font-semibold">{sayDollars(shown.cost_usd)}</span>
          </>
        )}
      </p>
      <Chart
        label={`Dollars of each of ${days.length} days.`}
        numbers={days.map((each) => Date.parse(each.day) / DAY)}
        sayNumber={(number) => day.format(number * DAY)}
        steps={[1, 2, 7, 14, 28]}
        series={[{ name: 'USD', colour: '--effort-2', isBar: true }]}
        values={[days.map((each) => each.cost_usd)]}
        onPoint={point}
      />
    </Panel>
  )
}

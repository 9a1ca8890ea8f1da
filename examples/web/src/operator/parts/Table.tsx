import { type Key, type ReactNode, useSyncExternalStore } from 'react'

export interface Column<Row> {
  name: string
  read: (row: Row) => ReactNode
  isNumber?: boolean
  /** Buttons, which say themselves what they are. */
  isAction?: boolean
}

interface Props<Row> {
  /** What it is of. */
  label: string
  /** The first one is what a row is called. */
  columns: readonly [Column<Row>, ...Column<Row>[]]
  rows: readonly Row[]
  keyOf: (row: Row) => Key
  /** What a long list says of each where there is no room for a table. */
  brief?: (row: Row) => ReactNode
}

const wide = matchMedia('(min-width: 60rem)')

/** A table where there is room for it; elsewhere a list, in which each value has its name. */
export function Table<Row>(props: Props<Row>) {
  const isWide = useSyncExternalStore(listen, () => wide.matches)
  return isWide ? <Wide {...props} /> : <Narrow {...props} />
}

function listen(tell: () => void) {
  wide.addEventListener('change', tell)
  return () => wide.removeEventListener('change', tell)
}

function Wide<Row>({ label, columns, rows, keyOf }: Props<Row>) {
  return (
    <table aria-label={label} className="w-full text-sm tabular-nums">
      <thead className="text-muted">
        <tr className="border-b border-line">
          {columns.map(({ name, isNumber, isAction }) => (
            <th key={name} scope="col" className={`${CELL} font-medium ${align(isNumber)}`}>
              {isAction ? <span className="sr-only">{name}</span> : name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ name, read, isNumber }, place) => {
              const style = `${CELL} ${align(isNumber)}`
              return place === 0 ? (
                <th key={name} scope="row" className={`${style} font-medium`}>
                  {read(row)}
                </th>
              ) : (
                <td key={name} className={style}>
                  {read(row)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const CELL = 'px-3 py-2.5 first:pl-0 last:pr-0'

function align(isNumber = false): string {
  return isNumber ? 'text-right whitespace-nowrap' : 'text-left'
}

function Narrow<Row>({ label, columns, rows, keyOf, brief }: Props<Row>) {
  return (
    <ul aria-label={label} className="divide-y divide-line text-sm tabular-nums">
      {rows.map((row) => (
        <li key={keyOf(row)} className="py-4 first:pt-0 last:pb-0">
          {brief ? brief(row) : <Values columns={columns} row={row} />}
        </li>
      ))}
    </ul>
  )
}

function Values<Row>({ columns, row }: Pick<Props<Row>, 'columns'> & { row: Row }) {
  const [first, ...others] = columns
  return (
    <div className="grid gap-3">
      <div className="min-w-0 font-medium text-foreign">{first.read(row)}</div>
      <dl className="grid grid-cols-6 gap-x-4 gap-y-2 sm:grid-cols-12">
        {others
          .filter(({ isAction }) => !isAction)
          .map(({ name, read, isNumber }) => (
            <div key={name} className={`min-w-0 ${isNumber ? 'col-span-2' : 'col-span-3'}`}>
              <dt className="text-xs text-muted">{name}</dt>
              <dd className="text-foreign">{read(row)}</dd>
            </div>
          ))}
      </dl>
      {others
        .filter(({ isAction }) => isAction)
        .map(({ name, read }) => (
          <div key={name}>{read(row)}</div>
        ))}
    </div>
  )
}

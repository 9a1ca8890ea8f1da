import { type ReactNode, useId } from 'react'
import { Boundary } from '../../frame/Boundary.tsx'

interface Props {
  title: string
  note?: ReactNode
  /** What stands beside the title. */
  aside?: ReactNode
  children: ReactNode
}

/** A part of a view. If it breaks, the others stand. */
export function Panel({ title, note, aside, children }: Props) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="card min-w-0 p-4 sm:p-6">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 id={id} className="text-lg font-semibold">
            {title}
          </h2>
          {note && <p className="text-sm text-muted">{note}</p>}
        </div>
        {aside}
      </div>
      <Boundary isPart>{children}</Boundary>
    </section>
  )
}

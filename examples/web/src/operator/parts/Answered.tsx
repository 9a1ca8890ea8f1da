import { NoAnswerError } from '@supajobs/client'
import type { ReactNode } from 'react'
import { explain } from '../../frame/explain.ts'
import { Failure, Loading, Problem } from '../../frame/parts.tsx'
import { sayClock } from '../../frame/words.ts'
import type { Polled } from '../polling.ts'

interface Props<Answer> {
  polled: Polled<Answer>
  what: string
  children: (value: Answer) => ReactNode
}

/** What has been answered last; before that, that it is on its way, or why it does not come. */
export function Answered<Answer>({ polled, what, children }: Props<Answer>) {
  const { value, error, at, isCurrent, reload } = polled
  if (value === undefined) {
    return error ? <Failure error={error} onRetry={reload} /> : <Loading what={what} />
  }
  return (
    <div aria-busy={!isCurrent} className={isCurrent ? '' : 'opacity-60'}>
      {/* That nobody answers is said above all views. */}
      {Boolean(error) && !(error instanceof NoAnswerError) && at && (
        <Problem className="mb-4">
          Not renewed since {sayClock(at)}: {explain(error)}
        </Problem>
      )}
      {children(value)}
    </div>
  )
}

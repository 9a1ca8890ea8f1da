import { saySeconds } from '../frame/words.ts'
import { type CyclingBlock, type CyclingStep, effortOf } from './plan.ts'

const FTP = 100 // percent

interface Placed {
  step: CyclingStep
  from: number
}

/** The ride as one sees it on the bars: time to the right, power upwards. */
export function Intervals({ blocks }: { blocks: readonly CyclingBlock[] }) {
  const { steps, seconds } = writeOut(blocks)
  const ceiling = 1.1 * Math.max(FTP, ...steps.map(({ step }) => middle(step)))
  const right = (at: number) => `${(at / seconds) * 100}%`
  const up = (percent: number) => `${(percent / ceiling) * 100}%`
  return (
    <div
      role="img"
      aria-label={`Power over ${saySeconds(seconds)}, in ${steps.length} steps. They are listed below.`}
      className="text-xs text-muted tabular-nums"
    >
      <div className="relative h-36 border-b border-control sm:h-48">
        {steps.map(({ step, from }) => (
          <span
            key={from}
            className="absolute bottom-0 rounded-t-sm border-r border-surface"
            style={{
              left: right(from),
              width: right(step.duration_seconds),
              height: up(middle(step)),
              background: `var(--effort-${effortOf(step.zone)})`,
            }}
          />
        ))}
        <span
          className="absolute inset-x-0 border-t border-dashed border-ink text-ink"
          style={{ bottom: up(FTP) }}
        >
          <span className="absolute right-0 bottom-0.5">FTP</span>
        </span>
      </div>
      <div className="relative mt-1 h-4">
        {listTicks(seconds).map((at) => (
          <span
            key={at}
            className={`absolute whitespace-nowrap ${at ? '-translate-x-1/2' : ''}`}
            style={{ left: right(at) }}
          >
            {at === 0 ? '0' : `${at / 60} min`}
          </span>
        ))}
      </div>
    </div>
  )
}

const middle = (step: CyclingStep) => (step.percent_ftp_low + step.percent_ftp_high) / 2

function writeOut(blocks: readonly CyclingBlock[]): { steps: Placed[]; seconds: number } {
  const steps: Placed[] = []
  let seconds = 0
  for (const { repeats, steps: repeated } of blocks) {
    for (let turn = 0; turn < repeats; turn++) {
      for (const step of repeated) {
        steps.push({ step, from: seconds })
        seconds += step.duration_seconds
      }
    }
  }
  return { steps, seconds }
}

/** Every quarter, half or whole hour, so that there are a few. */
function listTicks(seconds: number): number[] {
  const minutes = [10, 15, 30, 60].find((each) => seconds / 60 / each <= 5) ?? 60
  const ticks = Array.from({ length: Math.ceil(seconds / 60 / minutes) }, (_, at) => at)
  return ticks.map((at) => at * minutes * 60).filter((at) => at < seconds * 0.93)
}

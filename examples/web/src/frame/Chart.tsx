import { useEffect, useRef } from 'react'
import './language.ts'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useShownTheme } from './theme.ts'

export interface Series {
  name: string
  /** The variable that has it. */
  colour: string
  isBar?: boolean
}

interface Props {
  label: string
  /** Along the bottom, each one more than the last: of the weeks, or of hours. */
  numbers: number[]
  /** What is written there, where it is not the number; and after how many. */
  sayNumber?: (number: number) => string
  steps?: number[]
  /** From where to where the values go, where that is known. */
  range?: [low: number, high: number]
  /** Whether there is nothing between the values, as between 1 and 2 jobs. */
  isWhole?: boolean
  series: readonly Series[]
  /** For each series, for each number; null: there is none. */
  values: (number | null)[][]
  /** Tells which one is pointed at, by its place. */
  onPoint: (index: number | undefined) => void
}

const HEIGHT = 240
const WHOLE = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((by) => by * 10 ** power),
).flat()
const MOST_POINTS = 50 // with more, the line is enough

/** uPlot, in the colours of the page, as wide as there is room. */
export function Chart({ label, values, ...shown }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useShownTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown never changes; the theme does
  useEffect(() => {
    const element = place.current
    if (!element) {
      return undefined
    }
    const options = describe(element.clientWidth, shown)
    const chart = new uPlot(options, [shown.numbers, ...values], element)
    const watcher = new ResizeObserver(() =>
      chart.setSize({ width: element.clientWidth, height: HEIGHT }),
    )
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      chart.destroy()
    }
  }, [theme])
  return <div ref={place} role="img" aria-label={label} className="min-w-0 overflow-hidden" />
}

function describe(
  width: number,
  {
    numbers,
    sayNumber = String,
    steps = [1, 2, 4],
    isWhole = false,
    range,
    series,
    onPoint,
  }: Omit<Props, 'label' | 'values'>,
): uPlot.Options {
  const styles = getComputedStyle(document.documentElement)
  const colour = (name: string) => styles.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  }
  const bars = uPlot.paths.bars?.({ size: [0.7, 48], radius: 0.15 })
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false } },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: [(numbers[0] ?? 0) - 0.6, (numbers.at(-1) ?? 0) + 0.6] },
      // Bars stand on nothing less than nothing.
      ...(series.some(({ isBar }) => isBar) && {
        y: { range: (_chart, _low, high) => [0, high * 1.1 || 1] },
      }),
      ...(range && { y: { range } }),
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: steps,
        size: 28,
        values: (_chart, at) => at.map(sayNumber),
      },
      { ...axis, size: 40, ...(isWhole && { incrs: WHOLE }) },
    ],
    series: [
      {},
      ...series.map(({ name, colour: variable, isBar }) => ({
        label: name,
        stroke: colour(variable),
        width: isBar ? 0 : 2.5,
        points: {
          show: !isBar && numbers.length < MOST_POINTS,
          size: 6,
          fill: colour(variable),
          filter: (chart: uPlot, place: number, show: boolean) =>
            show || isBar ? null : listAlone(chart.data[place]),
        },
        ...(isBar && bars ? { fill: colour(variable), paths: bars } : {}),
      })),
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? undefined)] },
  }
}

/** Where a value is to which no line leads. */
function listAlone(values: ArrayLike<number | null | undefined> = []): number[] {
  const isThere = (place: number) => (values[place] ?? null) !== null
  return Array.from(values, (_, place) => place).filter(
    (place) => isThere(place) && !isThere(place - 1) && !isThere(place + 1),
  )
}

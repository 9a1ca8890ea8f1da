import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useShownTheme } from '../frame/theme.ts'

export interface Series {
  name: string
  /** The variable that has it. */
  colour: string
  isBar?: boolean
}

interface Props {
  label: string
  /** Along the bottom: of the weeks. */
  numbers: number[]
  series: readonly Series[]
  /** For each series, for each week. */
  values: number[][]
  /** Tells which week is pointed at. */
  onPoint: (index: number | undefined) => void
}

const HEIGHT = 240

/** uPlot, in the colours of the page, as wide as there is room. */
export function Chart({ label, numbers, series, values, onPoint }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useShownTheme()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plan never changes; the theme does
  useEffect(() => {
    const element = place.current
    if (!element) {
      return undefined
    }
    const options = describe(element.clientWidth, series, numbers.length, onPoint)
    const chart = new uPlot(options, [numbers, ...values], element)
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
  series: readonly Series[],
  count: number,
  onPoint: Props['onPoint'],
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
      x: { time: false, range: [0.4, count + 0.6] },
      // Bars stand on nothing less than nothing.
      ...(series.some(({ isBar }) => isBar) && {
        y: { range: (_chart, _low, high) => [0, high * 1.1] },
      }),
    },
    axes: [
      { ...axis, grid: { show: false }, incrs: [1, 2, 4], size: 28 },
      { ...axis, size: 40 },
    ],
    series: [
      {},
      ...series.map(({ name, colour: variable, isBar }) => ({
        label: name,
        stroke: colour(variable),
        width: isBar ? 0 : 2.5,
        points: { show: !isBar, size: 6, fill: colour(variable) },
        ...(isBar && bars ? { fill: colour(variable), paths: bars } : {}),
      })),
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? undefined)] },
  }
}

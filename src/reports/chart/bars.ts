import type { Chart } from '../model.ts'
import { unknownMark } from '../model.ts'
import { chartWidth, cut, fillOf, fixed, fontSize, label, ticksTo, widthOf } from './frame.ts'
import { legend, legendHeight, valueLabel } from './legend.ts'

/** Bars lie down: Chinese names stand beside them and are read without turning one's head. */

const barHeight = 16
const gap = 12
const longestName = 200
const foot = 30

const frameOf = (chart: Chart) => {
  const largest = Math.max(0, ...chart.series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  const ticks = ticksTo(largest)
  const left = Math.min(longestName, Math.max(...chart.categories.map(widthOf), 0)) + 12
  const right =
    chartWidth -
    Math.max(
      ...chart.series.flatMap(({ values }) => values.map((value) => widthOf(valueLabel(chart, value)))),
    ) -
    12
  const top = ticks.at(-1) ?? 1
  return { ticks, left, right, scale: (value: number) => (value / top) * (right - left) }
}

const group = (chart: Chart, category: number, { left, scale }: ReturnType<typeof frameOf>, y: number) =>
  chart.series.map(({ values }, series) => {
    const value = values[category]
    const at = y + series * barHeight
    const width = scale(value ?? 0)
    const text = value === undefined ? unknownMark : valueLabel(chart, value)
    const bar = `<rect x="${fixed(left)}" y="${fixed(at + 1)}" width="${fixed(width)}" height="${barHeight - 2}" fill="${fillOf(series)}" stroke="#333"/>`
    return `${value === undefined ? '' : bar}${label(text, { x: left + width + 5, y: at + barHeight - 3 })}`
  })

/** Height in pixels and the parts of a drawing. */
export const bars = (chart: Chart): { readonly height: number; readonly parts: readonly string[] } => {
  const frame = frameOf(chart)
  const band = chart.series.length * barHeight + gap
  const bottom = legendHeight + chart.categories.length * band
  const grid = frame.ticks.map((tick) => {
    const x = fixed(frame.left + frame.scale(tick))
    return `<line x1="${x}" y1="${legendHeight}" x2="${x}" y2="${bottom}" stroke="#ccc"/>${label(valueLabel(chart, tick), { x: Number(x), y: bottom + fontSize + 4, anchor: 'middle' })}`
  })
  const groups = chart.categories.flatMap((name, category) => {
    const y = legendHeight + category * band + gap / 2
    const middle = y + (chart.series.length * barHeight + fontSize) / 2 - 2
    return [
      label(cut(name, longestName), { x: frame.left - 8, y: middle, anchor: 'end' }),
      ...group(chart, category, frame, y),
    ]
  })
  const axis = `<line x1="${fixed(frame.left)}" y1="${legendHeight}" x2="${fixed(frame.left)}" y2="${bottom}" stroke="#333"/>`
  return { height: bottom + foot, parts: [...grid, ...groups, axis, ...legend(chart)] }
}

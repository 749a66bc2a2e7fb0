import type { Chart } from '../model.ts'
import { chartWidth, fixed, fontSize, label, ticksTo, widthOf } from './frame.ts'
import { legend, legendHeight, marker, stroke, valueLabel } from './legend.ts'

const plotHeight = 240
const foot = 34
const top = legendHeight + 12
const bottom = top + plotHeight

interface Frame {
  readonly x: (category: number) => number
  readonly y: (value: number) => number
}

/** A gap in the values is a gap in the line. */
const lineOf = (values: Chart['series'][number]['values'], { x, y }: Frame): string => {
  let isOpen = false
  return values
    .map((value, category) => {
      if (value === undefined) {
        isOpen = false
        return ''
      }
      const step = `${isOpen ? 'L' : 'M'}${fixed(x(category))} ${fixed(y(value))}`
      isOpen = true
      return step
    })
    .join('')
}

const drawSeries = (chart: Chart, series: number, frame: Frame): string => {
  const values = chart.series[series]?.values ?? []
  const marks = values.map((value, category) =>
    value === undefined ? '' : marker(series, frame.x(category), frame.y(value)),
  )
  const last = values.findLastIndex((value) => value !== undefined)
  const value = values[last]
  const end =
    value === undefined
      ? ''
      : label(valueLabel(chart, value), { x: frame.x(last) + 8, y: frame.y(value) + fontSize / 3 })
  return `<path d="${lineOf(values, frame)}" ${stroke(series)}/>${marks.join('')}${end}`
}

/** As many names below the axis as find room; the last always. */
const names = ({ categories }: Chart, { x }: Frame): readonly string[] => {
  const widest = Math.max(...categories.map(widthOf), 1) + 10
  const room = categories.length > 1 ? x(1) - x(0) : chartWidth
  const every = Math.max(1, Math.ceil(widest / room))
  const last = categories.length - 1
  return categories.map((name, at) =>
    (last - at) % every === 0 ? label(name, { x: x(at), y: bottom + fontSize + 8, anchor: 'middle' }) : '',
  )
}

/** Height in pixels and the parts of a drawing. */
export const lines = (chart: Chart): { readonly height: number; readonly parts: readonly string[] } => {
  const all = chart.series.flatMap(({ values }) => values.filter((value) => value !== undefined))
  const ticks = ticksTo(Math.max(0, ...all))
  const highest = ticks.at(-1) ?? 1
  const left = Math.max(...ticks.map((tick) => widthOf(valueLabel(chart, tick)))) + 30
  const right = chartWidth - 60
  const step = (right - left) / Math.max(1, chart.categories.length - 1)
  const frame: Frame = {
    x: (category) => left + category * step,
    y: (value) => bottom - (value / highest) * plotHeight,
  }
  const grid = ticks.map((tick) => {
    const y = frame.y(tick)
    return `<line x1="${fixed(left)}" y1="${fixed(y)}" x2="${fixed(right)}" y2="${fixed(y)}" stroke="#ccc"/>${label(valueLabel(chart, tick), { x: left - 14, y: y + fontSize / 3, anchor: 'end' })}`
  })
  const drawn = chart.series.map((_, series) => drawSeries(chart, series, frame))
  return { height: bottom + foot, parts: [...grid, ...names(chart, frame), ...drawn, ...legend(chart)] }
}

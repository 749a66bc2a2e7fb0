import type { Chart } from '../model.ts'
import { dashes, fillOf, fixed, label, widthOf } from './frame.ts'

export const legendHeight = 34
const swatch = 26

export const valueLabel = ({ unit }: Chart, value: number | undefined): string => {
  if (value === undefined) return ''
  return unit === '%' ? `${Number(value.toFixed(1))}%` : String(Number(value.toFixed(1)))
}

/** A mark of one series at a point of a line: full, hollow, square, triangle. */
export const marker = (series: number, x: number, y: number): string => {
  const [left, top] = [fixed(x), fixed(y)]
  switch (series % dashes.length) {
    case 0:
      return `<circle cx="${left}" cy="${top}" r="4" fill="#333"/>`
    case 1:
      return `<circle cx="${left}" cy="${top}" r="4" fill="#fff" stroke="#333" stroke-width="1.5"/>`
    case 2:
      return `<rect x="${fixed(x - 4)}" y="${fixed(y - 4)}" width="8" height="8" fill="#333"/>`
    default:
      return `<path d="M${left} ${fixed(y - 5)}l5 9h-10z" fill="#fff" stroke="#333" stroke-width="1.5"/>`
  }
}

export const stroke = (series: number): string =>
  `stroke="#333" stroke-width="1.8" stroke-dasharray="${dashes[series % dashes.length] ?? ''}" fill="none"`

const sample = ({ shape }: Chart, series: number, x: number): string =>
  shape === 'bars'
    ? `<rect x="${fixed(x)}" y="9" width="${swatch}" height="13" fill="${fillOf(series)}" stroke="#333"/>`
    : `<path d="M${fixed(x)} 15.5h${swatch}" ${stroke(series)}/>${marker(series, x + swatch / 2, 15.5)}`

export const legend = (chart: Chart): readonly string[] => {
  let x = 4
  const entries = chart.series.map(({ name }, series) => {
    const entry = `${sample(chart, series, x)}${label(name, { x: x + swatch + 6, y: 21 })}`
    x += swatch + 6 + widthOf(name) + 22
    return entry
  })
  return [...entries, label(`单位：${chart.unit}`, { x: 776, y: 21, anchor: 'end' })]
}

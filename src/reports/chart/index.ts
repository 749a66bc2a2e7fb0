import type { Chart } from '../model.ts'
import { bars } from './bars.ts'
import { drawing } from './frame.ts'
import { lines } from './lines.ts'

/** A chart as SVG, in black and white: fills, dashes and marks tell its series apart, and numbers stand beside them. */
export const chartSvg = (chart: Chart): string => {
  const { height, parts } = (chart.shape === 'bars' ? bars : lines)(chart)
  return drawing(height, chart.caption, parts)
}

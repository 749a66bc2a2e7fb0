import { createRequire } from 'node:module'
import path from 'node:path'
import type { Chart } from '../model.ts'
import { chartFont } from './frame.ts'
import { chartSvg } from './index.ts'

export interface Picture {
  readonly png: Uint8Array
  /** In pixels. */
  readonly width: number
  readonly height: number
}

/** Of a chart that is 156 mm wide on paper: 254 dots an inch. */
const pictureWidth = 1560

const fontPackage = createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')
const fontFile = path.join(path.dirname(fontPackage), '../fonts/NotoSansHans-Regular.otf')

/** A chart as PNG, drawn with the font that is shipped and no other, so that every machine draws the same. */
export const chartPicture = async (chart: Chart): Promise<Picture> => {
  const { Resvg } = await import('@resvg/resvg-js')
  const drawn = new Resvg(chartSvg(chart), {
    fitTo: { mode: 'width', value: pictureWidth },
    font: { fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: chartFont },
  }).render()
  return { png: drawn.asPng(), width: drawn.width, height: drawn.height }
}

import stringWidth from 'string-width'

/** What both shapes of chart share: sizes, scales, fills that black and white keep apart, SVG text. */

/** Widths and heights of charts are in pixels of a drawing that is 156 mm wide. */
export const chartWidth = 780
export const fontSize = 14
/** The font that is drawn with, wherever pictures are made; browsers have their own in its place. */
export const chartFont = 'Noto Sans S Chinese'
const families = `'${chartFont}','Noto Sans CJK SC','Microsoft YaHei','SimHei',sans-serif`

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export interface Place {
  readonly x: number
  readonly y: number
  readonly anchor?: 'start' | 'middle' | 'end'
}

/** Fixed to a hundredth of a pixel, so that a number has one spelling. */
export const fixed = (value: number): string => String(Number(value.toFixed(2)))

export const label = (text: string, { x, y, anchor = 'start' }: Place): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${escapeXml(text)}</text>`

/** Width in pixels, near enough: a Chinese character is one em, a Latin one half of it. */
export const widthOf = (text: string): number => (stringWidth(text) * fontSize) / 2

/** Cut to a width, with an ellipsis. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (widthOf(`${kept}${character}…`) > width) break
    kept += character
  }
  return `${kept}…`
}

const steps = [1, 2, 2.5, 5, 10] as const
const wantedTicks = 5

/** Round numbers from 0 to at least the largest value. */
export const ticksTo = (largest: number): readonly number[] => {
  const top = largest > 0 ? largest : 1
  const magnitude = 10 ** Math.floor(Math.log10(top / wantedTicks))
  const step = (steps.find((each) => each * magnitude * wantedTicks >= top) ?? 10) * magnitude
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, at) => Number((at * step).toPrecision(12)))
}

/** Fills by series: black, white with a border, hatched, dotted. Past those they begin again. */
export const fills = ['#333', '#fff', 'url(#hatch)', 'url(#dots)'] as const
export const dashes = ['', '8 4', '2 3', '8 3 2 3'] as const
export const fillOf = (series: number): string => fills[series % fills.length] ?? '#333'

const patterns =
  '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="6" height="6" fill="#fff"/><rect width="2" height="6" fill="#333"/></pattern>' +
  '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#fff"/>' +
  '<circle cx="3" cy="3" r="1.4" fill="#333"/></pattern></defs>'

export const drawing = (height: number, title: string, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chartWidth} ${fixed(height)}" width="${chartWidth}" height="${fixed(height)}" role="img" aria-label="${escapeXml(title)}" font-family="${families}" font-size="${fontSize}" fill="#000">` +
  `${patterns}<rect width="${chartWidth}" height="${fixed(height)}" fill="#fff"/>${parts.join('')}</svg>`

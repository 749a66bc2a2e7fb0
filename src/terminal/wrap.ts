import stringWidth from 'string-width'
import { printable } from './table.ts'

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/** A text in lines of at most `width` cells, each behind `indent`; breaks anywhere, as Chinese does. */
export const wrap = (text: string, width: number, indent = ''): readonly string[] =>
  text.split(/\r\n?|\n/u).flatMap((paragraph) => {
    const lines: string[] = []
    let line = indent
    for (const { segment } of graphemes.segment(printable(paragraph))) {
      if (stringWidth(line + segment) > width && line !== indent) {
        lines.push(line)
        line = indent
      }
      line += segment
    }
    return [...lines, line]
  })

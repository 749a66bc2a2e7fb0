import stringWidth from 'string-width'
import { printable } from './printable.ts'

const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' })

/** Where a line may end: anywhere, as Chinese does, but not within a word or a number that fits in one line. */
const pieces = (text: string, most: number): readonly string[] =>
  text
    .split(/([!-~]+)/u)
    .flatMap((part) =>
      /^[!-~]/u.test(part) && part.length <= most
        ? [part]
        : Array.from(graphemes.segment(part), ({ segment }) => segment),
    )

/** A text in lines of at most `width` cells, each behind `indent`. */
export const wrap = (text: string, width: number, indent = ''): readonly string[] =>
  text.split(/\r\n?|\n/u).flatMap((paragraph) => {
    const lines: string[] = []
    let line = indent
    for (const piece of pieces(printable(paragraph), width - stringWidth(indent))) {
      if (stringWidth(line + piece) > width && line !== indent) {
        lines.push(line)
        line = indent
      }
      line += piece
    }
    return [...lines, line]
  })

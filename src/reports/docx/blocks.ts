import {
  AlignmentType,
  BorderStyle,
  type FileChild,
  HeadingLevel,
  ImageRun,
  LineRuleType,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  VerticalAlignTable,
  WidthType,
} from 'docx'
import { chartPicture } from '../chart/picture.ts'
import {
  type Block,
  type Chart,
  type Column,
  type Heading,
  isLightWord,
  lightColours,
  type Table as ReportTable,
  type Value,
} from '../model.ts'
import { valueText } from '../text.ts'
import { body, bodyParagraph, bodyRun, fonts, indent, size } from './layout.ts'

/** Each block of a report in Word's terms. */

export const bodyText = (text: string, more: { readonly keepNext?: boolean } = {}): Paragraph =>
  new Paragraph({ ...bodyParagraph, ...more, indent, children: [new TextRun({ ...bodyRun, text })] })

const headings = {
  1: { heading: HeadingLevel.HEADING_1, font: fonts.first },
  2: { heading: HeadingLevel.HEADING_2, font: fonts.second },
  3: { heading: HeadingLevel.HEADING_3, font: fonts.body },
  4: { heading: HeadingLevel.HEADING_4, font: fonts.body },
} as const

const headingParagraph = ({ level, text }: Heading): Paragraph => {
  const { heading, font } = headings[level]
  return new Paragraph({
    ...bodyParagraph,
    heading,
    indent,
    keepNext: true,
    children: [new TextRun({ ...bodyRun, font, text })],
  })
}

const small = { size: size.fifth, font: fonts.body } as const
const tight = { before: 40, after: 40, line: 300, lineRule: LineRuleType.EXACT } as const

const caption = (text: string): Paragraph =>
  new Paragraph({
    alignment: AlignmentType.CENTER,
    spacing: { ...tight, before: 120 },
    keepNext: true,
    children: [new TextRun({ ...small, font: fonts.first, text })],
  })

export const note = (text: string): Paragraph =>
  new Paragraph({ spacing: tight, children: [new TextRun({ ...small, text })] })

const alignmentOf = ({ format }: Column) =>
  format === 'text' ? AlignmentType.LEFT : format === 'light' ? AlignmentType.CENTER : AlignmentType.RIGHT

const shadingOf = ({ format }: Column, value: Value) =>
  format === 'light' && isLightWord(value)
    ? { shading: { type: ShadingType.CLEAR, color: 'auto', fill: lightColours[value] } }
    : {}

const cellMargins = { left: 70, right: 70, top: 0, bottom: 0 } as const

interface CellText {
  readonly text: string
  readonly width: number
  readonly alignment: (typeof AlignmentType)[keyof typeof AlignmentType]
  readonly run: typeof small | { readonly size: number; readonly font: typeof fonts.first }
}

const cell = (
  { text, width, alignment, run }: CellText,
  look: ReturnType<typeof shadingOf> = {},
): TableCell =>
  new TableCell({
    ...look,
    width: { size: width, type: WidthType.DXA },
    margins: cellMargins,
    verticalAlign: VerticalAlignTable.CENTER,
    children: [new Paragraph({ spacing: tight, alignment, children: [new TextRun({ ...run, text })] })],
  })

/** Shares of the width, in whole twips. */
const widthsOf = (columns: readonly Column[], whole: number): readonly number[] => {
  const total = columns.reduce((sum, { width = 1 }) => sum + width, 0)
  return columns.map(({ width = 1 }) => Math.floor((whole * width) / total))
}

const headRow = (columns: readonly Column[], widths: readonly number[]): TableRow =>
  new TableRow({
    tableHeader: true,
    cantSplit: true,
    children: columns.map(({ title }, at) =>
      cell({
        text: title,
        width: widths[at] ?? 0,
        alignment: AlignmentType.CENTER,
        run: { size: size.fifth, font: fonts.first },
      }),
    ),
  })

const bodyRow = (columns: readonly Column[], widths: readonly number[], values: readonly Value[]): TableRow =>
  new TableRow({
    cantSplit: true,
    children: columns.map((column, at) =>
      cell(
        {
          text: valueText(column.format, values[at]),
          width: widths[at] ?? 0,
          alignment: alignmentOf(column),
          run: small,
        },
        shadingOf(column, values[at]),
      ),
    ),
  })

const line = { style: BorderStyle.SINGLE, size: 4, color: '000000' } as const

const tableBlocks = (
  { caption: title, columns, rows, note: remark }: ReportTable,
  width: number,
): readonly FileChild[] => {
  const widths = widthsOf(columns, width)
  return [
    caption(title),
    new Table({
      layout: TableLayoutType.FIXED,
      width: { size: width, type: WidthType.DXA },
      columnWidths: widths,
      borders: {
        top: line,
        bottom: line,
        left: line,
        right: line,
        insideHorizontal: line,
        insideVertical: line,
      },
      rows: [headRow(columns, widths), ...rows.map((values) => bodyRow(columns, widths, values))],
    }),
    note(remark ?? ''),
  ]
}

/** What a caption leaves of a page's height, at 96 dots an inch. */
const roomHeight = 780
const twipsPerDot = 1440 / 96

const chartBlocks = async (chart: Chart, id: number, room: number): Promise<readonly FileChild[]> => {
  const { png, width, height } = await chartPicture(chart)
  const scale = Math.min(Math.floor(room / twipsPerDot) / width, roomHeight / height)
  const transformation = { width: Math.floor(width * scale), height: Math.floor(height * scale) }
  // Without an id, the library counts through all documents of a process.
  const altText = { id: String(id), name: chart.caption, title: chart.caption, description: chart.caption }
  return [
    caption(chart.caption),
    new Paragraph({
      alignment: AlignmentType.CENTER,
      spacing: { after: 120 },
      children: [new ImageRun({ type: 'png', data: png, transformation, altText })],
    }),
  ]
}

/** `id` is the block's own number in the document, from 1; `width` that of the text, in twips. */
export const docxBlocks = (
  block: Block,
  id: number,
  width: number = body.width,
): readonly FileChild[] | Promise<readonly FileChild[]> => {
  switch (block.kind) {
    case 'heading':
      return [headingParagraph(block)]
    case 'paragraph':
      return [bodyText(block.text)]
    case 'table':
      return tableBlocks(block, width)
    case 'chart':
      return chartBlocks(block, id, width)
  }
}

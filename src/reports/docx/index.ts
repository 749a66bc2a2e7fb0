import {
  AlignmentType,
  BorderStyle,
  Document,
  type FileChild,
  Footer,
  Packer,
  PageNumber,
  Paragraph,
  TextRun,
} from 'docx'
import type { Block, Report } from '../model.ts'
import { basisLines, chineseDay, correctionText, numbered, numberLine } from '../text.ts'
import { bodyText, docxBlocks, note } from './blocks.ts'
import { bodyParagraph, bodyRun, dateIndent, fonts, footerDistance, margin, page, size } from './layout.ts'
import { stable } from './stable.ts'

const centred = { ...bodyParagraph, alignment: AlignmentType.CENTER } as const
const red = 'C00000'

/** Headings of 公文 are told apart by their fonts alone. */
const plainHeading = { run: { bold: false, italics: false, color: '000000' } } as const

const emptyLine = (): Paragraph => new Paragraph({ ...bodyParagraph })

/** 发文机关标志, 期号 and the rule below them. */
const masthead = ({ organ, number }: Record<'organ' | 'number', string>): readonly Paragraph[] => [
  new Paragraph({
    ...centred,
    children: [new TextRun({ text: organ, font: fonts.title, size: size.second, color: red })],
  }),
  new Paragraph({
    ...centred,
    border: { bottom: { style: BorderStyle.SINGLE, size: 12, color: red, space: 1 } },
    children: [new TextRun({ ...bodyRun, text: number })],
  }),
  emptyLine(),
]

const title = ({ title: lines }: { readonly title: string }): readonly Paragraph[] => [
  ...lines.split('\n').map(
    (text) =>
      new Paragraph({
        ...centred,
        children: [new TextRun({ text, font: fonts.title, size: size.second })],
      }),
  ),
  emptyLine(),
]

/** Who signs, and the day; the date ends four characters before the edge. */
const signature = ({ organ, date }: Record<'organ' | 'date', string>): readonly Paragraph[] => [
  emptyLine(),
  ...[organ, date].map(
    (text) =>
      new Paragraph({
        ...bodyParagraph,
        alignment: AlignmentType.RIGHT,
        indent: dateIndent,
        keepNext: true,
        children: [new TextRun({ ...bodyRun, text })],
      }),
  ),
]

/** 4号, odd pages right and even pages left, one character from the edge. */
const pageNumber = (side: 'left' | 'right'): Footer =>
  new Footer({
    children: [
      new Paragraph({
        alignment: side === 'left' ? AlignmentType.LEFT : AlignmentType.RIGHT,
        indent: { [side]: (size.fourth / 2) * 20 },
        spacing: { before: 0, after: 0 },
        children: [
          new TextRun({ size: size.fourth, font: fonts.number, children: ['— ', PageNumber.CURRENT, ' —'] }),
        ],
      }),
    ],
  })

const childrenOf = async (report: Report): Promise<FileChild[]> => {
  const { organ, issuedOn } = report
  const correction = correctionText(report)
  const blocks = await Promise.all(
    numbered(report.blocks).map(async (block, at) => docxBlocks(block, at + 1)),
  )
  return [
    ...masthead({ organ, number: numberLine(report) }),
    ...title(report),
    ...(correction === undefined ? [] : [bodyText(correction)]),
    ...blocks.flat(),
    ...(issuedOn === undefined ? [] : signature({ organ, date: chineseDay(issuedOn) })),
    emptyLine(),
    ...basisLines(report).map(note),
  ]
}

interface Properties {
  readonly title: string
  readonly organ: string
  readonly description: string
}

/** A document in the layout of GB/T 9704-2012. `at`: the time that its properties say. */
const official = async (
  { title: name, organ, description }: Properties,
  children: readonly FileChild[],
  at: string,
): Promise<Uint8Array> => {
  const document = new Document({
    title: name,
    creator: organ,
    lastModifiedBy: organ,
    description,
    evenAndOddHeaderAndFooters: true,
    styles: {
      default: {
        document: { run: bodyRun },
        heading1: plainHeading,
        heading2: plainHeading,
        heading3: plainHeading,
        heading4: plainHeading,
      },
    },
    sections: [
      {
        properties: {
          page: {
            size: page,
            margin: { ...margin, header: footerDistance, footer: footerDistance, gutter: 0 },
          },
        },
        footers: { default: pageNumber('right'), even: pageNumber('left') },
        children,
      },
    ],
  })
  return stable(await Packer.toBuffer(document), at)
}

/** Word, in the layout of GB/T 9704-2012. The same report gives the same bytes. */
export const renderDocx = async (report: Report): Promise<Uint8Array> => {
  const { title: lines, organ, number, period, basis } = report
  const properties = {
    title: lines.replaceAll('\n', ''),
    organ,
    description: `${number} ${period.name}`,
  }
  return official(properties, await childrenOf(report), basis.evidenceCutoff)
}

const exampleLines: readonly Block[] = [
  { kind: 'heading', level: 1, text: '一、总体情况' },
  { kind: 'paragraph', text: '{{headline}}' },
  { kind: 'paragraph', text: '{{table:goals}}' },
  { kind: 'heading', level: 1, text: '二、上报与核验' },
  { kind: 'paragraph', text: '{{section:claims}}' },
  { kind: 'heading', level: 1, text: '三、县区情况' },
  { kind: 'paragraph', text: '{{table:counties}}' },
  { kind: 'paragraph', text: '{{chart:counties}}' },
  { kind: 'heading', level: 1, text: '四、系统迁移' },
  { kind: 'paragraph', text: '{{table:funnel}}' },
  { kind: 'heading', level: 1, text: '五、网络安全' },
  { kind: 'paragraph', text: '{{section:security}}' },
  { kind: 'heading', level: 1, text: '六、到期事项' },
  { kind: 'paragraph', text: '{{table:deadlines}}' },
]

/** A template to start from. */
export const exampleTemplate = async (): Promise<Uint8Array> => {
  const lines = { organ: '{{organ}}', number: '{{number}}', title: '{{title}}' }
  const blocks = await Promise.all(exampleLines.map(async (block, at) => docxBlocks(block, at + 1)))
  const children = [
    ...masthead(lines),
    ...title(lines),
    bodyText('统计期：{{from}}至{{to}}。'),
    ...blocks.flat(),
    ...signature({ organ: '{{organ}}', date: '{{issued}}' }),
    emptyLine(),
    note('{{basis}}'),
  ]
  return official({ title: '通报模板', organ: '', description: '' }, children, '2018-01-01T00:00:00Z')
}

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
import type { Report } from '../model.ts'
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
const masthead = (report: Report): readonly Paragraph[] => [
  new Paragraph({
    ...centred,
    children: [new TextRun({ text: report.organ, font: fonts.title, size: size.second, color: red })],
  }),
  new Paragraph({
    ...centred,
    border: { bottom: { style: BorderStyle.SINGLE, size: 12, color: red, space: 1 } },
    children: [new TextRun({ ...bodyRun, text: numberLine(report) })],
  }),
  emptyLine(),
]

const title = (report: Report): readonly Paragraph[] => [
  ...report.title.split('\n').map(
    (text) =>
      new Paragraph({
        ...centred,
        children: [new TextRun({ text, font: fonts.title, size: size.second })],
      }),
  ),
  emptyLine(),
]

/** Who signs, and the day; the date ends four characters before the edge. */
const signature = ({ organ, issuedOn }: Report): readonly Paragraph[] =>
  issuedOn === undefined
    ? []
    : [
        emptyLine(),
        ...[organ, chineseDay(issuedOn)].map(
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
  const correction = correctionText(report)
  const blocks = await Promise.all(
    numbered(report.blocks).map(async (block, at) => docxBlocks(block, at + 1)),
  )
  return [
    ...masthead(report),
    ...title(report),
    ...(correction === undefined ? [] : [bodyText(correction)]),
    ...blocks.flat(),
    ...signature(report),
    emptyLine(),
    ...basisLines(report).map(note),
  ]
}

/** Word, in the layout of GB/T 9704-2012. The same report gives the same bytes. */
export const renderDocx = async (report: Report): Promise<Uint8Array> => {
  const document = new Document({
    title: report.title.replaceAll('\n', ''),
    creator: report.organ,
    lastModifiedBy: report.organ,
    description: `${report.number} ${report.period.name}`,
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
        children: await childrenOf(report),
      },
    ],
  })
  return stable(await Packer.toBuffer(document), report.basis.evidenceCutoff)
}

import type { Block, Chart, Report, Table } from './model.ts'
import { basisLines, chineseDay, correctionText, numbered, numberLine, valueText } from './text.ts'

/** Markdown: a chart is the table of its values. */

const escaped = (text: string): string =>
  text.replaceAll(/[\\`*_[\]<>|#]/gu, '\\$&').replaceAll(/\s*\n\s*/gu, '<br>')

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const tableLines = ({ caption, columns, rows, note }: Table): string => {
  const rules = columns.map(({ format }) => (format === 'text' || format === 'light' ? '---' : '---:'))
  return [
    `**${escaped(caption)}**`,
    '',
    row(columns.map(({ title }) => escaped(title))),
    row(rules),
    ...rows.map((values) => row(columns.map(({ format }, at) => escaped(valueText(format, values[at]))))),
    ...(note === undefined ? [] : ['', escaped(note)]),
  ].join('\n')
}

const asTable = ({ caption, unit, categories, series }: Chart): Table => ({
  kind: 'table',
  caption: `${caption}（单位：${unit}）`,
  columns: [
    { title: '', format: 'text' },
    ...series.map(({ name }) => ({ title: name, format: unit === '%' ? 'percent' : 'integer' }) as const),
  ],
  rows: categories.map((category, at) => [category, ...series.map(({ values }) => values[at])]),
})

const blockText = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level + 1)} ${escaped(block.text)}`
    case 'paragraph':
      return escaped(block.text)
    case 'table':
      return tableLines(block)
    case 'chart':
      return tableLines(asTable(block))
  }
}

export const renderMarkdown = (report: Report): string => {
  const correction = correctionText(report)
  const closing =
    report.issuedOn === undefined ? [] : [`${escaped(report.organ)}　${chineseDay(report.issuedOn)}`]
  return `${[
    `# ${escaped(report.title)}`,
    `${escaped(report.organ)}　${escaped(numberLine(report))}`,
    ...(correction === undefined ? [] : [escaped(correction)]),
    ...numbered(report.blocks).map(blockText),
    ...closing,
    '---',
    basisLines(report)
      .map((line) => `- ${escaped(line)}`)
      .join('\n'),
  ].join('\n\n')}\n`
}

import { chartSvg } from './chart/index.ts'
import { escapeXml } from './chart/frame.ts'
import {
  type Block,
  type Column,
  isLightWord,
  lightColours,
  lightWords,
  type Report,
  type Table,
  type Value,
} from './model.ts'
import { basisLines, chineseDay, correctionText, numbered, numberLine, valueText } from './text.ts'

/** One file that needs no other: style and pictures are in it, nothing is fetched, no script runs. */

const lightRules = lightWords
  .map((word, at) => `.l${at}{background:#${lightColours[word]};print-color-adjust:exact}`)
  .join('')

const style = `
@page{size:A4;margin:37mm 26mm 35mm 28mm}
*{box-sizing:border-box}
body{font:16px/1.8 FangSong,仿宋,仿宋_GB2312,'Noto Serif CJK SC',serif;color:#000;background:#fff;max-width:960px;margin:0 auto;padding:32px 24px}
header{text-align:center;border-bottom:2px solid #c00000;margin-bottom:24px}
header .organ{color:#c00000;font-size:28px;font-family:SimSun,宋体,'Noto Serif CJK SC',serif}
h1{text-align:center;font-size:28px;font-weight:normal;line-height:1.5;font-family:SimSun,宋体,'Noto Serif CJK SC',serif}
h2,h3,h4,h5{font-size:18px;font-weight:normal;margin:1em 0 .4em;text-indent:2em;break-after:avoid}
h2{font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif}
h3{font-family:KaiTi,楷体,'Noto Serif CJK SC',serif}
p{margin:.4em 0;text-indent:2em}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.5}
caption{font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif;padding:12px 0 4px;break-after:avoid}
th,td{border:1px solid #000;padding:3px 6px;overflow-wrap:anywhere}
th{font-weight:normal;font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.c{text-align:center}
tr{break-inside:avoid}
tbody tr:first-child{break-before:avoid}
thead{display:table-header-group}
.note{font-size:13px;text-indent:0}
figure{margin:16px 0;text-align:center;break-inside:avoid}
figure svg{width:100%;max-width:780px;height:auto}
figcaption{font-family:SimHei,黑体,'Noto Sans CJK SC',sans-serif;font-size:14px}
.sign{text-align:right;padding-right:4em}
footer{border-top:1px solid #000;margin-top:32px;font-size:13px;overflow-wrap:anywhere}
${lightRules}
@media print{body{padding:0;max-width:none;font-size:12pt}h2,h3,h4,h5{font-size:14pt}}
`

const classOf = ({ format }: Column, value: Value): string => {
  if (format === 'text') return ''
  if (format !== 'light') return ' class="n"'
  return isLightWord(value) ? ` class="c l${lightWords.indexOf(value)}"` : ' class="c"'
}

const widthRules = (columns: readonly Column[]): string => {
  const total = columns.reduce((sum, { width = 1 }) => sum + width, 0)
  return columns
    .map(({ width = 1 }) => `<col style="width:${Number(((100 * width) / total).toFixed(2))}%">`)
    .join('')
}

const tableHtml = ({ caption, columns, rows, note }: Table): string => {
  const head = columns.map(({ title }) => `<th scope="col">${escapeXml(title)}</th>`).join('')
  const lines = rows.map((values) => {
    const cells = columns.map((column, at) => {
      const value = values[at]
      return `<td${classOf(column, value)}>${escapeXml(valueText(column.format, value))}</td>`
    })
    return `<tr>${cells.join('')}</tr>`
  })
  const remark = note === undefined ? '' : `<p class="note">${escapeXml(note)}</p>`
  return `<table><caption>${escapeXml(caption)}</caption><colgroup>${widthRules(columns)}</colgroup><thead><tr>${head}</tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table>${remark}`
}

/** Two charts of one page must not share the ids of their patterns. */
const withOwnIds = (svg: string, at: number): string =>
  svg
    .replaceAll(/id="(hatch|dots)"/gu, `id="$1-${at}"`)
    .replaceAll(/url\(#(hatch|dots)\)/gu, `url(#$1-${at})`)

const blockHtml = (block: Block, at: number): string => {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level + 1}>${escapeXml(block.text)}</h${block.level + 1}>`
    case 'paragraph':
      return `<p>${escapeXml(block.text)}</p>`
    case 'table':
      return tableHtml(block)
    case 'chart':
      return `<figure>${withOwnIds(chartSvg(block), at)}<figcaption>${escapeXml(block.caption)}</figcaption></figure>`
  }
}

const signature = ({ organ, issuedOn }: Report): string =>
  issuedOn === undefined
    ? ''
    : `<p class="sign">${escapeXml(organ)}<br>${escapeXml(chineseDay(issuedOn))}</p>`

export const renderHtml = (report: Report): string => {
  const correction = correctionText(report)
  return [
    '<!doctype html>',
    `<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escapeXml(report.title.replaceAll('\n', ''))}</title><style>${style}</style></head><body>`,
    `<header><div class="organ">${escapeXml(report.organ)}</div><div>${escapeXml(numberLine(report))}</div></header>`,
    `<h1>${report.title.split('\n').map(escapeXml).join('<br>')}</h1>`,
    correction === undefined ? '' : `<p>${escapeXml(correction)}</p>`,
    ...numbered(report.blocks).map(blockHtml),
    signature(report),
    `<footer>${basisLines(report)
      .map((line) => `<div>${escapeXml(line)}</div>`)
      .join('')}</footer></body></html>`,
    '',
  ].join('\n')
}

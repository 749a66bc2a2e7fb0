import type { Past } from '../../inventory/past.ts'
import { type Block, type ColumnFormat, type Report, unknownMark, type Value } from './model.ts'

/** What every renderer prints alike. */

/** Neither XML nor a terminal bears these; a line break and a tab may stay. */
const unprintable = /[\p{Cs}\ufffe\uffff]|(?![\n\t])\p{Cc}/gu

/** The same value with every text in it as it can be printed. */
export const printable = <T>(value: T): T => {
  if (typeof value === 'string') return value.replaceAll(unprintable, ' ') as T
  if (Array.isArray(value)) return value.map(printable) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, printable(each)])) as T
}

const decimals = 1

const numberText = (format: ColumnFormat, value: number): string => {
  if (format === 'percent') return `${value.toFixed(decimals)}%`
  const rounded = Number(value.toFixed(decimals)) || 0
  return format === 'change' && rounded > 0 ? `+${rounded}` : String(rounded)
}

export const valueText = (format: ColumnFormat, value: Value): string => {
  if (value === undefined) return unknownMark
  return typeof value === 'number' ? numberText(format, value) : value
}

const digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const

/** 1 to 99 in Chinese: 十二. */
const chineseNumber = (value: number): string => {
  const [tens, ones] = [Math.floor(value / 10), value % 10]
  const ten = tens === 0 ? '' : `${tens === 1 ? '' : (digits[tens] ?? '')}十`
  return `${ten}${ones === 0 && tens > 0 ? '' : (digits[ones] ?? '')}`
}

const marks = [
  (number: number) => `${chineseNumber(number)}、`,
  (number: number) => `（${chineseNumber(number)}）`,
  (number: number) => `${number}.`,
  (number: number) => `（${number}）`,
] as const

/** The blocks with headings numbered 一、（一）1.（1）, as GB/T 9704-2012 has it, and captions 表1, 图1. */
export const numbered = (blocks: readonly Block[]): readonly Block[] => {
  const counts = [0, 0, 0, 0]
  const captions = { table: 0, chart: 0 }
  return blocks.map((block) => {
    switch (block.kind) {
      case 'paragraph':
        return block
      case 'heading': {
        const at = block.level - 1
        counts[at] = (counts[at] ?? 0) + 1
        counts.fill(0, at + 1)
        return { ...block, text: `${marks[at]?.(counts[at] ?? 0) ?? ''}${block.text}` }
      }
      case 'table':
      case 'chart':
        captions[block.kind] += 1
        return {
          ...block,
          caption: `${block.kind === 'table' ? '表' : '图'}${captions[block.kind]}　${block.caption}`,
        }
    }
  })
}

/** 2018年7月2日. */
export const chineseDay = (day: string): string => {
  const [year, month, date] = day.split('-').map(Number)
  return `${year ?? ''}年${month ?? ''}月${date ?? ''}日`
}

/** 2018年7月2日18:00:00, of a time as clocks of the zone show it: no line is torn apart by it. */
const chineseTime = (time: string): string => `${chineseDay(time.slice(0, 10))}${time.slice(11, 19)}`

/** Before the period is over: until when it was looked at. */
export const unfinishedText = ({ evidenceCutoff }: Pick<Report['basis'], 'evidenceCutoff'>): string =>
  `统计期尚未结束，以下数据截至${chineseTime(evidenceCutoff)}。`

/** The line below the masthead. */
export const numberLine = ({ number, issuedOn }: Report): string =>
  issuedOn === undefined ? `${number}（草稿，未签发）` : number

/** 更正 and what it takes the place of; undefined for what corrects nothing. */
export const correctionText = ({ corrects }: Report): string | undefined =>
  corrects &&
  `更正：本期替代${chineseDay(corrects.issuedOn)}签发的${corrects.number}。原因：${corrects.reason}`

const dated = '上报、进展、名册、迁移状态按各自日期取用'

/** Of when the records are, and what of it cannot be known. */
export const pastText = (past: Past): string => {
  switch (past.kind) {
    case 'unchanged':
      return `证据截止以来没有改动；${dated}`
    case 'unknown':
      return `审计日志自${chineseTime(past.firstAt)}起，晚于证据截止，当时的台账无法还原：单位、区划、节点、系统、测评等为制作时的记录；${dated}`
    case 'restored':
      return `按审计日志还原至第 ${past.revision} 次修订，${past.restored} 条记录与现在不同${past.kept > 0 ? `，另有 ${past.kept} 条因被引用或格式已变而为现在的内容` : ''}；${dated}`
  }
}

/** 2018年第26周（2018年6月25日至2018年7月1日）; of a span its days, once. */
const periodText = ({ name, from, to }: Report['period']): string => {
  const days = `${chineseDay(from)}至${chineseDay(to)}`
  return name === days ? days : `${name}（${days}）`
}

/** What it was made of, line by line. */
export const basisLines = ({ basis, period, corrects }: Report): readonly string[] => [
  `统计期：${periodText(period)}`,
  `证据截止：${basis.evidenceCutoff}`,
  `台账修订号：${basis.storeRevision}`,
  `台账时点：${pastText(basis.past)}`,
  `审计链头：${basis.auditHead}`,
  ...basis.rosters.map(({ name, id, version }) => `名册：${name}（${id}）第 ${version} 版`),
  ...(corrects === undefined ? [] : [`被更正文件：${corrects.number}，SHA-256 ${corrects.sha256}`]),
  ...(basis.template === undefined ? [] : [`模板：${basis.template.name}，SHA-256 ${basis.template.sha256}`]),
  `复算命令：${basis.command}`,
]

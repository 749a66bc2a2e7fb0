import { severityLabels } from '../events.ts'
import { plainLine } from '../../core/plain-line.ts'
import { htmlText, literalText, markdownText } from './escape.ts'
import type { Notice } from './notice.ts'

/** Notices that are told at once, and what they have in common. */
export interface Bundle {
  readonly notices: readonly Notice[]
  /** Of the operator's own, put under the message. */
  readonly link?: string | undefined
  readonly time: (at: number) => string
}

/** Beyond these a message only counts. */
const maxDetailed = 10

const markOf = ({ isGood, severity }: Notice): string => (isGood ? '恢复' : severityLabels[severity])

/** One line, without mark-up: subject, short message. */
export const headline = ({ notices }: Bundle): string => {
  const [first] = notices
  if (first === undefined) return ''
  const own = `【${markOf(first)}】${literalText(first.title)}`
  return notices.length === 1 ? own : `${own} 等 ${notices.length} 条`
}

const shownOf = ({ notices }: Bundle): readonly Notice[] => notices.slice(0, maxDetailed)
const restOf = ({ notices }: Bundle): readonly string[] =>
  notices.length > maxDetailed
    ? [`另有 ${notices.length - maxDetailed} 条，见投递记录（yiwang notify log）。`]
    : []

/** Cut at a line's end, so that no character and no mark-up is cut in two. */
export const withinBytes = (lines: readonly string[], maxBytes: number): string => {
  let text = ''
  for (const line of lines) {
    const next = text === '' ? line : `${text}\n${line}`
    if (Buffer.byteLength(next) > maxBytes - 8) return `${text}\n……`
    text = next
  }
  return text
}

export const markdownLines = (bundle: Bundle): readonly string[] => [
  ...shownOf(bundle).flatMap((notice) => [
    `**【${markOf(notice)}】${markdownText(notice.title)}**`,
    ...notice.lines.map(({ label, text }) => `> ${label}：${markdownText(text)}`),
    `> 时间：${bundle.time(notice.at)}`,
    '',
  ]),
  ...restOf(bundle),
  ...(bundle.link === undefined ? [] : [`[打开态势](${bundle.link})`]),
]

export const plainLines = (bundle: Bundle): readonly string[] => [
  ...shownOf(bundle).flatMap((notice) => [
    `【${markOf(notice)}】${literalText(notice.title)}`,
    ...notice.lines.map(({ label, text }) => `${label}：${literalText(text)}`),
    `时间：${bundle.time(notice.at)}`,
    '',
  ]),
  ...restOf(bundle),
  ...(bundle.link === undefined ? [] : [bundle.link]),
]

export const htmlOf = (bundle: Bundle): string => {
  const parts = shownOf(bundle).map((notice) => {
    const rows = [...notice.lines, { label: '时间', text: bundle.time(notice.at) }]
    const cells = rows.map(
      ({ label, text }) => `<tr><th align="left">${htmlText(label)}</th><td>${htmlText(text)}</td></tr>`,
    )
    return `<h3>【${markOf(notice)}】${htmlText(notice.title)}</h3><table>${cells.join('')}</table>`
  })
  const link = bundle.link === undefined ? '' : `<p><a href="${encodeURI(bundle.link)}">打开态势</a></p>`
  return `<!doctype html><meta charset="utf-8">${parts.join('')}${restOf(bundle)
    .map((line) => `<p>${line}</p>`)
    .join('')}${link}`
}

/** For a telephone: the headline, then as much as fits. */
export const shortText = (bundle: Bundle, maxCharacters: number): string => {
  const [only] = bundle.notices
  const details =
    bundle.notices.length === 1 ? (only?.lines ?? []).map(({ label, text }) => `${label}：${text}`) : []
  return plainLine([headline(bundle), ...details].join('；').replaceAll('://', '：//'), maxCharacters)
}

import type { Severity } from '../../events.ts'
import { type Presented, toldField, toldSeverity } from '../present.ts'

/** ArcSight Common Event Format, version 0: `CEF:0|vendor|product|version|class|name|severity|extension`. */

const severities: Readonly<Record<Severity, number>> = { critical: 10, high: 8, medium: 5, low: 3 }
const ordinary = 1

const lineEnds = /\r\n|[\r\n\u{2028}\u{2029}\u{85}]/gu

/** Header fields escape the pipe and the backslash and have one line. */
const header = (text: string): string =>
  text.replaceAll(/[\\|]/gu, (found) => `\\${found}`).replaceAll(lineEnds, ' ')

/** Values of the extension escape the equals sign, the backslash and ends of lines; a pipe is none of theirs. */
const extension = (text: string): string =>
  text.replaceAll(/[\\=]/gu, (found) => `\\${found}`).replaceAll(lineEnds, '\\n')

const isLabelled = /^(cs[1-6]|cn[1-3]|cfp[1-4]|c6a[1-4]|deviceCustomDate[12]|flexString[12]|flexNumber[12])$/u

export const cefOf = (presented: Presented, version: string): string => {
  const { message, name, entries } = presented
  const severity = toldSeverity(presented)
  const head = [
    'CEF:0',
    'yiwang',
    'yiwang',
    version,
    toldField(presented, 'rule') ?? message.kind,
    toldField(presented, 'title') ?? name,
    String(severity === undefined ? ordinary : severities[severity]),
  ].map(header)
  const pairs = entries.flatMap(({ ours, theirs, value }) => [
    `${theirs}=${extension(String(value))}`,
    ...(ours !== undefined && isLabelled.test(theirs) ? [`${theirs}Label=${ours}`] : []),
  ])
  return [...head, pairs.join(' ')].join('|')
}

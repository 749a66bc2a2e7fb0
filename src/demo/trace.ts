import path from 'node:path'
import type { Report } from '../reports/model.ts'
import { wrap } from '../terminal/wrap.ts'
import type { Week } from './week.ts'

/** What the bulletin says first, and the commands that count it again from the copy of the data. */

const columns = 76
const indent = '   '

/** The paragraphs under the first heading. */
const openingOf = ({ blocks }: Report): readonly string[] => {
  const headings = blocks.flatMap((block, at) => (block.kind === 'heading' ? [at] : []))
  return blocks
    .slice(headings[0], headings[1])
    .flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []))
}

export interface Example {
  /** A claim that is contradicted, and the system that it is of. */
  readonly claim: string
  readonly system: string
  /** A county whose line was cut. */
  readonly county: string
}

const binFolder = path.resolve(import.meta.dirname, '../../../bin')

/** Lines for a shell. Everything is asked of the copy, as of the bulletin's cut-off. */
export const traceCommands = (
  { report, dataFolder }: Pick<Week, 'report' | 'dataFolder'>,
  { claim, system, county }: Example,
): readonly string[] => {
  const { command, evidenceCutoff } = report.basis
  return [
    `export PATH=${binFolder}:$PATH`,
    `export YIWANG_DATA=${dataFolder}`,
    `T=${evidenceCutoff}`,
    command.replace(evidenceCutoff, '$T'),
    'yiwang ledger tasks --as-of $T',
    'yiwang verify --as-of $T',
    'yiwang verify --named --as-of $T',
    `yiwang contradiction show ${claim} --as-of $T`,
    `yiwang observations ${system} --since ${report.period.from} --as-of $T`,
    `yiwang observations ${county} --since ${report.period.from} --as-of $T`,
    'yiwang finding list --as-of $T',
    'yiwang incident list --as-of $T',
    'yiwang mlps conclude --as-of $T',
    'yiwang mlps contradictions --as-of $T',
  ]
}

/** For a terminal of 80 columns. */
export const weekText = (week: Week, example: Example): string =>
  [
    ...week.files.map((file) => `${indent}${file}`),
    '',
    ...openingOf(week.report).flatMap((text) => wrap(text, columns, indent)),
    '',
    `${indent}These stay when the demo ends. Where the numbers come from, in this order:`,
    `${indent}the bulletin again, its tasks, its claims, the named systems, a 矛盾 and the`,
    `${indent}look that decided it, the looks behind that, the looks behind 杞县’s 可用率,`,
    `${indent}网络安全 by findings and incidents, 等级保护 and what contradicts it:`,
    '',
    ...traceCommands(week, example).map((command) => `${indent}${command}`),
  ].join('\n')

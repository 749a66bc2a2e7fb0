import type { Grade, ReportClock } from './events.ts'

/** What is measured suggests a grade (建议), and what is of that grade must be told upward: as data, each with its source. */

interface GradeStep {
  readonly grade: Grade
  readonly hours: number
  /** By whose portal it is. */
  readonly level: 'province' | 'city'
  readonly source: string
  /** Read in the text that is in force. Where not, it is shown as ours and never as official. */
  readonly isOfficial: boolean
}

const guide = '《网络安全事件分级指南》（国家网络安全事件报告管理办法附件，2025）'
const notRead = '本平台参考值，未见于已核对的现行文本'

/** The gravest first. Unreachable portals of party and government bodies. */
export const gradeSteps: readonly GradeStep[] = [
  { grade: 'I', hours: 24, level: 'province', source: guide, isOfficial: true },
  { grade: 'II', hours: 6, level: 'city', source: notRead, isOfficial: false },
  { grade: 'III', hours: 2, level: 'city', source: notRead, isOfficial: false },
]

const reportRules = '《国家网络安全事件报告管理办法》，2025-11-01 起施行'

export const reporters = {
  cii: { label: '关键信息基础设施运营者向保护工作部门、公安机关报告', hours: 1, source: reportRules },
  central: { label: '中央和国家机关有关单位报告', hours: 2, source: reportRules },
  other: { label: '其他网络运营者向省级网信部门报告', hours: 4, source: reportRules },
} as const
export type Reporter = keyof typeof reporters

const hourMs = 3_600_000

export interface Outage {
  /** A portal of a party or government body at this level; undefined: no portal. */
  readonly level: 'province' | 'city' | undefined
  readonly startedAt: number
  /** Milliseconds since the epoch: when it was over, or now. */
  readonly until: number
}

const appliesTo = (step: GradeStep, { level, startedAt, until }: Outage): boolean =>
  (step.level === level || (step.level === 'city' && level === 'province')) &&
  until - startedAt >= step.hours * hourMs

/** The gravest grade whose threshold was passed; undefined where none was. */
export const suggestGrade = (outage: Outage): GradeStep | undefined =>
  gradeSteps.find((step) => appliesTo(step, outage))

const reportable: ReadonlySet<Grade> = new Set(['I', 'II', 'III'])

/** 较大 and above must be reported; the clock runs from the first failing look. */
export const reportClocksOf = (
  grade: Grade | undefined,
  startedAt: number,
  reporter: Reporter,
): readonly ReportClock[] => {
  if (grade === undefined || !reportable.has(grade)) return []
  const { label, hours, source } = reporters[reporter]
  return [{ operator: reporter, label, dueAt: startedAt + hours * hourMs, source }]
}

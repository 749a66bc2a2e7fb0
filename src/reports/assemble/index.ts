import { rosterOn, today } from '../../ledger/index.ts'
import { type Basis, type Report, type ReportKind, reportKindLabels } from '../model.ts'
import { availabilitySection } from './availability-section.ts'
import { unitName } from './blocks.ts'
import { claimSheets, claimsSection } from './claims-section.ts'
import { complianceSection, complianceSheets } from './compliance.ts'
import { countiesSection } from './counties.ts'
import { deadlinesSection } from './deadlines.ts'
import { headlineSection } from './headline.ts'
import type { ReportInput } from './input.ts'
import { migrationSection, migrationSheets } from './migration.ts'
import { namedSection, namedSheets } from './named.ts'
import { type Scene, sceneOf } from './scene.ts'
import { securitySection, securitySheets } from './security.ts'
import { tasksSection, taskSheets, unitSheets } from './tasks.ts'
import { isLong, trendsSection } from './trends.ts'
import { chineseDay } from '../text.ts'

/** 第26周, 6月, each with its year, or the days from and to. */
export const periodName = ({
  kind,
  period,
  range,
}: Pick<ReportInput, 'kind' | 'period' | 'range'>): string => {
  if (kind === 'span') return `${chineseDay(range.from)}至${chineseDay(range.to)}`
  const [year = '', part = ''] = period.split('-')
  return part.startsWith('W') ? `${year}年第${Number(part.slice(1))}周` : `${year}年${Number(part)}月`
}

const topics: Readonly<Record<ReportKind, string>> = {
  weekly: '电子政务外网和系统迁移周通报',
  monthly: '电子政务外网和系统迁移月督导',
  span: '电子政务外网和系统迁移阶段通报',
}

/** The title, in the lines that it is printed in. */
const titleOf = (input: ReportInput): string => {
  const { kind, unit, inventory } = input
  const whose = unit === undefined ? '' : `${unitName(inventory, unit)}\n`
  return `${whose}${topics[kind]}\n（${periodName(input)}）`
}

/** The version of each series of rosters that counts on the last day. */
const rostersOf = ({ inventory, context }: ReportInput): Basis['rosters'] => {
  const series = [...new Set([...inventory.roster.values()].map((roster) => roster.series))].toSorted()
  return series.flatMap((each) => {
    const roster = rosterOn(inventory.roster.values(), each, today(context))
    return roster === undefined ? [] : [{ name: roster.name, id: roster.id, version: roster.version }]
  })
}

const sectionsOf = (scene: Scene): Report['blocks'] => [
  ...headlineSection(scene),
  ...(isLong(scene.input.range) ? trendsSection(scene) : []),
  ...claimsSection(scene),
  ...namedSection(scene),
  ...tasksSection(scene),
  ...countiesSection(scene),
  ...migrationSection(scene),
  ...availabilitySection(scene),
  ...securitySection(scene),
  ...complianceSection(scene),
  ...deadlinesSection(scene),
]

/** The report that records and looks come to. Pure: the same input gives the same report. */
export const assemble = (input: ReportInput): Report => {
  const scene = sceneOf(input)
  const { kind, organ, number, issuedOn, corrects, range, basis } = input
  return {
    kind,
    organ,
    number: `${reportKindLabels[kind]}${number}`,
    title: titleOf(input),
    period: { ...range, name: periodName(input) },
    ...(issuedOn !== undefined && { issuedOn }),
    ...(corrects !== undefined && { corrects }),
    basis: { ...basis, rosters: rostersOf(input) },
    blocks: sectionsOf(scene),
    sheets: [
      ...taskSheets(scene),
      ...claimSheets(scene),
      ...namedSheets(scene),
      ...migrationSheets(scene),
      ...securitySheets(scene),
      ...complianceSheets(scene),
      ...(kind !== 'weekly' && input.unit === undefined ? unitSheets(scene) : []),
    ],
  }
}

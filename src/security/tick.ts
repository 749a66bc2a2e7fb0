import type { Inventory } from '../../inventory/store.ts'
import type { Happened } from './absorb.ts'
import { escalationsDue, type Patience, type Roster } from './duty.ts'
import { type Grade, gradeLabels } from './events.ts'
import { reportClocksOf, type Reporter, suggestGrade } from './grading.ts'
import type { Case } from './incident.ts'

/** What time alone does to incidents: grades rise, nobody has acknowledged. */

export interface TickGround {
  readonly now: number
  readonly inventory: Inventory
  readonly roster: Roster
  readonly patience: Patience
  readonly reporter: Reporter
}

/** The level of the gravest portal that cannot be reached; undefined: none is a portal, or somebody can. */
const portalLevel = ({ findings }: Case, { system, region }: Inventory): 'province' | 'city' | undefined => {
  const levels = findings
    .filter((id) => id.startsWith('system.down@'))
    .map((id) => system.get(id.replace(/^system\.down@standing:/u, '')))
    .filter((record) => record?.kind === 'website')
    .map((record) => region.get(record?.region ?? '')?.level)
  if (levels.includes('province')) return 'province'
  return levels.includes('city') ? 'city' : undefined
}

const grades = Object.keys(gradeLabels)

/** A shorter outage later takes nothing back of what an earlier one came to. */
const isGraver = (grade: Grade, than: Grade | undefined): boolean =>
  than === undefined || grades.indexOf(grade) < grades.indexOf(than)

const regrade = (incident: Case, { now, inventory, reporter }: TickGround): readonly Happened[] => {
  const level = portalLevel(incident, inventory)
  const until = incident.recoveredAt ?? now
  const step = suggestGrade({ level, startedAt: incident.startedAt, until })
  if (step === undefined || !isGraver(step.grade, incident.suggestedGrade)) return []
  const reportClocks = reportClocksOf(incident.grade ?? step.grade, incident.startedAt, reporter)
  const hours = ((until - incident.startedAt) / 3_600_000).toFixed(1)
  return [
    {
      incident: { ...incident, suggestedGrade: step.grade, reportClocks },
      change: 'graded',
      note: `建议：${gradeLabels[step.grade]}，已中断 ${hours} 小时（${step.source}）；由人确认`,
    },
  ]
}

const escalate = (incident: Case, { now, roster, patience }: TickGround): readonly Happened[] => {
  const { acknowledgedAt, state, alertedAt, escalations, severity, recoveredAt } = incident
  if (state !== 'warned' || acknowledgedAt !== undefined || recoveredAt !== undefined) return []
  const due = Math.min(
    escalationsDue(alertedAt, now, patience[severity]),
    Math.max(1, roster.tiers.length - 1),
  )
  if (due <= escalations) return []
  return [
    {
      incident: { ...incident, escalations: due },
      change: 'escalated',
      note: `${Math.round((now - alertedAt) / 60_000)} 分钟无人签收`,
    },
  ]
}

export const tick = (cases: readonly Case[], ground: TickGround): readonly Happened[] =>
  cases
    .filter(({ state }) => state !== 'archived')
    .flatMap((incident) => {
      const graded = regrade(incident, ground)
      return [...graded, ...escalate(graded[0]?.incident ?? incident, ground)]
    })

import type { Inventory } from '../../inventory/store.ts'
import type { TargetId } from '../core/target.ts'
import type { Happened } from './absorb.ts'
import { escalationsDue, type Patience, type Roster } from './duty.ts'
import { type Grade, gradeLabels } from './events.ts'
import { reportClocksOf, type Reporter, suggestGrade } from './grading.ts'
import { type Case, isWaiting, recovered } from './incident.ts'
import type { Standing } from './seen.ts'

/** What happens to incidents without a finding: grades rise, nobody has acknowledged, what was cut off answers again. */

export interface TickGround {
  readonly now: number
  readonly inventory: Inventory
  readonly roster: Roster
  readonly patience: Patience
  readonly reporter: Reporter
  readonly verdicts: ReadonlyMap<TargetId, Pick<Standing, 'state'>>
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
  const { acknowledgedAt, alertedAt, escalations, severity } = incident
  if (!isWaiting(incident) || acknowledgedAt !== undefined) return []
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

/** What nobody looks at any more is not waited for. */
const isFailing = (state: Standing['state'] | undefined): boolean =>
  state === 'down' || state === 'unreachable' || state === 'unknown'

/** What was cut off and answers again. Its finding had closed before: nobody else would tell. */
const reached = (incident: Case, { now, verdicts }: TickGround): readonly Happened[] => {
  const { supersededBy, resolvedAt, targets } = incident
  if (supersededBy === undefined || resolvedAt !== undefined) return []
  return targets.some((target) => isFailing(verdicts.get(target)?.state))
    ? []
    : [recovered(incident, now, '其间因上级中断无法探测')]
}

export const tick = (cases: readonly Case[], ground: TickGround): readonly Happened[] =>
  cases
    .filter(({ state }) => state !== 'archived')
    .flatMap((incident) => {
      const over = reached(incident, ground)
      if (over.length > 0) return over
      const graded = regrade(incident, ground)
      return [...graded, ...escalate(graded[0]?.incident ?? incident, ground)]
    })

import type { Transition } from './book.ts'
import type { Finding, IncidentChange, Severity } from './events.ts'
import { type Case, reachable, recovered, revived } from './incident.ts'

/** What the collector makes of findings: incidents that open, grow, recover, come back. Pure; see `ledger/` for keeping. */

export interface Happened {
  readonly incident: Case
  /** Absent: nothing that anybody is told. */
  readonly change?: IncidentChange
  readonly note?: string
}

export interface Absorbed {
  /** Findings as they are to be kept, with their incident. */
  readonly findings: readonly { readonly finding: Finding; readonly change: Transition['change'] }[]
  readonly happened: readonly Happened[]
}

export interface Ground {
  readonly now: number
  /** Incidents that are not archived, and those that may come back. */
  readonly cases: readonly Case[]
  /** The id of the next incident. */
  readonly newId: () => string
}

const ranks: Readonly<Record<Severity, number>> = { critical: 3, high: 2, medium: 1, low: 0 }
const graver = (one: Severity, other: Severity): Severity => (ranks[other] > ranks[one] ? other : one)

/** What is of low severity is a finding to be mended in its time, and no incident. */
const isIncident = ({ severity }: Finding): boolean => ranks[severity] >= ranks.medium

const union = (known: readonly string[], more: readonly (string | undefined)[]): readonly string[] => [
  ...new Set([...known, ...more.filter((each) => each !== undefined)]),
]

/** What those who are told need: what was seen, and what to do about it. */
const adviceOf = ({ saw, remedy }: Finding) => ({ saw, remedy })

const opened = ({ finding, cause, at }: Transition, { now, newId }: Ground): Case => ({
  id: newId(),
  title: `${finding.targetName}：${finding.title}`,
  cause: cause?.keys[0] ?? finding.id,
  keys: cause?.keys ?? [finding.id],
  severity: finding.severity,
  category: finding.category,
  ...adviceOf(finding),
  // What is of medium severity is watched and tells nobody at once.
  state: finding.severity === 'medium' ? 'watching' : 'warned',
  openedAt: now,
  startedAt: Math.min(finding.firstSeenAt, at),
  alertedAt: now,
  escalations: 0,
  reopened: 0,
  reportClocks: [],
  findings: [finding.id],
  openFindings: [finding.id],
  targets: [finding.target],
  behind: cause?.behind.length ?? 0,
  units: union([], [finding.unit]),
  tasks: [],
})

const joined = (incident: Case, { finding, cause }: Transition, now: number): Case => {
  const severity = graver(incident.severity, finding.severity)
  return {
    ...reachable(incident),
    severity,
    ...((severity !== incident.severity || incident.openFindings.length === 0) && adviceOf(finding)),
    ...(incident.state === 'watching' && severity !== 'medium' && { state: 'warned', alertedAt: now }),
    keys: union(incident.keys, cause?.keys ?? []),
    findings: union(incident.findings, [finding.id]),
    openFindings: union(incident.openFindings, [finding.id]),
    targets: union(incident.targets, [finding.target]),
    behind: Math.max(incident.behind, cause?.behind.length ?? 0),
    units: union(incident.units, [finding.unit]),
  }
}

const isOver = ({ recoveredAt, resolvedAt, state }: Case): boolean =>
  recoveredAt !== undefined || resolvedAt !== undefined || state === 'archived'

/** One that a person worked on, or that waits for one. */
const isUntouched = ({ acknowledgedAt, state }: Case): boolean =>
  acknowledgedAt === undefined && (state === 'watching' || state === 'warned')

/** Cases by their causes, as they change one after another. */
const createDesk = (cases: readonly Case[]) => {
  const byId = new Map(cases.map((each) => [each.id, each]))
  const byKey = new Map(cases.flatMap((each) => each.keys.map((key) => [key, each.id] as const)))
  const byFinding = new Map(cases.flatMap((each) => each.openFindings.map((id) => [id, each.id] as const)))
  return {
    all: () => byId.values(),
    byKeys: (keys: readonly string[]): Case | undefined =>
      keys.map((key) => byId.get(byKey.get(key) ?? '')).find((each) => each !== undefined),
    withFinding: (id: string): Case | undefined => byId.get(byFinding.get(id) ?? ''),
    put: (incident: Case): void => {
      byId.set(incident.id, incident)
      for (const key of incident.keys) byKey.set(key, incident.id)
      for (const id of incident.openFindings) byFinding.set(id, incident.id)
    },
  }
}
type Desk = ReturnType<typeof createDesk>

/** What had recovered fails anew: its outage is measured from now on. What was only said to be over goes on. */
const cameBack = (known: Case, { finding, at }: Transition, now: number): Case => ({
  ...revived(known, now),
  startedAt: known.openFindings.length > 0 ? known.startedAt : Math.min(finding.firstSeenAt, at),
})

const growth = (known: Case, { state, severity }: Case): IncidentChange => {
  if (known.state === 'watching' && state !== 'watching') return 'raised'
  return severity === known.severity ? 'grew' : 'worsened'
}

const takeOpened = (transition: Transition, desk: Desk, ground: Ground): Happened | undefined => {
  const { finding, cause } = transition
  if (!isIncident(finding)) return undefined
  const known = desk.byKeys(cause?.keys ?? [finding.id])
  if (known === undefined) return { incident: opened(transition, ground), change: 'opened' }
  if (isOver(known))
    return {
      incident: joined(cameBack(known, transition, ground.now), transition, ground.now),
      change: 'reopened',
    }
  const incident = joined(known, transition, ground.now)
  return { incident, change: growth(known, incident) }
}

const takeClosed = ({ finding, at, supersededBy }: Transition, desk: Desk): Happened | undefined => {
  const known = desk.withFinding(finding.id)
  if (known === undefined) return undefined
  const openFindings = known.openFindings.filter((id) => id !== finding.id)
  const incident = { ...known, openFindings }
  if (openFindings.length > 0) return { incident }
  // Cut off is not mended: it is told when it is merged with what lies above, or answers again.
  return supersededBy === undefined ? recovered(incident, at) : { incident: { ...incident, supersededBy } }
}

/** Who hears of the one hears of the other’s end. */
const endsWith = (incident: Case, above: Case): boolean =>
  !isOver(above) && (incident.state === 'watching' || ranks[above.severity] >= ranks[incident.severity])

/** What nobody worked on, and whose cause lies above, is one with the incident above. */
const mergers = (desk: Desk, now: number): readonly Happened[] =>
  [...desk.all()].flatMap((incident) => {
    const { supersededBy, openFindings, id } = incident
    if (supersededBy === undefined || openFindings.length > 0 || !isUntouched(incident)) return []
    const above = desk.byKeys(supersededBy.map((target) => `outage:${target}`))
    if (above === undefined || above.id === id || !endsWith(incident, above)) return []
    return [
      {
        incident: { ...incident, state: 'archived', closedAt: now, mergedInto: above.id },
        // Nobody was told of what was only watched.
        change: incident.state === 'watching' ? 'closed' : 'merged',
        note: `并入 ${above.id}`,
      },
    ]
  })

/** Incidents after these findings opened and closed, in their order. */
export const absorb = (transitions: readonly Transition[], ground: Ground): Absorbed => {
  const desk = createDesk(ground.cases)
  const happened: Happened[] = []
  const findings = transitions.map((transition) => {
    const { change, finding } = transition
    const event = change === 'closed' ? takeClosed(transition, desk) : takeOpened(transition, desk, ground)
    if (event !== undefined) {
      desk.put(event.incident)
      happened.push(event)
    }
    const incident = event?.incident.id
    return { change, finding: { ...finding, ...(incident !== undefined && { incident }) } }
  })
  return { findings, happened: [...happened, ...mergers(desk, ground.now)] }
}

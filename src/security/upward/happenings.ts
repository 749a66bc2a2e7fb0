import type {
  Finding,
  FindingEvent,
  Incident,
  IncidentChange,
  IncidentEvent,
  SecurityEvent,
} from '../events.ts'
import { digestOf, type Draft, draft, listed } from './message.ts'

/** 安全隐患 is what could be exploited or will fail; everything else is going on now. */
const kindOf = ({ category }: Finding): 'risk' | 'alert' => (category === 'hazard' ? 'risk' : 'alert')

const findingDraft = ({ sequence, at, change, finding }: FindingEvent): Draft => {
  const { id, rule, title, severity, category, target, targetName, region, unit, clauses } = finding
  const { incident, firstSeenAt, openedAt, closedAt } = finding
  return draft(
    kindOf(finding),
    { at, key: [sequence, at, id, change] },
    {
      ...{ change, rule, title, severity, category, target, targetName, region, unit },
      // Its id may hold what a device calls its interfaces.
      finding: digestOf(id),
      ...{ clauses: listed(clauses), incident, firstSeenAt, openedAt, closedAt },
    },
  )
}

/** The rest is how people work, and no business of the platform above. */
const told: ReadonlySet<IncidentChange> = new Set([
  'opened',
  'grew',
  'raised',
  'worsened',
  'recovered',
  'reopened',
  'acknowledged',
  'graded',
  'resolved',
  'closed',
  'merged',
  'amended',
  'lifted',
])

/** Issuer and number of the notice from above that it was made of. */
const noticeOf = ({ cause }: Incident): string | undefined => /^notice:(.*)$/su.exec(cause)?.[1]

const incidentFields = (incident: Incident) => {
  const { id, title, severity, category, state, grade, targets, behind, units } = incident
  const { reopened, mergedInto, startedAt, openedAt, acknowledgedAt } = incident
  const { recoveredAt, resolvedAt, closedAt } = incident
  return {
    ...{ incident: id, title, severity, category, state, grade, behind, reopened, mergedInto },
    notice: noticeOf(incident),
    ...{ targets: listed(targets), targetCount: targets.length, units: listed(units) },
    ...{ startedAt, openedAt, acknowledgedAt, recoveredAt, resolvedAt, closedAt },
  }
}

/** A suggested grade is told when a person has confirmed it. */
const isNews = ({ change, incident }: IncidentEvent): boolean =>
  told.has(change) && (change !== 'graded' || incident.grade !== undefined)

/** What an event of security monitoring tells the platform above; undefined where it is none of its business. */
export const eventDraft = (event: SecurityEvent): Draft | undefined => {
  if (event.type === 'finding') return findingDraft(event)
  if (!isNews(event)) return undefined
  const { sequence, at, change, incident } = event
  return draft(
    'incident',
    { at, key: [sequence, at, incident.id, change] },
    { change, ...incidentFields(incident) },
  )
}

/** What is open when somebody above hears of us for the first time, at `now`: no event of the ledger has that key. */
export const openDrafts = (
  findings: readonly Finding[],
  incidents: readonly Incident[],
  now: number,
): readonly Draft[] => [
  ...findings.map((finding) =>
    findingDraft({ type: 'finding', sequence: -now, at: finding.openedAt, change: 'opened', finding }),
  ),
  ...incidents.map((incident) =>
    draft(
      'incident',
      { at: incident.openedAt, key: [-now, incident.openedAt, incident.id, 'opened'] },
      { change: 'opened', ...incidentFields(incident) },
    ),
  ),
]

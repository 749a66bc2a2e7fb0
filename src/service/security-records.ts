import { existsSync } from 'node:fs'
import type { SecurityRecords } from '../reports/assemble/input.ts'
import type { Incident, IncidentEvent, SecurityEvent } from '../security/events.ts'
import { type Ledger, openLedger } from '../security/ledger/ledger.ts'
import { ledgerFile } from './security.ts'

const isOfIncident = (event: SecurityEvent): event is IncidentEvent => event.type === 'incident'

/** An incident as it stood at an instant: as its last event by then has it, or as it is where that was forgotten. */
const standingAt = (incident: Incident, events: readonly IncidentEvent[], at: number): readonly Incident[] =>
  incident.openedAt > at ? [] : [events.findLast((event) => event.at <= at)?.incident ?? incident]

const readAt = (ledger: Ledger, { now, before }: { readonly now: number; readonly before: number }) => {
  const histories = ledger
    .incidents('all')
    .filter(({ openedAt }) => openedAt <= now)
    .map((incident) => ({ incident, events: ledger.eventsOf(incident.id).filter(isOfIncident) }))
  const at = (instant: number): readonly Incident[] =>
    histories.flatMap(({ incident, events }) => standingAt(incident, events, instant))
  return {
    findings: ledger.findings('all').filter(({ openedAt }) => openedAt <= now),
    incidents: at(now),
    incidentsBefore: at(before),
  }
}

/**
 * Findings and incidents as they stood at the cut-off, and incidents at the end of the period before; undefined where
 * no security monitoring ever ran. Throws `EnvironmentFault` where the ledger cannot be read.
 */
export const readSecurityRecords = (
  dataFolder: string,
  clocks: { readonly now: number; readonly before: number },
): SecurityRecords | undefined => {
  const file = ledgerFile(dataFolder)
  if (!existsSync(file)) return undefined
  using ledger = openLedger(file)
  const { oldestAt } = ledger.retained()
  return { ...readAt(ledger, clocks), ...(oldestAt !== undefined && { oldestAt }) }
}

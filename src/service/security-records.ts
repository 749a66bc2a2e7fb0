import { existsSync } from 'node:fs'
import type { SecurityRecords } from '../reports/assemble/input.ts'
import type { Finding, Incident, IncidentEvent, SecurityEvent } from '../security/events.ts'
import { type Ledger, openLedger } from '../security/ledger/ledger.ts'
import { incidentAt } from '../security/standing.ts'
import { ledgerFile } from './security.ts'

const isOfIncident = (event: SecurityEvent): event is IncidentEvent => event.type === 'incident'

/** All incidents that had begun, as they stood at each of the instants. */
const incidentsAt = (ledger: Ledger, instants: readonly number[]): readonly (readonly Incident[])[] => {
  const latest = Math.max(...instants)
  const histories = ledger
    .incidents('all')
    .filter(({ openedAt }) => openedAt <= latest)
    .map((incident) => ({ incident, events: ledger.eventsOf(incident.id).filter(isOfIncident) }))
  return instants.map((at) =>
    histories.flatMap(({ incident, events }) => incidentAt(incident, events, at) ?? []),
  )
}

/** All incidents that had begun, as they stood at an instant. */
export const incidentsOf = (ledger: Ledger, at: number): readonly Incident[] =>
  incidentsAt(ledger, [at]).flat()

/** All findings that had been opened by an instant. */
export const findingsOf = (ledger: Ledger, at: number): readonly Finding[] =>
  ledger.findings('all').filter(({ openedAt }) => openedAt <= at)

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
  const [incidents = [], incidentsBefore = []] = incidentsAt(ledger, [clocks.now, clocks.before])
  const findings = findingsOf(ledger, clocks.now)
  return { findings, incidents, incidentsBefore, ...(oldestAt !== undefined && { oldestAt }) }
}

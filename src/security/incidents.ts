import { dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { absorb, type Happened } from './absorb.ts'
import type { Transition } from './book.ts'
import type { IncidentChange } from './events.ts'
import { type Roster, tierOf } from './duty.ts'
import { type Case, type Step, takeStep } from './incident.ts'
import type { Entry, Ledger } from './ledger/ledger.ts'
import { tick, type TickGround } from './tick.ts'

/** What happens to incidents, written down: each of these is one transaction. */

const machine = 'collector'

const firstTold: ReadonlySet<IncidentChange | undefined> = new Set([
  'opened',
  'raised',
  'worsened',
  'reopened',
  'graded',
  'amended',
])

/** Whom an event is for. What is only watched, and what people do, is told to nobody by name. */
const toldOf = ({ change, incident }: Happened, roster: Roster): readonly string[] => {
  if (incident.state !== 'warned') return []
  if (change === 'escalated') return tierOf(roster, incident.escalations)
  return firstTold.has(change) ? tierOf(roster, 0) : []
}

interface Scribe {
  readonly at: number
  readonly by: string
  readonly roster: Roster
}

export const writeHappened = (
  entry: Entry,
  happened: readonly Happened[],
  { at, by, roster }: Scribe,
): void => {
  for (const each of happened) {
    const { incident, change, note } = each
    entry.putIncident(incident)
    if (change !== undefined)
      entry.tell({
        ...{ type: 'incident', at, change, by, incident, notify: toldOf(each, roster) },
        ...(note !== undefined && { note }),
      })
  }
}

/** `INC-20261126-0001`: the day of the time zone, and a number in it. */
export const incidentNumbers = (
  entry: Entry,
  { now, timezone }: { readonly now: number; readonly timezone: string },
): (() => string) => {
  const prefix = `INC-${dayIn(timezone, now).replaceAll('-', '')}-`
  let count = entry.countIncidents(prefix)
  return () => `${prefix}${String((count += 1)).padStart(4, '0')}`
}

export interface RecordGround extends Pick<TickGround, 'now' | 'roster'> {
  /** An archived incident comes back within so many milliseconds. */
  readonly reopenMs: number
  /** IANA name: whose days incidents are numbered by. */
  readonly timezone: string
}

/** Writes down what opened and closed, and the incidents that it makes. */
export const recordFindings = (
  ledger: Ledger,
  transitions: readonly Transition[],
  { now, roster, reopenMs, timezone }: RecordGround,
): void => {
  if (transitions.length === 0) return
  ledger.change((entry) => {
    const cases = entry.cases(now - reopenMs)
    const { findings, happened } = absorb(transitions, {
      now,
      cases,
      newId: incidentNumbers(entry, { now, timezone }),
    })
    for (const { finding, change } of findings) {
      entry.putFinding(finding)
      entry.tell({ type: 'finding', at: now, change, finding })
    }
    writeHappened(entry, happened, { at: now, by: machine, roster })
  })
}

/** Writes down what time alone does: suggested grades, escalation. */
export const advance = (ledger: Ledger, ground: TickGround): void => {
  if (tick(ledger.incidents('live'), ground).length === 0) return
  // Once more under the lock: somebody may have acknowledged meanwhile.
  ledger.change((entry) =>
    writeHappened(entry, tick(entry.cases(Infinity), ground), {
      at: ground.now,
      by: machine,
      roster: ground.roster,
    }),
  )
}

const noSuch = (ledger: Ledger, id: string): UsageFault => {
  const meant = nearest(
    id,
    ledger.incidents('all').map((each) => each.id),
  )
  return new UsageFault([
    {
      where: id,
      message: 'expected the id of an incident',
      suggestion: meant === undefined ? 'yiwang incident list --all' : `did you mean ${meant}?`,
    },
  ])
}

/** An incident by its id. Throws `UsageFault` where there is none. */
export const incidentOf = (ledger: Ledger, id: string): Case => {
  const incident = ledger.incident(id)
  if (incident === undefined) throw noSuch(ledger, id)
  return incident
}

/** Takes a person's steps on an incident, all or none. Throws `UsageFault` where one may not be taken now. */
export const takeSteps = (
  ledger: Ledger,
  id: string,
  steps: readonly Step[],
  { at, by }: { readonly at: number; readonly by: string },
): Case => {
  incidentOf(ledger, id)
  return ledger.change((entry) => {
    let incident = entry.incident(id)
    if (incident === undefined) throw noSuch(ledger, id)
    for (const step of steps) {
      const taken = takeStep(incident, step, at)
      writeHappened(entry, [taken], { at, by, roster: { tiers: [] } })
      incident = taken.incident
    }
    return incident
  })
}

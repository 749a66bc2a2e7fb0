import { migrationOf, putMigration, withMove } from '../../inventory/migration/edit.ts'
import type { Migration, MigrationState } from '../../inventory/migration/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import type { Config } from '../../src/config/index.ts'
import { type Evidence, missingFor, missingText, noEvidence } from '../../src/migration/gates.ts'
import { readMigrationEvidence } from '../../src/service/migration.ts'
import { dayOf } from './calendar.ts'
import { asideOf, roleOf, type Sys, trialWeek } from './systems.ts'

/** The migration office: each Wednesday it moves the systems whose time has come, as far as the gates let it. */

export interface Office {
  readonly config: Config
  readonly inventory: Inventory
  readonly week: number
  readonly at: number
}

interface Step {
  readonly to: MigrationState
  readonly basis?: string
  readonly override?: string
}

const month = 5

/** What it tries this week, one after the other, from the state that a record is in. */
const wanted = (system: Sys, { state }: Migration, week: number): readonly Step[] => {
  const role = roleOf(system)
  const trial = trialWeek(system)
  const aside = asideOf[system.wave]
  if (role === 'aside' && week >= trial + 2 && aside !== undefined) return state === aside.to ? [] : [aside]
  const toDeploying: readonly Step[] = state === 'planned' ? [{ to: 'provisioned' }, { to: 'deploying' }] : []
  if (week < trial || role === 'stays' || role === 'aside') return week >= trial - 2 ? toDeploying : []
  if (state === 'planned' || state === 'deploying') return [...toDeploying, { to: 'trial' }]
  if (state === 'trial' && role === 'waived')
    return week >= trial + 3 ? [{ to: 'cutover' }, { to: 'accepted', override: '领导小组要求按期验收' }] : []
  if (state === 'trial' && week >= trial + month) return [{ to: 'cutover' }, { to: 'accepted' }]
  return state === 'accepted' && role !== 'dies' ? [{ to: 'decommissioned' }] : []
}

/** All of its steps, or none where a gate refuses one and nobody answers for going on. */
const moved = (record: Migration, steps: readonly Step[], evidence: Evidence, office: Office): Migration => {
  const { config, inventory, at } = office
  let next = record
  for (const { to, basis, override } of steps) {
    const missing = missingFor({
      record: next,
      to,
      evidence,
      wave: inventory.wave.get(record.wave ?? ''),
      day: dayOf(at),
      settings: config.migration,
    })
    if (missing.length > 0 && override === undefined) return record
    next = withMove(next, {
      to,
      by: '迁移办',
      at,
      reason: '按批次推进',
      basis,
      override,
      missing: missing.map((each) => missingText(each).slice(0, 500)),
    })
  }
  return next
}

/** The moves of this week. */
export const officeOperations = (systems: readonly Sys[], office: Office): readonly Operation[] => {
  const { config, inventory, week, at } = office
  const due = systems
    .filter(({ id }) => inventory.migration.has(id))
    .map((system) => ({ record: migrationOf(inventory, system.id), system }))
    .map(({ record, system }) => ({ record, steps: wanted(system, record, week) }))
    .filter(({ steps }) => steps.length > 0)
  const judged = due
    .filter(({ steps }) => steps.some(({ to }) => to === 'accepted' || to === 'decommissioned'))
    .map(({ record }) => record)
  const evidence = readMigrationEvidence(config, inventory, judged, at)
  return due.flatMap(({ record, steps }) => {
    const next = moved(record, steps, evidence.get(record.id) ?? noEvidence, office)
    return next === record ? [] : [putMigration(next)]
  })
}

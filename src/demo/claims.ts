import type { ClaimKindCode, SubjectKind } from '../../inventory/ledger/index.ts'
import { isOutOfScope } from '../../inventory/migration/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { movedSystem } from '../simulator/named.ts'
import { simulated } from '../simulator/service.ts'
import { type NamedSystem, namedSystems } from '../verify/index.ts'

/** What the demo's units claim (模拟): of each system that the plan names, all that can be looked at. */

export interface DemoClaim {
  /** The named system that it is a claim of. */
  readonly named: string
  readonly id: string
  readonly subjectKind: SubjectKind
  readonly subject: string
  readonly kind: ClaimKindCode
}

type Subject = Pick<DemoClaim, 'subjectKind' | 'subject'>

/** Of the class of systems that move one is claimed that has moved: the others are on their way. */
const subjectOf = ({ id }: NamedSystem): Subject =>
  id === 'cls-nonsecret'
    ? { subjectKind: 'system', subject: movedSystem }
    : { subjectKind: 'mention', subject: id }

/** Where only documents can tell, that it is in use is claimed all the same. */
const kindsOf = ({ checks }: NamedSystem): readonly ClaimKindCode[] =>
  checks.length === 0 ? ['online'] : checks

export const demoClaims: readonly DemoClaim[] = namedSystems
  .flatMap((row) => kindsOf(row).map((kind) => ({ named: row.id, kind, ...subjectOf(row) })))
  .map((claim, index) => ({ ...claim, id: `c-${String(index + 1).padStart(6, '0')}` }))

const migrationsAmong = (inventory: Inventory): Operation => {
  const migrations = [...inventory.migration.values()]
  const outside = migrations.filter(({ state }) => isOutOfScope(state))
  return {
    op: 'put',
    collection: 'roster',
    record: {
      id: 'systems-municipal-1',
      series: 'systems-municipal',
      version: 1,
      of: 'systems',
      name: simulated('市直部门政务信息系统'),
      effectiveOn: '2018-01-01',
      source: '模拟数据，仅供演示',
      members: migrations.map(({ id }) => id),
      exclusions: Object.fromEntries(outside.map(({ id, basis }) => [id, { basis }])),
    },
  }
}

/** Of the systems that move so many are claimed to have moved. */
const claimedMoves = '6'

const claim = (at: string, record: object): Operation => ({
  op: 'put',
  collection: 'claim',
  record: { at, by: '模拟填报', text: '模拟数据，仅供演示', ...record },
})

/** Puts them, and a number for the goal of the migration, whose roster is what moves; `at`: ISO 8601, UTC. */
export const claimOperations = (at: string, inventory: Inventory): readonly Operation[] => [
  migrationsAmong(inventory),
  ...demoClaims.map(({ id, subjectKind, subject, kind }) => claim(at, { id, subjectKind, subject, kind })),
  claim(at, { id: 'c-goal-4', subjectKind: 'goal', subject: 'goal-4', kind: 'count', value: claimedMoves }),
]

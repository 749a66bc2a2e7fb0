import { isOutOfScope, stateAt } from '../../inventory/migration/index.ts'
import type { Claim } from '../../inventory/ledger/index.ts'
import type { Ground } from './ground.ts'

export type Member = Pick<Claim, 'subjectKind' | 'subject'>

/**
 * Members of what a plan names as a class: every node, every hall, every system that is to move. Undefined for a named
 * system that is one system.
 */
export const membersOf = (named: string, { inventory, now }: Ground): readonly Member[] | undefined => {
  switch (named) {
    case 'net-city-extranet':
      return [...inventory.node.values()]
        .filter(({ state }) => state === 'active')
        .map(({ id }) => ({ subjectKind: 'node', subject: id }))
    case 'sys-hall':
      return [...inventory.unit.values()]
        .filter(({ kind }) => kind === 'hall')
        .map(({ id }) => ({ subjectKind: 'unit', subject: id }))
    case 'cls-nonsecret':
      return [...inventory.migration.values()]
        .filter((record) => !isOutOfScope(stateAt(record, now)))
        .map(({ id }) => ({ subjectKind: 'system', subject: id }))
    default:
      return undefined
  }
}

import type { Mention } from '../../inventory/ledger/index.ts'
import { type Ground, groundOf } from './ground.ts'
import { type NamedSystem, namedSystems } from './named-systems.ts'
import { findingOf } from './parts.ts'
import { rulingOf } from './rules/index.ts'
import type { NamedFinding, Part, VerifyInput } from './types.ts'

const partsOf = ({ checks, id }: NamedSystem, ground: Ground): readonly Part[] =>
  checks.flatMap((kind) => rulingOf({ kind, subjectKind: 'mention', subject: id }, ground).parts)

/** What must be so of a system that a plan names; undefined where no request is known for it. */
export const namedParts = (id: string, ground: Ground): readonly Part[] | undefined => {
  const row = namedSystems.find((each) => each.id === id)
  return row === undefined || !ground.inventory.mention.has(id) ? undefined : partsOf(row, ground)
}

const foundOf = (row: NamedSystem, mention: Mention, ground: Ground): NamedFinding => {
  const { id, request, assertion, checks, documents } = row
  return {
    mention: id,
    name: mention.name,
    request,
    assertion,
    documentsOnly: checks.length === 0,
    ...findingOf(partsOf(row, ground), documents, ground.now),
  }
}

/** A row for each system that the plans of the inventory name, as far as requests are known for it. */
export const verifyNamed = (input: VerifyInput): readonly NamedFinding[] => {
  const ground = groundOf(input)
  return namedSystems.flatMap((row) => {
    const mention = input.inventory.mention.get(row.id)
    return mention === undefined ? [] : [foundOf(row, mention, ground)]
  })
}

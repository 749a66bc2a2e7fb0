import type { Mention } from '../../inventory/ledger/index.ts'
import { type Ground, groundOf } from './ground.ts'
import { type NamedSystem, namedSystems } from './named-systems.ts'
import { everyOf, findingOf } from './parts.ts'
import { rulingOf } from './rules/index.ts'
import type { NamedFinding, Part, VerifyInput } from './types.ts'

/** Members of what a plan names as a class: every node, every hall, every system that moves. */
const membersOf = ({ id }: NamedSystem, { inventory }: Ground) => {
  if (id === 'net-city-extranet')
    return [...inventory.node.values()]
      .filter(({ state }) => state === 'active')
      .map((node) => ({ subjectKind: 'node' as const, subject: node.id }))
  if (id === 'sys-hall')
    return [...inventory.unit.values()]
      .filter(({ kind }) => kind === 'hall')
      .map((unit) => ({ subjectKind: 'unit' as const, subject: unit.id }))
  if (id === 'cls-nonsecret')
    return [...inventory.migration.keys()].map((subject) => ({ subjectKind: 'system' as const, subject }))
  return undefined
}

const partsOf = (row: NamedSystem, mention: Mention, ground: Ground): readonly Part[] => {
  const members = membersOf(row, ground)
  return row.checks.flatMap((kind): readonly Part[] => {
    if (members === undefined)
      return rulingOf({ kind, subjectKind: 'mention', subject: mention.id }, ground).parts
    const each = members.map((member) =>
      everyOf(member.subject, rulingOf({ kind, ...member }, ground).parts, '没有规则'),
    )
    return [everyOf(row.assertion, each, '没有登记成员')]
  })
}

/** What must be so of a system that a plan names; undefined where no request is known for it. */
export const namedParts = (id: string, ground: Ground): readonly Part[] | undefined => {
  const row = namedSystems.find((each) => each.id === id)
  const mention = ground.inventory.mention.get(id)
  return row === undefined || mention === undefined ? undefined : partsOf(row, mention, ground)
}

const foundOf = (row: NamedSystem, mention: Mention, ground: Ground): NamedFinding => {
  const { id, request, assertion, checks, documents } = row
  return {
    mention: id,
    name: mention.name,
    request,
    assertion,
    documentsOnly: checks.length === 0,
    ...findingOf(partsOf(row, mention, ground), documents, ground.now),
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

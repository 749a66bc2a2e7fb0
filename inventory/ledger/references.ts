import type { Collection } from '../model.ts'
import { many, one, type Reference } from '../reference.ts'
import type { SubjectKind } from './claim-kinds.ts'
import type { Claim, Goal, Mention, Milestone, Progress, Roster, Task, Workplan } from './records.ts'
import type { RosterKind } from './words.ts'

/** What the ledger's records refer to. */

const workItems = ['task', 'milestone'] as const satisfies readonly Collection[]

const manyOf = (path: string, to: readonly Collection[], ids: readonly string[]): readonly Reference[] =>
  ids.map((id, index) => ({ path: `${path}[${index}]`, to, id }))

/** Where the subject of a claim is. */
export const subjectCollection: Readonly<Record<SubjectKind, Collection>> = {
  goal: 'goal',
  task: 'task',
  milestone: 'milestone',
  mention: 'mention',
  system: 'system',
  node: 'node',
  unit: 'unit',
  region: 'region',
  item: 'assessment',
}

/** Where the members of a roster are; of those without, only the number is known. */
export const memberCollection: Readonly<Record<RosterKind, Collection | undefined>> = {
  departments: 'unit',
  counties: 'region',
  townships: 'region',
  villages: undefined,
  halls: 'unit',
  nodes: 'node',
  systems: 'system',
  items: undefined,
}

const membersOf = ({ of, members }: Roster): readonly Reference[] => {
  const collection = memberCollection[of]
  return collection === undefined ? [] : many('members', collection, members)
}

export const ledgerReferences = {
  workplan: ({ region, safeguards, reporting }: Workplan): readonly Reference[] => [
    ...one('region', 'region', region),
    ...safeguards.flatMap(({ units }, index) => many(`safeguards[${index}].units`, 'unit', units)),
    ...reporting.flatMap(({ by }, index) => one(`reporting[${index}].by`, 'unit', by)),
  ],
  goal: ({ plan, tasks }: Goal): readonly Reference[] => [
    ...one('plan', 'workplan', plan),
    ...many('tasks', 'task', tasks),
  ],
  task: ({ plan, lead, joint, mentions, dependsOn, dependsOnInferred }: Task): readonly Reference[] => [
    ...one('plan', 'workplan', plan),
    ...many('lead', 'unit', lead),
    ...many('joint', 'unit', joint),
    ...many('mentions', 'mention', mentions),
    ...manyOf('dependsOn', workItems, dependsOn),
    ...manyOf('dependsOnInferred', workItems, dependsOnInferred),
  ],
  milestone: ({ task, dependsOn }: Milestone): readonly Reference[] => [
    ...one('task', 'task', task),
    ...manyOf('dependsOn', workItems, dependsOn),
  ],
  mention: ({ plan, system, owners }: Mention): readonly Reference[] => [
    ...one('plan', 'workplan', plan),
    ...one('system', 'system', system),
    ...many('owners', 'unit', owners),
  ],
  progress: ({ subject }: Progress): readonly Reference[] => [
    { path: 'subject', to: workItems, id: subject },
  ],
  claim: ({ subjectKind, subject, unit }: Claim): readonly Reference[] => [
    ...one('subject', subjectCollection[subjectKind], subject),
    ...one('unit', 'unit', unit),
  ],
  roster: membersOf,
}

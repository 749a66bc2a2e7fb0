import type { Problem } from '../../src/core/fault.ts'
import { findCycles } from '../cycles.ts'
import { itemById } from '../mlps/catalogue.ts'
import { type ClaimKind, claimKinds, subjectLabels } from './claim-kinds.ts'
import type { Claim, Goal, Milestone, Progress, Roster, Task } from './records.ts'
import { memberCollection } from './references.ts'

/** What the ledger's records demand of each other, beyond what each is by itself. */

interface Records {
  readonly task: ReadonlyMap<string, Task>
  readonly milestone: ReadonlyMap<string, Milestone>
  readonly roster: ReadonlyMap<string, Roster>
}

interface Changed {
  readonly goal: readonly Goal[]
  readonly task: readonly Task[]
  readonly milestone: readonly Milestone[]
  readonly progress: readonly Progress[]
  readonly claim: readonly Claim[]
  readonly roster: readonly Roster[]
}

/** A task waits on what it says and on its own milestones; a milestone on what it says. */
const cycleProblems = ({ task, milestone }: Records, changed: Changed): readonly Problem[] => {
  const starts = [...changed.task, ...changed.milestone].map(({ id }) => id)
  if (starts.length === 0) return []
  const parts = Map.groupBy(milestone.values(), (each) => each.task)
  const before = (id: string): readonly string[] => {
    const own = task.get(id)
    if (own === undefined) return milestone.get(id)?.dependsOn ?? []
    return [...own.dependsOn, ...own.dependsOnInferred, ...(parts.get(id) ?? []).map((part) => part.id)]
  }
  return findCycles(starts, before).map((cycle) => {
    const [first = ''] = cycle
    return {
      where: `${task.has(first) ? 'task' : 'milestone'}/${first}.dependsOn`,
      message: `expected an order in which all can be done, got a cycle: ${[...cycle.slice(0, 10), first].join(' → ')}`,
    }
  })
}

const sharedIds = ({ task }: Records, { milestone }: Changed): readonly Problem[] =>
  milestone
    .filter(({ id }) => task.has(id))
    .map(({ id }) => ({
      where: `milestone/${id}.id`,
      message: `expected an id that no task has, got ${id}`,
      suggestion: `${id}-m1`,
    }))

const foreignTasks = ({ task }: Records, { goal }: Changed): readonly Problem[] =>
  goal.flatMap(({ id, plan, tasks }) =>
    tasks.flatMap((each, index) => {
      const other = task.get(each)?.plan ?? plan
      return other === plan
        ? []
        : [
            {
              where: `goal/${id}.tasks[${index}]`,
              message: `expected a task of ${plan}, got ${each} of ${other}`,
            },
          ]
    }),
  )

const progressProblems = ({ id, kind, to }: Progress): readonly Problem[] =>
  (kind === 'move') === (to !== undefined)
    ? []
    : [{ where: `progress/${id}.to`, message: `expected a state of a move, and none of a note, got ${kind}` }]

const valueProblem = (value: string | undefined, form: ClaimKind['value']): string | undefined => {
  if (form === 'none') return value === undefined ? undefined : `expected no value, got ${value}`
  if (form === 'optional') return undefined
  if (value === undefined) return 'expected a value, got none'
  return form === 'number' && !/^\d{1,12}(\.\d{1,6})?$/u.test(value)
    ? `expected a number, got ${value}`
    : undefined
}

const claimProblems = (claim: Claim): readonly Problem[] => {
  const { id, kind, subjectKind, value, item } = claim
  const { label, subjects, value: form }: ClaimKind = claimKinds[kind]
  const wrongValue = valueProblem(value, form)
  const isKnownItem = subjectKind === 'item' ? itemById(item ?? '') !== undefined : item === undefined
  return [
    ...(subjects.includes(subjectKind)
      ? []
      : [
          {
            where: `claim/${id}.kind`,
            message: `expected a claim about ${subjects.map((each) => `${each} (${subjectLabels[each]})`).join(', ')}, got ${kind} (${label}) about ${subjectKind}`,
          },
        ]),
    ...(wrongValue === undefined
      ? []
      : [{ where: `claim/${id}.value`, message: `${kind} (${label}): ${wrongValue}` }]),
    ...(isKnownItem
      ? []
      : [
          {
            where: `claim/${id}.item`,
            message: `expected an item of the catalogue where an item is the subject, got ${item ?? 'none'}`,
          },
        ]),
  ]
}

const sizeProblems = (where: string, { of, members, count, exclusions }: Roster): readonly Problem[] => {
  if (memberCollection[of] === undefined && members.length > 0)
    return [
      { where: `${where}.members`, message: `expected a number, since ${of} are no records, got members` },
    ]
  if (members.length > 0 === (count !== undefined))
    return [{ where: `${where}.count`, message: 'expected members or a count, and one of them only' }]
  const listed = new Set(members)
  if (listed.size < members.length)
    return [{ where: `${where}.members`, message: 'expected each member once' }]
  const out = Object.entries(exclusions)
  if (count !== undefined) {
    const excluded = out.reduce((sum, [, { count: number }]) => sum + number, 0)
    return excluded > count
      ? [{ where: `${where}.exclusions`, message: `expected at most ${count}, got ${excluded}` }]
      : []
  }
  return out.flatMap(([member, { count: number }]) => {
    const place = `${where}.exclusions.${member}`
    if (!listed.has(member))
      return [{ where: place, message: `expected a member of the roster, got ${member}` }]
    return number === 1 ? [] : [{ where: `${place}.count`, message: `expected 1 of a member, got ${number}` }]
  })
}

/** The version before it; the newest of the others. */
const versionProblems = (where: string, roster: Roster, all: readonly Roster[]): readonly Problem[] => {
  const others = all.filter(({ id, series }) => series === roster.series && id !== roster.id)
  const earlier = others.filter(({ version }) => version < roster.version)
  const previous = earlier.reduce<Roster | undefined>(
    (newest, each) => (newest === undefined || each.version > newest.version ? each : newest),
    undefined,
  )
  const expected = (previous?.version ?? 0) + 1
  if (roster.version !== expected || others.some(({ version }) => version === roster.version))
    return [
      {
        where: `${where}.version`,
        message: `expected version ${others.length + 1} of ${roster.series}, got ${roster.version}`,
      },
    ]
  if (previous === undefined) return []
  return [
    ...(previous.of === roster.of
      ? []
      : [
          {
            where: `${where}.of`,
            message: `expected ${previous.of} as in version ${previous.version}, got ${roster.of}`,
          },
        ]),
    ...(previous.effectiveOn <= roster.effectiveOn
      ? []
      : [
          {
            where: `${where}.effectiveOn`,
            message: `expected a day from ${previous.effectiveOn} on, that of version ${previous.version}, got ${roster.effectiveOn}`,
          },
        ]),
  ]
}

const rosterProblems = ({ roster: all }: Records, roster: Roster): readonly Problem[] => {
  const where = `roster/${roster.id}`
  return [...sizeProblems(where, roster), ...versionProblems(where, roster, [...all.values()])]
}

/** What is wrong among the ledger's records after a change. Mentions of records that are not there are somebody else's problem. */
export const ledgerProblems = (records: Records, changed: Changed): readonly Problem[] => [
  ...cycleProblems(records, changed),
  ...sharedIds(records, changed),
  ...foreignTasks(records, changed),
  ...changed.progress.flatMap(progressProblems),
  ...changed.claim.flatMap(claimProblems),
  ...changed.roster.flatMap((roster) => rosterProblems(records, roster)),
]

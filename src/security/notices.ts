import { minuteIn } from '../core/day.ts'
import type { Happened } from './absorb.ts'
import type { Roster } from './duty.ts'
import type { EventCategory, Severity, Task } from './events.ts'
import { type Case, revived, takeStep } from './incident.ts'
import { incidentNumbers, writeHappened } from './incidents.ts'
import type { Entry, Ledger } from './ledger/ledger.ts'

/** Colours and grades of a warning (预警) are the same four: 红 Ⅰ, 橙 Ⅱ, 黄 Ⅲ, 蓝 Ⅳ. */
export const noticeLevels = { I: '红色', II: '橙色', III: '黄色', IV: '蓝色' } as const
export type NoticeLevel = keyof typeof noticeLevels

const severities: Readonly<Record<NoticeLevel, Severity>> = {
  I: 'critical',
  II: 'high',
  III: 'medium',
  IV: 'low',
}

/** Which text of a notice it is: their number for it, and how often it was given a new one. */
interface Revised {
  readonly id: string
  readonly issuer: string
  /** 1: as it was issued first. */
  readonly revision: number
  /** Of everything that they said: the same revision with another digest is another notice. */
  readonly digest: string
}

/** What the platform above warns of or asks for (通报预警). Times: milliseconds since the epoch. */
export interface Notice extends Revised {
  readonly title: string
  readonly level: NoticeLevel
  readonly category: EventCategory
  readonly issuedAt: number
  /** What the responsible unit is to do, and by when. */
  readonly task: string
  readonly dueAt: number
  /** Ids of the inventory. */
  readonly unit: string
  readonly targets: readonly string[]
  /** Nature, threat, scope and the like, in words. */
  readonly note: string
}

/** That it is over (解除). */
export interface Lifting extends Revised {
  readonly reason: string
}

export type NoticeResult =
  /** `taken`: it was news; `known`: it was not; `outdated`: a later revision was here before it. */
  | { readonly result: 'taken' | 'known' | 'outdated'; readonly incident: Case }
  /** Their number and revision stand for another text. */
  | { readonly result: 'conflict'; readonly incident: Case }
  /** What is lifted was never given. */
  | { readonly result: 'unknown' }

export interface NoticeGround {
  readonly now: number
  readonly by: string
  readonly roster: Roster
  /** Of deadlines in words. */
  readonly timezone: string
}

const keyOf = ({ issuer, id }: Revised): string => `notice:${issuer}:${id}`

const titleOf = ({ title }: Notice): string => `通报预警：${title}`

const caseOf = (notice: Notice, id: string, now: number): Case => ({
  id,
  title: titleOf(notice),
  cause: keyOf(notice),
  keys: [keyOf(notice)],
  severity: severities[notice.level],
  category: notice.category,
  state: 'warned',
  openedAt: now,
  startedAt: notice.issuedAt,
  alertedAt: now,
  escalations: 0,
  reopened: 0,
  reportClocks: [],
  findings: [],
  openFindings: [],
  targets: notice.targets,
  behind: 0,
  units: [notice.unit],
  tasks: [],
})

/** An incident with a task for the responsible unit. */
const opened = (notice: Notice, id: string, now: number): readonly Happened[] => {
  const { unit, task: what, dueAt, revision, digest, note } = notice
  const incident = caseOf(notice, id, now)
  const tasked = takeStep(incident, { do: 'task', unit, what, dueAt }, now)
  const { tasks } = tasked.incident
  return [
    { incident, change: 'opened', note },
    // Somebody on duty is still to sign for it.
    { ...tasked, incident: { ...incident, tasks, notice: { revision, digest, task: tasks[0]?.id ?? '' } } },
  ]
}

/** What is over comes back, and waits for somebody again. */
const awake = (incident: Case, now: number): Case =>
  incident.resolvedAt === undefined && incident.state !== 'archived'
    ? incident
    : { ...revived(incident, now), state: 'warned' }

const openTask = ({ tasks, notice }: Case): Task | undefined =>
  tasks.find(({ id, doneAt }) => id === notice?.task && doneAt === undefined)

/** What is not as it was, in words. */
const differences = (before: Case, notice: Notice, timezone: string): string => {
  const task = openTask(before)
  const pairs = [
    ['期限', task && minuteIn(timezone, task.dueAt), minuteIn(timezone, notice.dueAt)],
    ['责任单位', task?.unit, notice.unit],
    ['任务', task?.what, notice.task],
  ] as const
  return pairs
    .filter(([, was, is]) => was !== is)
    .map(([label, was, is]) => `${label}${was === undefined ? '' : `由 ${was} `}改为 ${is}`)
    .join('；')
}

/** The same incident by a later text; a task that is done already is followed by another. */
const amended = (known: Case, notice: Notice, { now, timezone }: NoticeGround): Happened => {
  const { unit, task: what, dueAt, revision, digest, note } = notice
  const open = openTask(known)
  const task: Task = { id: open?.id ?? `T-${known.tasks.length + 1}`, unit, what, dueAt }
  const incident: Case = {
    ...awake(known, now),
    ...{ title: titleOf(notice), severity: severities[notice.level], category: notice.category },
    ...{ targets: notice.targets, units: [unit], notice: { revision, digest, task: task.id } },
    tasks: open ? known.tasks.map((each) => (each === open ? task : each)) : [...known.tasks, task],
  }
  const words = [`第 ${revision} 版`, differences(known, notice, timezone), note].filter(
    (part) => part !== '',
  )
  return { incident, change: 'amended', note: words.join('；') }
}

/** Its task is closed; it is mended, unless people gave tasks of their own that are open. */
const lifted = (known: Case, { revision, digest, reason }: Lifting, { now }: NoticeGround): Happened => {
  const task = openTask(known)
  const tasks = known.tasks.map((each) => (each === task ? { ...each, doneAt: now } : each))
  const isMended = tasks.every(({ doneAt }) => doneAt !== undefined)
  const incident: Case = {
    ...known,
    ...{ tasks, notice: { revision, digest, task: known.notice?.task ?? '' } },
    ...(isMended && known.state !== 'archived' && { state: 'handling', resolvedAt: known.resolvedAt ?? now }),
  }
  return { incident, change: 'lifted', note: `第 ${revision} 版，解除：${reason}` }
}

/**
 * The incident of a notice. One from before texts were numbered follows the first, whatever that said, and its first
 * task is the notice's: the same notice given again is no news.
 */
const knownCase = (entry: Entry, given: Revised): Case | undefined => {
  const known = entry.cases(0).find(({ keys }) => keys.includes(keyOf(given)))
  if (known === undefined || known.notice !== undefined) return known
  return { ...known, notice: { revision: 1, digest: given.digest, task: known.tasks[0]?.id ?? '' } }
}

/** Writes down what became of a notice, where that is news; once, however often it is given. */
const revise = (
  ledger: Ledger,
  given: Revised,
  { now, by, roster, timezone }: NoticeGround,
  happen: (known: Case | undefined, newId: () => string) => readonly Happened[],
): NoticeResult =>
  ledger.change((entry) => {
    const known = knownCase(entry, given)
    const { revision = 0, digest } = known?.notice ?? {}
    if (known !== undefined && given.revision < revision) return { result: 'outdated', incident: known }
    if (known !== undefined && given.revision === revision)
      return { result: given.digest === digest ? 'known' : 'conflict', incident: known }
    const happened = happen(known, incidentNumbers(entry, { now, timezone }))
    writeHappened(entry, happened, { at: now, by, roster })
    const incident = happened.at(-1)?.incident
    return incident === undefined ? { result: 'unknown' } : { result: 'taken', incident }
  })

/**
 * Makes an incident of a notice, with a task for the responsible unit. A later revision changes the task and its
 * deadline, and brings back what was over.
 */
export const takeNotice = (ledger: Ledger, notice: Notice, ground: NoticeGround): NoticeResult =>
  revise(ledger, notice, ground, (known, newId) =>
    known === undefined ? opened(notice, newId(), ground.now) : [amended(known, notice, ground)],
  )

/** Closes the task of a notice that is over. */
export const liftNotice = (ledger: Ledger, lifting: Lifting, ground: NoticeGround): NoticeResult =>
  revise(ledger, lifting, ground, (known) => (known === undefined ? [] : [lifted(known, lifting, ground)]))

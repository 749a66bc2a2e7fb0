import type { EventCategory, Severity } from './events.ts'
import type { Roster } from './duty.ts'
import { type Case, takeStep } from './incident.ts'
import { incidentNumbers, writeHappened } from './incidents.ts'
import type { Ledger } from './ledger/ledger.ts'

/** Colours and grades of a warning (预警) are the same four: 红 Ⅰ, 橙 Ⅱ, 黄 Ⅲ, 蓝 Ⅳ. */
export const noticeLevels = { I: '红色', II: '橙色', III: '黄色', IV: '蓝色' } as const
export type NoticeLevel = keyof typeof noticeLevels

const severities: Readonly<Record<NoticeLevel, Severity>> = {
  I: 'critical',
  II: 'high',
  III: 'medium',
  IV: 'low',
}

/** What the platform above warns of or asks for (通报预警). Times: milliseconds since the epoch. */
export interface Notice {
  /** Their number for it. */
  readonly id: string
  readonly title: string
  readonly level: NoticeLevel
  readonly category: EventCategory
  readonly issuer: string
  readonly issuedAt: number
  /** What the responsible unit is to do, and by when. */
  readonly task: string
  readonly dueAt: number
  /** Ids of the inventory. */
  readonly unit: string
  readonly targets: readonly string[]
  /** Nature, threat, scope and the like, in words. */
  readonly note: string
  /** Of everything that they said: the same number with another digest is another notice. */
  readonly digest: string
}

export type NoticeResult =
  | { readonly result: 'taken' | 'known'; readonly incident: Case }
  /** Their number stands for another notice. */
  | { readonly result: 'conflict'; readonly incident: Case }

export interface NoticeGround {
  readonly now: number
  readonly by: string
  readonly roster: Roster
}

const keyOf = ({ issuer, id }: Notice): string => `notice:${issuer}:${id}`
const digestKey = ({ digest }: Notice): string => `notice-digest:${digest}`

const caseOf = (notice: Notice, id: string, now: number): Case => ({
  id,
  title: `通报预警：${notice.title}`,
  cause: keyOf(notice),
  keys: [keyOf(notice), digestKey(notice)],
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

/** Makes an incident of a notice, with a task for the responsible unit; once, however often it is given. */
export const takeNotice = (ledger: Ledger, notice: Notice, { now, by, roster }: NoticeGround): NoticeResult =>
  ledger.change((entry) => {
    const known = entry.cases(0).find(({ keys }) => keys.includes(keyOf(notice)))
    if (known !== undefined)
      return { result: known.keys.includes(digestKey(notice)) ? 'known' : 'conflict', incident: known }
    const opened = caseOf(notice, incidentNumbers(entry, now)(), now)
    const { unit, task: what, dueAt } = notice
    const tasked = takeStep(opened, { do: 'task', unit, what, dueAt }, now)
    // Somebody on duty is still to sign for it.
    const incident: Case = { ...opened, tasks: tasked.incident.tasks }
    const happened = [
      { incident: opened, change: 'opened', note: notice.note } as const,
      { ...tasked, incident },
    ]
    writeHappened(entry, happened, { at: now, by, roster })
    return { result: 'taken', incident }
  })

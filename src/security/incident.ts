import { UsageFault } from '../core/fault.ts'
import {
  type Grade,
  gradeLabels,
  type Incident,
  type IncidentChange,
  incidentStateLabels,
  type Postmortem,
} from './events.ts'
import { reportClocksOf, type Reporter } from './grading.ts'

/** An incident as it is kept. */
export interface Case extends Incident {
  /** Causes by which findings belong to it. */
  readonly keys: readonly string[]
  /** Since when somebody is waited for; how often others were told since. */
  readonly alertedAt: number
  readonly escalations: number
  /** Of a notice from above: which text of it this follows, and which task it is. */
  readonly notice?: { readonly revision: number; readonly digest: string; readonly task: string }
  /** It is cut off by these, which is not mended: it ends with what lies above, or once its targets answer again. */
  readonly supersededBy?: readonly string[]
}

/** What a person does to an incident. */
export type Step =
  | { readonly do: 'ack'; readonly note?: string }
  | { readonly do: 'assign'; readonly to: string; readonly note?: string }
  | { readonly do: 'task'; readonly unit: string; readonly what: string; readonly dueAt: number }
  | { readonly do: 'task-done'; readonly task: string; readonly note?: string }
  | { readonly do: 'note'; readonly note: string }
  | { readonly do: 'grade'; readonly grade: Grade; readonly note: string; readonly reporter: Reporter }
  | { readonly do: 'reported'; readonly note: string }
  | { readonly do: 'resolve'; readonly note: string; readonly isForced: boolean }
  | { readonly do: 'reopen'; readonly note: string }
  | { readonly do: 'close'; readonly postmortem: Postmortem }

export interface Taken {
  readonly incident: Case
  readonly change: IncidentChange
  readonly note?: string
}

const refuse = ({ id, state }: Case, expected: string, suggestion: string): UsageFault =>
  new UsageFault([
    {
      where: id,
      message: `expected ${expected}, it is in ${incidentStateLabels[state]} (${state})`,
      suggestion,
    },
  ])

const mustBeLive = (incident: Case): void => {
  if (incident.state === 'archived')
    throw refuse(incident, 'an incident that is not archived', `yiwang incident reopen ${incident.id}`)
}

const taken = (incident: Case, change: IncidentChange, note?: string): Taken => ({
  incident,
  change,
  ...(note !== undefined && { note }),
})

const acknowledge = (incident: Case, at: number, note?: string): Taken => {
  if (incident.acknowledgedAt !== undefined || incident.state === 'archived')
    throw refuse(incident, 'an incident that nobody acknowledged yet', `yiwang incident show ${incident.id}`)
  return taken({ ...incident, state: 'responding', acknowledgedAt: at }, 'acknowledged', note)
}

/** Whoever takes it on has seen it. */
const handled = (incident: Case, at: number): Case => ({
  ...incident,
  state: 'handling',
  acknowledgedAt: incident.acknowledgedAt ?? at,
})

const finishTask = (incident: Case, id: string, at: number, note?: string): Taken => {
  const task = incident.tasks.find((each) => each.id === id)
  if (task === undefined || task.doneAt !== undefined)
    throw new UsageFault([
      {
        where: `${incident.id} ${id}`,
        message: `expected an open task (${incident.tasks.map((each) => each.id).join(', ') || 'there is none'}), got ${id}`,
        suggestion: `yiwang incident show ${incident.id}`,
      },
    ])
  const tasks = incident.tasks.map((each) => (each === task ? { ...each, doneAt: at } : each))
  return taken({ ...incident, tasks }, 'task-done', note)
}

const resolve = (incident: Case, at: number, note: string, isForced: boolean): Taken => {
  const { openFindings, id } = incident
  if (openFindings.length > 0 && !isForced)
    throw new UsageFault([
      {
        where: id,
        message: `expected no open finding, got ${openFindings.length}: ${openFindings.slice(0, 3).join(', ')}`,
        suggestion: 'mend it first; --force says that it is over all the same, and is recorded',
      },
    ])
  return taken({ ...handled(incident, at), resolvedAt: at }, 'resolved', note)
}

const archive = (incident: Case, at: number, postmortem: Postmortem): Taken => {
  if (incident.resolvedAt === undefined)
    throw refuse(incident, 'a resolved incident', `yiwang incident resolve ${incident.id} --note TEXT`)
  return taken({ ...incident, state: 'archived', closedAt: at, postmortem }, 'closed', postmortem.cause)
}

const endings = [
  'acknowledgedAt',
  'recoveredAt',
  'resolvedAt',
  'closedAt',
  'supersededBy',
  'mergedInto',
] as const satisfies readonly (keyof Case)[]

const withoutEndings = (incident: Case): Omit<Case, (typeof endings)[number]> => {
  const rest = { ...incident }
  for (const key of endings) Reflect.deleteProperty(rest, key)
  return rest
}

/** It is for somebody to acknowledge, here and now. */
export const isWaiting = ({ state, recoveredAt, supersededBy }: Case): boolean =>
  state === 'warned' && recoveredAt === undefined && supersededBy === undefined

/** No longer cut off. */
export const reachable = (incident: Case): Case => {
  const rest = { ...incident }
  Reflect.deleteProperty(rest, 'supersededBy')
  return rest
}

/** Mended. What was only watched is over with it. */
export const recovered = (incident: Case, at: number, note?: string): Taken => {
  const over = { ...reachable(incident), recoveredAt: at }
  return incident.state === 'watching'
    ? taken({ ...over, state: 'archived', closedAt: at }, 'closed', '监测期间自行恢复')
    : taken(over, 'recovered', note)
}

/** The same incident once more, waiting for somebody again; watched, where it was only that. */
export const revived = (incident: Case, at: number): Case => ({
  ...withoutEndings(incident),
  state: incident.severity === 'medium' && incident.acknowledgedAt === undefined ? 'watching' : 'warned',
  reopened: incident.reopened + 1,
  alertedAt: at,
  escalations: 0,
})

const reopen = (incident: Case, at: number, note: string): Taken => {
  if (incident.resolvedAt === undefined && incident.state !== 'archived')
    throw refuse(incident, 'a resolved or archived incident', `yiwang incident show ${incident.id}`)
  const { recoveredAt } = incident
  // That people go on with it makes nothing fail again.
  const recovery = recoveredAt === undefined ? {} : { recoveredAt }
  return taken(
    { ...revived(incident, at), ...recovery, state: 'responding', acknowledgedAt: at },
    'reopened',
    note,
  )
}

const addTask = (incident: Case, { unit, what, dueAt }: Extract<Step, { do: 'task' }>, at: number): Taken => {
  const task = { id: `T-${incident.tasks.length + 1}`, unit, what, dueAt }
  return taken({ ...handled(incident, at), tasks: [...incident.tasks, task] }, 'tasked', `${unit}: ${what}`)
}

const grade = (incident: Case, { grade: set, note, reporter }: Extract<Step, { do: 'grade' }>): Taken => {
  const reportClocks = reportClocksOf(set, incident.startedAt, reporter)
  return taken({ ...incident, grade: set, reportClocks }, 'graded', `${gradeLabels[set]}：${note}`)
}

/** An incident after a person's step. Throws `UsageFault` where it is not one that may be taken now. */
export const takeStep = (incident: Case, step: Step, at: number): Taken => {
  if (step.do !== 'reopen') mustBeLive(incident)
  switch (step.do) {
    case 'ack':
      return acknowledge(incident, at, step.note)
    case 'assign':
      return taken({ ...handled(incident, at), assignee: step.to }, 'assigned', step.note)
    case 'task':
      return addTask(incident, step, at)
    case 'task-done':
      return finishTask(incident, step.task, at, step.note)
    case 'note':
      return taken(incident, 'noted', step.note)
    case 'grade':
      return grade(incident, step)
    case 'reported':
      return taken({ ...incident, reportedAt: at }, 'reported', step.note)
    case 'resolve':
      return resolve(incident, at, step.note, step.isForced)
    case 'reopen':
      return reopen(incident, at, step.note)
    case 'close':
      return archive(incident, at, step.postmortem)
  }
}

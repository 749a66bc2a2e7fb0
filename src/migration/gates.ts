import { isIP } from 'node:net'
import {
  isAside,
  isOnPath,
  lastOnPath,
  type Migration,
  type MigrationState,
  path,
  type PathState,
  placeOf,
  stateLabels,
  type Wave,
} from '../../inventory/migration/index.ts'
import type { Day } from '../core/day.ts'
import { type ProbeDay, type SilentDay, silentSinceAnswer } from './days.ts'

/** What the network showed of a system that moves; see `probeDayOf` and `silentDayOf`. */
export interface Evidence {
  /** Whole days in trial. */
  readonly probeDays: readonly ProbeDay[]
  /** Whole days since the old place is to be silent, oldest first. */
  readonly silentDays: readonly SilentDay[]
}

export const noEvidence: Evidence = { probeDays: [], silentDays: [] }

export interface GateSettings {
  readonly probeDays: number
  readonly silentDays: number
}

/** What each gate asks for, in the words of officials. */
export const gateLabels = {
  order: '按次序的上一步骤',
  freeze: '冻结期以外的日期',
  filing: '定级备案证明',
  'three-party': '三方启动测试确认单',
  'probe-days': '足够的试运行探测日',
  'old-silent': '原址静默的足够日数',
} as const
export type Gate = keyof typeof gateLabels

/** What a move that was made all the same says it missed: the gate, and its message for engineers. */
export const missingText = ({ gate, message }: Missing): string => `${gate}: ${message}`

const isGate = (text: string): text is Gate => Object.hasOwn(gateLabels, text)

/** The same in the words of officials, each once. */
export const missingLabels = (texts: readonly string[]): readonly string[] => [
  ...new Set(
    texts.map((text) => {
      const gate = text.split(':', 1)[0] ?? ''
      return isGate(gate) ? gateLabels[gate] : '其他条件'
    }),
  ),
]

/** One thing that a move still needs. */
export interface Missing {
  readonly gate: Gate
  /** Expected what, got what. */
  readonly message: string
}

export interface GateInput {
  readonly record: Migration
  readonly to: MigrationState
  readonly evidence: Evidence
  readonly wave?: Wave | undefined
  /** The day of the move. */
  readonly day: Day
  readonly settings: GateSettings
}

type Check = (input: GateInput) => readonly Missing[]

const missing = (gate: Gate, message: string): readonly Missing[] => [{ gate, message }]

const named = (state: MigrationState): string => `${state} (${stateLabels[state]})`

const filed: Check = ({ record: { documents } }) =>
  documents.some(({ kind }) => kind === 'filing')
    ? []
    : missing(
        'filing',
        'expected the certificate of filing, 定级备案证明 (document of kind filing), got none',
      )

const confirmed: Check = ({ record: { documents } }) =>
  documents.some(({ kind }) => kind === 'three-party')
    ? []
    : missing(
        'three-party',
        'expected the form that user, bureau and cloud provider signed, 三方启动测试确认单 (document of kind three-party), got none',
      )

const some = (items: readonly string[]): string =>
  items.length > 3 ? `${items.slice(0, 3).join(', ')} and ${items.length - 3} more` : items.join(', ')

const whyShort = (days: readonly ProbeDay[]): string => {
  const last = days.findLast(({ counts }) => !counts)
  if (last === undefined) return ''
  const parts = [
    ...(last.short.length > 0 ? [`too few looks of ${some(last.short)}`] : []),
    ...(last.failing.length > 0 ? [`too seldom up: ${some(last.failing)}`] : []),
  ]
  return `; ${last.day} does not count (${last.ran} of ${last.scheduled} looks ran, ${last.up} up${parts.length > 0 ? `: ${parts.join('; ')}` : ''})`
}

const probed: Check = ({ record, evidence: { probeDays }, settings }) => {
  if (record.newEndpoints.length === 0)
    return missing('probe-days', 'expected new endpoints to look at (newEndpoints, 新地址), got none')
  const counted = probeDays.filter(({ counts }) => counts).length
  return counted >= settings.probeDays
    ? []
    : missing(
        'probe-days',
        `expected ${settings.probeDays} probe-days in trial, got ${counted} of ${probeDays.length} days${whyShort(probeDays)}`,
      )
}

const hostOf = (endpoint: string): string => URL.parse(endpoint)?.hostname.replace(/^\[|\]$/gu, '') ?? ''

/** A name goes with the system: that something answers there says nothing of the old place. */
const unlooked = ({ oldEndpoints }: Migration): readonly Missing[] => {
  if (oldEndpoints.length === 0)
    return missing('old-silent', 'expected old endpoints to look at (oldEndpoints, 原地址), got none')
  const names = oldEndpoints.filter((endpoint) => isIP(hostOf(endpoint)) === 0)
  return names.length === 0
    ? []
    : missing(
        'old-silent',
        `expected old endpoints by IP address, since a name moves along, got ${some(names)}`,
      )
}

const newestDoubt = (last: SilentDay | undefined): readonly Missing[] => {
  if (last === undefined || last.standing === 'silent') return []
  const { day, standing, answered, unknown, uncontrolled } = last
  const alone = uncontrolled > 0 ? `; ${uncontrolled} looks met silence while no control answered` : ''
  return missing(
    'old-silent',
    standing === 'answered'
      ? `expected the old place to be silent, got answers on ${day}: ${some(answered)}`
      : `expected ${day}, the newest whole day, to be known, got too few looks of ${some(unknown)}${alone}`,
  )
}

const silent: Check = ({ record, evidence: { silentDays }, settings }) => {
  const doubts = [...unlooked(record), ...newestDoubt(silentDays.at(-1))]
  const counted = silentSinceAnswer(silentDays)
  return counted >= settings.silentDays
    ? doubts
    : [
        ...doubts,
        ...missing(
          'old-silent',
          `expected every old address silent for ${settings.silentDays} days, got ${counted} of ${silentDays.length} days`,
        ),
      ]
}

const unfrozen: Check = ({ wave, day }) => {
  const freeze = wave?.freezes.find(({ from, to }) => from <= day && day <= to)
  return wave === undefined || freeze === undefined
    ? []
    : missing(
        'freeze',
        `expected a day outside of the freeze ${freeze.from} to ${freeze.to} (${freeze.why}) of wave ${wave.id}, got ${day}`,
      )
}

/** What each state of the way asks for before a system comes into it. */
const gates: Readonly<Partial<Record<PathState, readonly Check[]>>> = {
  provisioned: [filed],
  deploying: [unfrozen],
  trial: [confirmed],
  cutover: [unfrozen],
  accepted: [probed],
  decommissioned: [silent],
}

const notAllowed = (from: MigrationState, to: MigrationState, expected: string): readonly Missing[] =>
  missing('order', `expected ${expected} after ${named(from)}, got ${named(to)}`)

const isOver = ({ state }: Migration): boolean => state === 'decommissioned'

const asideOrder = (record: Migration, to: MigrationState): readonly Missing[] => {
  if (isOver(record)) return notAllowed(record.state, to, 'no state beside the way')
  const begun = placeOf(lastOnPath(record)) >= placeOf('deploying')
  return to === 'rolled_back' && !begun ? notAllowed(record.state, to, 'a state of work that has begun') : []
}

const orderOnPath = (record: Migration, to: PathState): readonly Missing[] => {
  const { state } = record
  const left = placeOf(lastOnPath(record))
  if (!isAside(state)) {
    const next = path[left + 1]
    return placeOf(to) <= left + 1
      ? []
      : notAllowed(state, to, next === undefined ? 'no further state' : named(next))
  }
  const furthest = state === 'rolled_back' ? Math.min(left, placeOf('deploying')) : left
  return placeOf(to) <= furthest
    ? []
    : notAllowed(state, to, `at most ${named(path[furthest] ?? 'surveyed')}`)
}

/** The states of the way that a move would come to for the first time since it stood last on it. */
const passed = (record: Migration, to: PathState): readonly PathState[] =>
  path.slice(placeOf(lastOnPath(record)) + 1, placeOf(to) + 1)

/** Everything that speaks against a move, by order and gates; none: it may be made. */
export const missingFor = (input: GateInput): readonly Missing[] => {
  const { record, to } = input
  if (!isOnPath(to)) return asideOrder(record, to)
  return [
    ...orderOnPath(record, to),
    ...passed(record, to).flatMap((state) => (gates[state] ?? []).flatMap((check) => check(input))),
  ]
}

/** The next state of the way; undefined beside it and at its end. */
export const nextOnPath = ({ state }: Pick<Migration, 'state'>): PathState | undefined =>
  isAside(state) ? undefined : path[placeOf(state) + 1]

import { z } from 'zod'
import type { Inventory } from '../../../inventory/store.ts'
import { plainLine } from '../../core/plain-line.ts'
import { categoryLabels, type EventCategory } from '../events.ts'
import { type Lifting, type Notice, type NoticeLevel, noticeLevels } from '../notices.ts'
import { digestOf } from './message.ts'

/** A 通报预警 as the platform above gives it: the elements that GB/T 32924 is said to ask for, and a task. */

const colours: Readonly<Record<string, NoticeLevel>> = { red: 'I', orange: 'II', yellow: 'III', blue: 'IV' }

const text = (most: number) => z.string().trim().min(1).max(most)
const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value))

const revisionNumber = z.int().max(10_000)
const origin = {
  version: z.literal(1),
  /** Their number for it. */
  id: z.string().regex(/^[\x21-\x7e]{1,100}$/u, 'expected up to 100 visible ASCII characters'),
  issuer: text(100),
}

const issuedDocument = z.strictObject({
  ...origin,
  action: z.literal('issue').optional(),
  /** Counts from 1; with a greater one than before it changes what was issued (更改). */
  revision: revisionNumber.min(1).default(1),
  issuedAt: instant,
  title: text(200),
  /** 级别: a grade or a colour. */
  level: z
    .enum([
      ...(Object.keys(noticeLevels) as NoticeLevel[]),
      ...(Object.keys(colours) as [string, ...string[]]),
    ])
    .transform((level) => colours[level] ?? (level as NoticeLevel)),
  category: z.enum(Object.keys(categoryLabels) as [EventCategory, ...EventCategory[]]).default('other'),
  /** By when the responsible unit is to have dealt with it. */
  dueAt: instant,
  /** 事件性质, 威胁方式, 影响范围, 影响程度, 防范对策. */
  nature: text(500).optional(),
  threat: text(500).optional(),
  scope: text(500).optional(),
  impact: text(500).optional(),
  measures: text(1000).optional(),
  /** Id or name of the responsible unit. */
  unit: text(200).optional(),
  /** 涉及对象: ids of assets, as they were reported. */
  targets: z.array(text(64)).max(100).default([]),
})
type IssuedDocument = z.output<typeof issuedDocument>

/** 解除 */
const liftedDocument = z.strictObject({
  ...origin,
  action: z.literal('lift'),
  revision: revisionNumber.min(2),
  liftedAt: instant,
  reason: text(500),
})
type LiftedDocument = z.output<typeof liftedDocument>

export const noticeDocument = z.discriminatedUnion('action', [issuedDocument, liftedDocument], {
  error: 'expected an object whose action is "issue", "lift" or not there',
})
export type NoticeDocument = z.output<typeof noticeDocument>

export interface NoticeSetting {
  /** Who answers where a notice names nobody that is known; undefined: it is refused. */
  readonly fallbackUnit: string | undefined
}

const unitOfTargets = (targets: readonly string[], { node, system, device }: Inventory): string | undefined =>
  targets
    .map((id) => system.get(id)?.unit ?? node.get(id)?.unit ?? node.get(device.get(id)?.node ?? '')?.unit)
    .find((unit) => unit !== undefined)

const unitOf = (
  { unit: named, targets }: IssuedDocument,
  inventory: Inventory,
  { fallbackUnit }: NoticeSetting,
): string | undefined => {
  const { unit } = inventory
  if (named !== undefined && unit.has(named)) return named
  const byName = named === undefined ? undefined : unit.values().find(({ name }) => name === named)
  const known = byName?.id ?? unitOfTargets(targets, inventory)
  return known ?? (unit.has(fallbackUnit ?? '') ? fallbackUnit : undefined)
}

const parts = {
  nature: '事件性质',
  threat: '威胁方式',
  scope: '影响范围',
  impact: '影响程度',
  measures: '防范对策',
} as const

const noteOf = (document: IssuedDocument): string => {
  const { issuer, id, level, unit, targets } = document
  const said = Object.entries(parts).map(
    ([key, label]) => [label, document[key as keyof typeof parts]] as const,
  )
  const all = [
    ['来文', `${issuer} ${id}`],
    ['级别', noticeLevels[level]],
    ...said,
    ['责任单位', unit],
    ['涉及对象', targets.length === 0 ? undefined : targets.join('、')],
  ] as const
  return all
    .flatMap(([label, words]) => (words === undefined ? [] : [`${label}：${plainLine(words, 1000)}`]))
    .join('；')
    .slice(0, 4000)
}

/** The notice, its unit and targets found in the inventory; undefined where no unit answers for it. */
export const noticeFrom = (
  document: IssuedDocument,
  inventory: Inventory,
  setting: NoticeSetting,
): Notice | undefined => {
  const { id, revision, title, level, category, issuer, issuedAt, dueAt, targets, measures } = document
  const unit = unitOf(document, inventory, setting)
  if (unit === undefined) return undefined
  const isKnown = (target: string): boolean =>
    inventory.node.has(target) || inventory.system.has(target) || inventory.device.has(target)
  return {
    ...{ id, revision, level, category, issuedAt, dueAt, unit },
    title: plainLine(title, 200),
    issuer: plainLine(issuer, 100),
    task: plainLine(measures ?? `处理 ${issuer} 通报预警 ${id}：${title}`, 1000),
    targets: targets.filter(isKnown),
    note: noteOf(document),
    digest: digestOf(document),
  }
}

export const liftingFrom = (document: LiftedDocument): Lifting => {
  const { id, revision, issuer, reason } = document
  return {
    ...{ id, revision },
    issuer: plainLine(issuer, 100),
    reason: plainLine(reason, 500),
    digest: digestOf(document),
  }
}

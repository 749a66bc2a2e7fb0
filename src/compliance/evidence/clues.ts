import { createHash } from 'node:crypto'
import type { Inventory } from '../../../inventory/store.ts'
import type { CheckResult, KeptHostEvidence } from '../../core/host-evidence.ts'
import { mostAheadMs } from '../../core/host-evidence-document.ts'
import type { TargetId } from '../../core/target.ts'
import type { EvidenceInput, Seen, SegmentationSeen, Source } from './evidence.ts'
import { decidingOf } from './hosts.ts'
import type { HostRule, Judged, ProbeRule, RecordRule, Rule, SegmentationRule, Subject } from './rule.ts'
import { rules } from './rules/index.ts'
import { validUntil } from './validity.ts'

/** What a rule made of something seen on a record, before it is known which assets and items it concerns. */
export interface Clue extends Judged {
  readonly rule: string
  readonly items: readonly string[]
  readonly source: Source
  readonly observedAt: number
  readonly validUntil: number
  readonly silent: boolean
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const rulesFrom = <From extends Rule['from']>(from: From) =>
  rules.filter((rule): rule is Extract<Rule, { from: From }> => rule.from === from)

const hostRules: readonly HostRule[] = rulesFrom('host-check')
const segmentationRules: readonly SegmentationRule[] = rulesFrom('segmentation')
const recordRules: readonly RecordRule[] = rulesFrom('record')
const probeRules: ReadonlyMap<string, readonly ProbeRule[]> = Map.groupBy(
  rulesFrom('probe').flatMap((rule) => rule.kinds.map((kind) => ({ kind, rule }))),
  ({ kind }) => kind,
)
  .entries()
  .reduce(
    (byKind, [kind, pairs]) =>
      byKind.set(
        kind,
        pairs.map(({ rule }) => rule),
      ),
    new Map<string, readonly ProbeRule[]>(),
  )

const probeClues = (seen: Seen, subject: Subject): readonly Clue[] => {
  const { agent, heard, intervalSeconds, observation } = seen
  const { kind, target, vantage, job, observedAt } = observation
  const judged = (probeRules.get(kind) ?? []).flatMap((rule) => {
    const judgement = observation.status === 'unknown' ? undefined : rule.judge(seen, subject)
    return judgement === undefined ? [] : [{ rule: rule.id, items: rule.items, ...judgement }]
  })
  if (judged.length === 0) return []
  const common = {
    source: { from: 'probe', target, kind, vantage, agent, at: job, hash: hashOf(observation) },
    observedAt,
    validUntil: validUntil(kind, observedAt, intervalSeconds),
    silent: !heard,
  } as const
  return judged.map((each) => ({ ...each, ...common }))
}

const segmentationClues = (seen: SegmentationSeen): readonly Clue[] => {
  const { target, kind, endpoint, at } = seen
  const source = { from: 'segmentation', target, kind, at: endpoint, hash: hashOf(seen) } as const
  return segmentationRules.flatMap((rule) => {
    const judgement = rule.judge(seen)
    if (judgement === undefined) return []
    const times = { observedAt: at, validUntil: validUntil('segmentation', at) }
    return [{ rule: rule.id, items: rule.items, ...judgement, source, ...times, silent: false }]
  })
}

/** A record is as old as the reading of it. */
const recordClues = (subject: Subject, inventory: Inventory, now: number): readonly Clue[] => {
  const { kind, record } = subject
  const source = { from: 'record', target: record.id, kind, hash: hashOf(record) } as const
  const times = { observedAt: now, validUntil: validUntil('record', now) }
  return recordRules.flatMap((rule) => {
    const judgement = rule.judge(subject, inventory)
    return judgement === undefined
      ? []
      : [{ rule: rule.id, items: rule.items, ...judgement, source, ...times, silent: false }]
  })
}

/** Which of a rule's items a check speaks to. */
const itemsOf = ({ items, through }: HostRule, check: CheckResult): readonly string[] => {
  if (through.length === 0) return check.items.filter((item) => items.includes(item))
  return check.items.some((item) => through.includes(item)) ? items : []
}

const hostClues = ({ evidence, hash, key }: KeptHostEvidence, target: TargetId): readonly Clue[] => {
  const observedAt = Date.parse(evidence.collectedAt)
  const times = { observedAt, validUntil: validUntil('host-check', observedAt), silent: false }
  return evidence.results.flatMap((check) => {
    const { id: kind, verdict: says, title, observed } = check
    const at = evidence.host.hostname
    const source = { from: 'host-check', target, kind, agent: key, at, hash } as const
    return hostRules.flatMap((rule) => {
      const items = itemsOf(rule, check)
      return items.length === 0
        ? []
        : [{ rule: rule.id, items, says, saw: `${title}：${observed}`, source, ...times }]
    })
  })
}

/** An uplink `n-1/u-1` is a part of its node. */
const ownerOf = (target: TargetId): TargetId => target.split('/', 1)[0] ?? target

export type CluesOf = (subject: Subject) => readonly Clue[]

/** Clues by record, each made when it is first asked for: most records are no asset of any assessment. */
export const cluesBySubject = (input: EvidenceInput): CluesOf => {
  const { now, inventory } = input
  // What is from a later time is not looked at.
  const isPast = (at: number): boolean => at <= now + mostAheadMs
  const observations = Map.groupBy(input.observations, ({ observation }) => ownerOf(observation.target))
  const segmentations = Map.groupBy(input.segmentations, ({ target }) => target)
  const past = input.hostEvidence.filter(({ evidence }) => isPast(Date.parse(evidence.collectedAt)))
  const hosts = Map.groupBy(decidingOf(past, now), ({ target }) => target)
  const known = new Map<TargetId, readonly Clue[]>()
  const make = (subject: Subject): readonly Clue[] => {
    const { id } = subject.record
    return [
      ...(hosts.get(id) ?? []).flatMap((kept) => hostClues(kept, id)),
      ...(observations.get(id) ?? [])
        .filter(({ observation }) => isPast(observation.observedAt))
        .flatMap((seen) => probeClues(seen, subject)),
      ...(segmentations.get(id) ?? []).flatMap(segmentationClues),
      ...recordClues(subject, inventory, now),
    ]
  }
  return (subject) => {
    const clues = known.get(subject.record.id) ?? make(subject)
    known.set(subject.record.id, clues)
    return clues
  }
}

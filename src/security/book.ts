import { causeOf, type Cause } from './cause.ts'
import type { Finding } from './events.ts'
import { type Quiet, recordOf } from './quiet.ts'
import type { Hit, Rule } from './rule.ts'
import type { Scene } from './seen.ts'
import type { Thresholds } from './thresholds.ts'
import { type Change, sampled, type Watched } from './window.ts'

/** A finding that opened, closed or flaps, and what it has in common with others. */
export interface Transition {
  readonly change: Change
  /** When the look was made that decided it. */
  readonly at: number
  readonly finding: Finding
  /** Of what opened. */
  readonly cause?: Cause
  /** It closed because these above are the cause. */
  readonly supersededBy?: readonly string[]
}

/** What was looked at. */
export interface Place {
  /** Job, target, agent or host: what is judged anew together. */
  readonly source: string
  readonly target: string
  readonly at: number
  readonly scene: Scene
  readonly quiet: Quiet
}

/** Findings and what may become one, by what they were seen on. */
export interface Book {
  /** Undefined: it says nothing. Each hit is one finding; what was found there before and is not now is clear. */
  judge(rule: Rule, hits: readonly Hit[] | undefined, place: Place): void
  /** Closes what was seen on a source that is no more, or found by a rule that is no more. */
  forget(isThere: (source: string) => boolean, at: number): void
  take(): readonly Transition[]
  open(): readonly Finding[]
}

interface Entry {
  readonly rule: Rule
  readonly source: string
  readonly watched: Watched
  readonly finding: Finding
}

const idOf = (rule: Rule, source: string, hit: Hit): string =>
  `${rule.id}@${source}${hit.place === undefined ? '' : `#${hit.place}`}`

const ownersOf = (target: string, { picture, inventory }: Scene) => {
  const labels = picture.verdicts.get(target)?.target.labels
  const record = recordOf(target)
  const known = inventory.system.get(record) ?? inventory.node.get(record) ?? inventory.device.get(record)
  return {
    targetName: labels?.name ?? known?.name ?? target,
    ...(labels !== undefined && labels.region !== '' && { region: labels.region }),
    ...(labels !== undefined && labels.unit !== '' && { unit: labels.unit }),
  }
}

const findingOf = (rule: Rule, watched: Watched, { source, target, scene }: Place): Finding => ({
  id: idOf(rule, source, watched.hit),
  rule: rule.id,
  title: rule.title,
  severity: watched.hit.severity ?? rule.severity,
  category: rule.category,
  target,
  ...ownersOf(target, scene),
  saw: watched.hit.saw,
  why: rule.why,
  remedy: rule.remedy,
  clauses: rule.clauses,
  firstSeenAt: watched.firstSeenAt,
  openedAt: watched.openedAt,
  flapping: watched.isFlapping,
})

/** As it stood when the process ended: it closes as if it had been found until then. */
const restored = (rule: Rule, finding: Finding): Watched => ({
  looks: (1 << rule.policy.open[1]) - 1,
  clears: 0,
  isOpen: true,
  hit: { saw: finding.saw, severity: finding.severity },
  firstSeenAt: finding.firstSeenAt,
  openedAt: finding.openedAt,
  lastHitAt: finding.openedAt,
  turns: [],
  isFlapping: finding.flapping,
})

/** A place is what a device calls it, and may hold anything: a source has no `#`. */
const sourceOf = ({ id, rule }: Finding): string => id.slice(rule.length + 1).replace(/#.*$/su, '')

const upstreamOf = (target: string, { picture }: Scene): readonly string[] =>
  picture.verdicts.get(target)?.causes ?? []

/** Entries by the source that they were seen on; a source without any is not kept. */
const createShelf = () => {
  const sources = new Map<string, Map<string, Entry>>()
  return {
    sources,
    put: (id: string, entry: Entry): void => {
      const entries = sources.get(entry.source) ?? new Map<string, Entry>()
      sources.set(entry.source, entries.set(id, entry))
    },
    drop: (source: string, id: string): void => {
      const entries = sources.get(source)
      entries?.delete(id)
      if (entries?.size === 0) sources.delete(source)
    },
  }
}

const told = (
  change: Change,
  finding: Finding,
  { at, scene, target }: Place,
  cause: () => Cause,
): Transition => {
  const upstream = upstreamOf(target, scene)
  return change === 'closed'
    ? {
        ...{ change, at, finding: { ...finding, closedAt: at } },
        ...(upstream.length > 0 && { supersededBy: upstream }),
      }
    : { change, at, finding, cause: cause() }
}

/** What is to be judged after maintenance and exceptions; undefined: nothing. */
const heeded = (
  rule: Rule,
  hits: readonly Hit[] | undefined,
  { target, quiet, scene }: Place,
): readonly Hit[] | undefined => {
  if (hits === undefined || hits.length === 0) return hits
  if (quiet.isExcepted(rule.id, target)) return []
  const region = scene.picture.verdicts.get(target)?.target.labels.region
  return quiet.isUnderMaintenance(target, region) ? undefined : hits
}

const openAmong = (entries: Iterable<Entry>): readonly Finding[] =>
  [...entries].filter(({ watched }) => watched.isOpen).map(({ finding }) => finding)

const closing = (findings: readonly Finding[], at: number): readonly Transition[] =>
  findings.map((finding) => ({ change: 'closed', at, finding: { ...finding, closedAt: at } }))

export const createBook = (
  rules: readonly Rule[],
  thresholds: Thresholds,
  open: readonly Finding[],
): Book => {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const { sources, put, drop } = createShelf()
  let transitions: Transition[] = []
  /** Of rules that are no more, which find nothing. */
  let orphans = open.filter(({ rule }) => !byId.has(rule))

  for (const finding of open) {
    const rule = byId.get(finding.rule)
    const source = sourceOf(finding)
    if (rule !== undefined) put(finding.id, { rule, source, watched: restored(rule, finding), finding })
  }

  const sample = (rule: Rule, id: string, hit: Hit | undefined, place: Place): void => {
    const { source, at, scene } = place
    const before = sources.get(source)?.get(id)
    const { watched, change } = sampled(before?.watched, hit, { at, policy: rule.policy, thresholds })
    if (watched === undefined) {
      drop(source, id)
      return
    }
    const isNews = before === undefined || hit !== undefined
    const finding = isNews ? findingOf(rule, watched, place) : before.finding
    put(id, { rule, source, watched, finding })
    if (change !== undefined)
      transitions.push(
        told(change, finding, place, () => causeOf(finding, watched.hit, { scene, thresholds })),
      )
  }

  return {
    judge: (rule, judged, place) => {
      const entries = sources.get(place.source)
      if (judged?.length === 0 && entries === undefined) return
      const hits = heeded(rule, judged, place)
      if (hits === undefined) return
      const found = new Map(hits.map((hit) => [idOf(rule, place.source, hit), hit]))
      for (const [id, entry] of entries ?? [])
        if (entry.rule === rule && !found.has(id)) sample(rule, id, undefined, place)
      for (const [id, hit] of found) sample(rule, id, hit, place)
    },
    forget: (isThere, at) => {
      transitions.push(...closing(orphans, at))
      orphans = []
      for (const [source, entries] of sources) {
        if (isThere(source)) continue
        transitions.push(...closing(openAmong(entries.values()), at))
        sources.delete(source)
      }
    },
    take: () => {
      const taken = transitions
      transitions = []
      return taken
    },
    open: () => [...sources.values()].flatMap((entries) => openAmong(entries.values())),
  }
}

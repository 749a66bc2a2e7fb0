import type { KeptHostEvidence } from '../core/host-evidence.ts'
import type { Finding } from './events.ts'
import { basicLooks } from './basic.ts'
import { type Book, createBook, type Transition } from './book.ts'
import { type Quiet, quietAt } from './quiet.ts'
import type { AgentRule, HostRule, LogRule, LookRule, Rule, Scope, StandingRule } from './rule.ts'
import type { AgentSeen, Check, Scene, Standing } from './seen.ts'
import type { Thresholds } from './thresholds.ts'
import { noTrend, type Trend, trendAfter } from './trend.ts'

export interface EvaluatorOptions {
  readonly rules: readonly Rule[]
  readonly thresholds: Thresholds
  readonly timezone: string
  /** What was open when an earlier process ended. */
  readonly open: readonly Finding[]
}

/** Makes findings of one picture after another. What is the same object as before costs a comparison. */
export interface Evaluator {
  /** What opened and closed since the last picture. May pause anywhere; one such work at a time. */
  evaluate(scene: Scene): Generator<void, readonly Transition[]>
  /** What is open now. */
  open(): readonly Finding[]
}

const looksAtOnce = 256

const rulesFrom = <From extends Rule['from']>(
  rules: readonly Rule[],
  from: From,
): readonly Extract<Rule, { from: From }>[] =>
  rules.filter((rule): rule is Extract<Rule, { from: From }> => rule.from === from)

interface Known {
  readonly at: number
  readonly trend: Trend
}

interface Turn {
  readonly scene: Scene
  readonly scope: Scope
  readonly quiet: Quiet
}

const createLooks = (rules: readonly LookRule[], book: Book, thresholds: Thresholds) => {
  const everywhere = rules.filter(({ kinds }) => kinds.length === 0)
  const ofKind = new Map<string, readonly LookRule[]>()
  const rulesFor = (kind: string): readonly LookRule[] => {
    const known = ofKind.get(kind) ?? [...everywhere, ...rules.filter(({ kinds }) => kinds.includes(kind))]
    ofKind.set(kind, known)
    return known
  }
  const known = new Map<string, Known>()
  let seen: readonly Check[] = []

  const look = (check: Check, { scene, scope, quiet }: Turn): void => {
    const { job, sighting } = check
    if (check.status === 'unknown' || sighting === undefined) return
    const { observation } = sighting
    const { at, trend } = known.get(job.id) ?? { at: -Infinity, trend: noTrend }
    if (observation.observedAt <= at) return
    const all = scene.sightings.get(job.id) ?? [sighting]
    const place = { source: job.id, target: job.target, at: observation.observedAt }
    // What must not be answered is judged for being answered, not for how well.
    for (const rule of job.expect === 'unreachable' ? everywhere : rulesFor(job.kind))
      book.judge(rule, rule.judge({ check, observation, trend, all }, scope), { ...place, scene, quiet })
    known.set(job.id, { at: observation.observedAt, trend: trendAfter(trend, observation, thresholds) })
  }

  return {
    *over(turn: Turn): Generator<void, void> {
      const { checks } = turn.scene.picture
      let done = 0
      for (let at = 0; at < checks.length; at += 1) {
        const check = checks[at]
        if (check === undefined || seen[at] === check) continue
        look(check, turn)
        if ((done += 1) % looksAtOnce === 0) yield
      }
      seen = checks
    },
    forget: (isThere: (job: string) => boolean): void => {
      for (const job of known.keys()) if (!isThere(job)) known.delete(job)
    },
  }
}

const newestOf = (checks: readonly Check[]): number => {
  let newest = -Infinity
  for (const { sighting } of checks)
    if (sighting !== undefined && sighting.observation.observedAt > newest)
      newest = sighting.observation.observedAt
  return newest
}

/** Until when a target was looked at, and until when by looks that failed. */
interface LookedAt {
  readonly any: number
  readonly failed: number
}

const neverLookedAt: LookedAt = { any: -Infinity, failed: -Infinity }

/** A target without looks of its own stands otherwise when the topology does. */
const lookedAtIn = (standing: Standing, now: number): LookedAt => ({
  any: standing.checks.length > 0 ? newestOf(standing.checks) : now,
  failed: newestOf(basicLooks(standing).filter(({ status }) => status === 'down')),
})

/** What fails is told anew by a look that failed: another look of the target that is well does not count it twice. */
const isNews = (now: LookedAt, before: LookedAt): boolean =>
  now.failed === -Infinity ? now.any > before.any : now.failed > before.failed

const createStandings = (rules: readonly StandingRule[], book: Book) => {
  const lookedAt = new Map<string, LookedAt>()
  let seen: readonly Standing[] = []
  return {
    *over({ scene, scope, quiet }: Turn): Generator<void, void> {
      const standings = [...scene.picture.verdicts.values()]
      let done = 0
      for (let index = 0; index < standings.length; index += 1) {
        const standing = standings[index]
        if (standing === undefined || seen[index] === standing) continue
        const target = standing.target.id
        const before = lookedAt.get(target) ?? neverLookedAt
        const now = lookedAtIn(standing, scene.picture.at)
        const at = Math.max(now.any, before.any)
        lookedAt.set(target, { any: at, failed: Math.max(now.failed, before.failed) })
        if (isNews(now, before) || standing.state === 'unreachable')
          for (const rule of rules)
            book.judge(rule, rule.judge(standing, scope), {
              ...{ source: `standing:${target}`, target, at: Math.max(at, 0), scene, quiet },
            })
        if ((done += 1) % looksAtOnce === 0) yield
      }
      seen = standings
    },
    forget: (isThere: (target: string) => boolean): void => {
      for (const target of lookedAt.keys()) if (!isThere(target)) lookedAt.delete(target)
    },
  }
}

const createAgents = (rules: readonly AgentRule[], book: Book) => {
  const clockSeenAt = new Map<string, number>()
  /** What a message showed of the agent's clock counts once, however often it is asked for. */
  const withNews = (seen: AgentSeen): AgentSeen => {
    const { clockSkewSeconds, ...others } = seen
    const isOld = seen.clockSeenAt !== undefined && seen.clockSeenAt === clockSeenAt.get(seen.agent)
    if (seen.clockSeenAt !== undefined) clockSeenAt.set(seen.agent, seen.clockSeenAt)
    return isOld || clockSkewSeconds === undefined ? others : seen
  }
  return ({ scene, scope, quiet }: Turn): void => {
    for (const agent of scene.agents.map(withNews))
      for (const rule of rules)
        book.judge(rule, rule.judge(agent, scope), {
          source: `agent:${agent.agent}`,
          target: scene.inventory.agent.get(agent.agent)?.target ?? agent.agent,
          at: scene.picture.at,
          scene,
          quiet,
        })
  }
}

const judgeLogs = (rules: readonly LogRule[], book: Book, { scene, scope, quiet }: Turn): void => {
  for (const seen of scene.logSources ?? [])
    for (const rule of rules)
      book.judge(rule, rule.judge(seen, scope), {
        source: `log:${seen.source}`,
        target: seen.device ?? seen.source,
        at: scene.picture.at,
        scene,
        quiet,
      })
}

const hostOf = ({ target, evidence }: KeptHostEvidence): string => target ?? evidence.host.hostname

const createHosts = (rules: readonly HostRule[], book: Book) => {
  const seen = new Map<string, string>()
  return {
    over: ({ scene, quiet }: Turn): void => {
      for (const [host, documents] of Map.groupBy(scene.hostEvidence, hostOf)) {
        const found = documents.map(({ hash }) => hash).join(' ')
        if (seen.get(host) === found) continue
        seen.set(host, found)
        const at = Math.max(...documents.map(({ evidence }) => Date.parse(evidence.collectedAt)))
        const results = documents.flatMap(({ evidence }) => evidence.results)
        for (const rule of rules) {
          const judged = results
            .filter(({ id }) => rule.checks.includes(id))
            .map((check) => rule.judge(check))
            .filter((hits) => hits !== undefined)
          const hits = judged.length === 0 ? undefined : judged.flat().slice(0, 1)
          book.judge(rule, hits, { source: `host:${host}`, target: host, at, scene, quiet })
        }
      }
    },
    forget: (isThere: (host: string) => boolean): void => {
      for (const host of seen.keys()) if (!isThere(host)) seen.delete(host)
    },
  }
}

export const createEvaluator = ({ rules, thresholds, timezone, open }: EvaluatorOptions): Evaluator => {
  const book = createBook(rules, thresholds, open)
  const looks = createLooks(rulesFrom(rules, 'look'), book, thresholds)
  const standings = createStandings(rulesFrom(rules, 'standing'), book)
  const hosts = createHosts(rulesFrom(rules, 'host-check'), book)
  const judgeAgents = createAgents(rulesFrom(rules, 'agent'), book)
  const logRules = rulesFrom(rules, 'log')
  let planned: readonly unknown[] = []

  /** A picture may be of an earlier plan than the inventory's, for a moment: that of another is told by its jobs. */
  const isPlannedAnew = ({ inventory, picture: { checks, verdicts } }: Scene): boolean => {
    const now = [inventory, checks[0]?.job, checks.length, verdicts.size]
    const isAnother = now.some((part, at) => part !== planned[at])
    planned = now
    return isAnother
  }

  /** What is no longer planned, and a host of which no evidence is believed any more, has no findings. */
  const forget = (scene: Scene): void => {
    const { checks, verdicts } = scene.picture
    const jobs = new Set(checks.map(({ job }) => job.id))
    const hostNames = new Set(scene.hostEvidence.map(hostOf))
    const agents = new Set(scene.agents.map(({ agent }) => `agent:${agent}`))
    const senders = scene.logSources && new Set(scene.logSources.map(({ source }) => `log:${source}`))
    const isLogSource = (source: string): boolean =>
      source.startsWith('log:') && senders?.has(source) !== false
    const isLookedAt = (target: string): boolean => (verdicts.get(target)?.state ?? 'unprobed') !== 'unprobed'
    looks.forget((job) => jobs.has(job))
    standings.forget((target) => verdicts.has(target))
    hosts.forget((host) => hostNames.has(host))
    book.forget(
      (source) =>
        jobs.has(source) ||
        agents.has(source) ||
        (source.startsWith('host:') && hostNames.has(source.slice('host:'.length))) ||
        isLogSource(source) ||
        (source.startsWith('standing:') && isLookedAt(source.slice('standing:'.length))),
      scene.picture.at,
    )
  }

  return {
    *evaluate(scene) {
      const { inventory, picture } = scene
      const scope = { inventory, thresholds, now: picture.at }
      const turn = { scene, scope, quiet: quietAt(inventory, { now: picture.at, timezone }) }
      yield* looks.over(turn)
      yield* standings.over(turn)
      judgeAgents(turn)
      judgeLogs(logRules, book, turn)
      hosts.over(turn)
      if (isPlannedAnew(scene)) forget(scene)
      return book.take()
    },
    open: () => book.open(),
  }
}

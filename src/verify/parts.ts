import { given } from '../core/given.ts'
import { answeringCauses } from '../core/outcome.ts'
import { failureText } from '../facts/failure.ts'
import { type Ground, isValid } from './ground.ts'
import type { Finding, Look, Part, Source, Verdict } from './types.ts'

/** Parts of verdicts, and how they come together. */

export const sourceOf = ({ job, agent, vantage, seen: { detail } }: Look): Source => ({
  from: 'probe',
  what: job,
  agent,
  vantage,
  ...given({ detail }),
})

export const recordSource = (what: string): Source => ({ from: 'record', what })

export const unseen = (asserts: string, saw: string): Part => ({ asserts, verdict: 'unverifiable', saw })

export const fromLook = (asserts: string, verdict: Verdict, look: Look, saw: string): Part => ({
  asserts,
  verdict,
  saw,
  observedAt: look.seen.observedAt,
  source: sourceOf(look),
})

/** Something answered, as it should or not. */
export const answers = ({ seen: { status, cause } }: Look): boolean =>
  status === 'up' || (status === 'down' && cause !== undefined && answeringCauses.has(cause))

const rank = (look: Look): number => {
  if (look.seen.status === 'up') return 3
  if (answers(look)) return 2
  return look.seen.status === 'down' ? 1 : 0
}

/** The most telling first: one agent that reaches it is enough; of equal ones the newest. */
const byTelling = (one: Look, other: Look): number =>
  rank(other) - rank(one) || other.seen.observedAt - one.seen.observedAt

const byTime = (one: Look, other: Look): number => other.seen.observedAt - one.seen.observedAt

/** What no look that counts can decide: why not. */
const ignorance = (asserts: string, looks: readonly Look[], { words }: Ground): Part => {
  const [last] = looks.toSorted(byTime)
  if (last === undefined) return unseen(asserts, '没有对它的探测')
  const at = words(last.seen.observedAt)
  return last.heard
    ? fromLook(asserts, 'stale', last, `最近一次探测在 ${at}，已过有效期`)
    : fromLook(asserts, 'unverifiable', last, `探针 ${last.agent} 失联，最近一次探测在 ${at}`)
}

const why = ({ seen }: Look): string => `（${failureText(seen)}）`

/** Silence contradicts once it is longer than an outage, and its agent is answered by something else. */
const silence = (asserts: string, downs: readonly Look[], ground: Ground): Part => {
  const { now, settings, words } = ground
  const controlled = downs.filter(({ agent, target }) => ground.isControlled(agent, target))
  const lasting = controlled.find(({ since }) => now - since >= settings.outageSeconds * 1000)
  if (lasting !== undefined)
    return fromLook(
      asserts,
      'contradicted',
      lasting,
      `${lasting.address} 自 ${words(lasting.since)} 起无应答${why(lasting)}`,
    )
  const [shorter] = controlled
  if (shorter !== undefined)
    return fromLook(
      asserts,
      'unverifiable',
      shorter,
      `${shorter.address} 自 ${words(shorter.since)} 起无应答，未满 ${settings.outageSeconds} 秒，按中断计`,
    )
  const [alone] = downs
  return alone === undefined
    ? unseen(asserts, '没有对它的探测')
    : fromLook(asserts, 'unverifiable', alone, `${alone.address} 无应答，但探针 ${alone.agent} 别处也无应答`)
}

export interface Reaching {
  readonly asserts: string
  /** It must be as expected: an answer that is not contradicts. Otherwise any answer will do. */
  readonly strict: boolean
}

/** Whether something answers, by the looks at it. */
export const reached = ({ asserts, strict }: Reaching, looks: readonly Look[], ground: Ground): Part => {
  const valid = looks.filter((look) => isValid(look, ground.now)).toSorted(byTelling)
  const [best] = valid
  if (best === undefined) return ignorance(asserts, looks, ground)
  const { seen, address } = best
  const at = ground.words(seen.observedAt)
  if (seen.status === 'up') return fromLook(asserts, 'consistent', best, `${address} 在 ${at} 应答`)
  if (answers(best))
    return fromLook(
      asserts,
      strict ? 'contradicted' : 'consistent',
      best,
      `${address} 在 ${at} 有应答${strict ? `，不符合预期${why(best)}` : ''}`,
    )
  if (seen.status === 'unknown')
    return fromLook(asserts, 'unverifiable', best, `探针 ${best.agent} 未能探测${why(best)}`)
  return silence(
    asserts,
    valid.filter(({ seen: { status } }) => status === 'down'),
    ground,
  )
}

const worstFirst: readonly Verdict[] = ['contradicted', 'unverifiable', 'stale', 'consistent']
const bestFirst: readonly Verdict[] = ['consistent', 'unverifiable', 'stale', 'contradicted']

const firstBy = (order: readonly Verdict[], parts: readonly Part[]): Part | undefined => {
  for (const verdict of order) {
    const first = parts.find((part) => part.verdict === verdict)
    if (first !== undefined) return first
  }
  return undefined
}

/** One of them will do; contradicted where all are. */
export const anyOf = (asserts: string, parts: readonly Part[], otherwise: string): Part => {
  const best = firstBy(bestFirst, parts)
  return best === undefined ? unseen(asserts, otherwise) : { ...best, asserts }
}

const maxNamed = 3

/** Every one must be so; the words count them. `parts` by what they are of. */
export const everyOf = (asserts: string, parts: readonly Part[], otherwise: string): Part => {
  const worst = firstBy(worstFirst, parts)
  if (worst === undefined) return unseen(asserts, otherwise)
  const so = parts.filter(({ verdict }) => verdict === 'consistent').length
  const others = parts.filter(({ verdict }) => verdict === worst.verdict && verdict !== 'consistent')
  const named = others.slice(0, maxNamed).map((each) => `${each.asserts}：${each.saw}`)
  return {
    ...worst,
    asserts,
    saw: [`${so}/${parts.length} 相符`, ...named, others.length > maxNamed && `等 ${others.length} 个`]
      .filter(Boolean)
      .join('；'),
  }
}

/** What its parts make of a claim: all must hold. What no part speaks of is for documents. */
export const findingOf = (parts: readonly Part[], documents: readonly string[], now: number): Finding => {
  const decisive = firstBy(worstFirst, parts)
  if (decisive === undefined)
    return {
      verdict: 'unverifiable',
      because: `仅文件可核${documents.length > 0 ? `，须有：${documents.join('；')}` : ''}`,
      parts,
      documents,
    }
  const { verdict, asserts, saw, observedAt, source } = decisive
  return {
    verdict,
    because: `${asserts}：${saw}`,
    parts,
    documents,
    ...(observedAt !== undefined && { observedAt, ageSeconds: Math.max(0, (now - observedAt) / 1000) }),
    ...(source !== undefined && { source }),
  }
}

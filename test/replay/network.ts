import type { Observation } from '../../src/core/observation.ts'
import type { TargetCause } from '../../src/core/outcome.ts'
import type { Job } from '../../src/plan/plan.ts'
import { covers, type Span } from './calendar.ts'

/** The simulated network: who answers what, when. It knows nothing of claims, records or verdicts. */

export type Answer = Pick<Observation, 'status' | 'facts' | 'seconds'> & {
  readonly cause?: TargetCause
  readonly detail?: string
}

const silence: Answer = { status: 'down', cause: 'timeout', detail: 'no answer', seconds: 3, facts: {} }

interface Behaviour {
  /** In the order of time: the last one that has begun holds. */
  readonly phases: (readonly [from: number, answer: Answer])[]
  readonly outages: Span[]
}

export interface Network {
  /** From an instant on, 0: always; `undefined`: nobody is there. Asked at what `placeOf` makes of a job. */
  readonly answers: (place: string, from: number, answer: Answer | undefined) => void
  readonly cut: (place: string, ...spans: readonly Span[]) => void
  /** Nobody is at a place that nothing was said of. */
  readonly ask: (job: Job, at: number) => Answer
}

/** Where a job goes: `10.2.0.1`, `10.9.0.1:80`, `portal.kaifeng.example/`, `v6 portal.kaifeng.example`. */
export const placeOf = ({ kind, spec }: Job): string => {
  const [address, port, path] = ['address', 'port', 'path'].map((name) => spec[name] as string | undefined)
  if (kind === 'tcp') return `${address ?? ''}:${port ?? ''}`
  if (kind === 'ipv6-ready') return `v6 ${address ?? ''}`
  return kind === 'http' ? `${address ?? ''}${path ?? '/'}` : (address ?? '')
}

export const createNetwork = (): Network => {
  const places = new Map<string, Behaviour>()
  const at = (place: string): Behaviour => {
    const known = places.get(place) ?? { phases: [], outages: [] }
    places.set(place, known)
    return known
  }
  return {
    answers: (place, from, answer) => void at(place).phases.push([from, answer ?? silence]),
    cut: (place, ...spans) => void at(place).outages.push(...spans),
    ask: (job, moment) => {
      const { phases, outages } = at(placeOf(job))
      if (covers(outages, moment)) return silence
      return phases.findLast(([from]) => from <= moment)?.[1] ?? silence
    },
  }
}

export const echo = (address: string): Answer => ({
  status: 'up',
  seconds: 2.02,
  facts: {
    method: 'datagram',
    remoteAddress: address,
    sent: 3,
    received: 3,
    lossRatio: 0,
    rttMinSeconds: 0.004,
    rttAvgSeconds: 0.005,
    rttMaxSeconds: 0.008,
    duplicates: 0,
  },
})

export const open = (address: string): Answer => ({
  status: 'up',
  seconds: 0.006,
  facts: { remoteAddress: address, resolveSeconds: 0, connectSeconds: 0.006 },
})

export const refused: Answer = {
  status: 'down',
  cause: 'refused',
  detail: 'connection refused',
  seconds: 0.004,
  facts: {},
}

export interface Page {
  readonly url: string
  readonly remoteAddress: string
  readonly title?: string
  /** Where the first answer led. */
  readonly location?: string
}

export const page = ({ url, remoteAddress, title = '政务服务', location }: Page): Answer => ({
  status: 'up',
  seconds: 0.04,
  facts: {
    url: location ?? url,
    remoteAddress,
    status: 200,
    redirects: location === undefined ? [] : [{ status: 302, location }],
    title,
  },
})

/** It answers, and not as it should. */
export const failing = ({ url, remoteAddress }: Page): Answer => ({
  status: 'down',
  cause: 'assertion',
  detail: 'expected status 200-399, got 503',
  seconds: 0.03,
  facts: { url, remoteAddress, status: 503 },
})

export const readiness = (v6: boolean): Answer => ({
  status: 'up',
  seconds: 0.2,
  facts: { hasAaaa: v6, v4: { successes: 3 }, v6: { successes: v6 ? 3 : 0 } },
})

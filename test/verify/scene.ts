import { expect } from 'vitest'
import { calendarWith } from '../../inventory/ledger/index.ts'
import type { Collection, InputOf } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import { factsKept } from '../../src/collector/history/ending.ts'
import type { SilentDay, ProbeDay } from '../../src/migration/days.ts'
import { policyOf } from '../../src/ledger/index.ts'
import { settings } from '../../src/config/settings.ts'
import { type Look, type Verified, verifyAll, type VerifyInput } from '../../src/verify/index.ts'
import { inventoryOf } from '../inventory/exchange-support.ts'

/** What stands on record and what was seen, as a test plants it. */

export const now = Date.parse('2018-06-30T12:00:00+08:00')
const hour = 3_600_000

export const put = <C extends Collection>(collection: C, record: InputOf<C>): Operation => ({
  op: 'put',
  collection,
  record,
})

export interface Planted {
  readonly target: string
  readonly kind?: string
  readonly address?: string
  readonly port?: number
  readonly vantage?: Look['vantage']
  readonly agent?: string
  readonly heard?: boolean
  readonly status?: Look['seen']['status']
  readonly cause?: Look['seen']['cause']
  readonly detail?: string
  /** Hours before now: when it was seen, and since when it is so. */
  readonly ago?: number
  readonly since?: number
  readonly facts?: Readonly<Record<string, unknown>>
}

export const lookOf = ({
  target,
  kind = 'icmp',
  address = '10.1.2.3',
  port,
  vantage = 'public',
  agent = 'a',
  heard = true,
  status = 'up',
  cause,
  detail,
  ago = 0.1,
  since = 240,
  facts = {},
}: Planted): Look => ({
  job: `${target}/${kind}@${vantage}`,
  target,
  kind,
  vantage,
  address,
  ...(port !== undefined && { port }),
  agent,
  heard,
  intervalSeconds: 60,
  seen: {
    status,
    observedAt: now - ago * hour,
    facts,
    ...(status === 'down' && { cause: cause ?? 'timeout', detail: detail ?? 'no answer' }),
    ...(status === 'unknown' && { cause: cause ?? 'permission', detail: detail ?? 'not allowed' }),
  },
  since: now - since * hour,
})

/** Something else that answers the agents: without it silence proves nothing. */
export const control: readonly Planted[] = [
  { target: 'n-control', agent: 'a' },
  { target: 'n-control', agent: 'b' },
]

export interface Days {
  readonly probeDays?: readonly ProbeDay[]
  readonly silentDays?: readonly SilentDay[]
}

export interface Scene {
  readonly records: readonly Operation[]
  readonly looks?: readonly Planted[]
  readonly migration?: Readonly<Record<string, Days>>
}

export const inputOf = ({ records, looks = [], migration = {} }: Scene): VerifyInput => {
  const { ledger, migration: gates, verify } = settings.parse({})
  return {
    context: {
      now,
      timeZone: 'Asia/Shanghai',
      calendar: calendarWith(),
      policy: policyOf(ledger),
    },
    inventory: inventoryOf(records),
    looks: Map.groupBy(looks.map(lookOf), ({ target }) => target),
    migration: new Map(
      Object.entries(migration).map(([id, { probeDays = [], silentDays = [] }]) => [
        id,
        { probeDays, silentDays },
      ]),
    ),
    settings: { ...verify, ...gates },
  }
}

export const claimOf = (
  subject: string,
  kind: InputOf<'claim'>['kind'],
  more: Partial<InputOf<'claim'>> = {},
): Operation => {
  const [subjectKind = '', id = ''] = subject.split(':')
  return put('claim', {
    id: `c-${subject.replace(':', '-')}-${kind}`,
    subjectKind: subjectKind as InputOf<'claim'>['subjectKind'],
    subject: id,
    kind,
    at: '2018-06-01T00:00:00Z',
    by: '李',
    ...more,
  })
}

/** What the history still has of looks days later. */
const asKept = (input: VerifyInput): VerifyInput => ({
  ...input,
  looks: new Map(
    [...input.looks].map(([target, looks]) => [
      target,
      looks.map((look) => ({
        ...look,
        seen: { ...look.seen, facts: factsKept(look.kind, look.seen.facts) },
      })),
    ]),
  ),
})

/** Verdicts, which must be the same when nothing but what the history keeps of a day's end is known. */
export const verdictsOf = (scene: Scene): readonly Verified[] => {
  const input = inputOf(scene)
  const verified = verifyAll(input)
  expect(verifyAll(asKept(input))).toEqual(verified)
  return verified
}

export const probeDays = (count: number): readonly ProbeDay[] =>
  Array.from({ length: count }, (_, index) => ({
    day: `2018-05-${String(index + 1).padStart(2, '0')}`,
    scheduled: 24,
    ran: 24,
    up: 24,
    counts: true,
    short: [],
    failing: [],
  }))

export const silentDays = (count: number, standing: SilentDay['standing'] = 'silent'): readonly SilentDay[] =>
  Array.from({ length: count }, (_, index) => ({
    day: `2018-06-${String(29 - count + 1 + index).padStart(2, '0')}`,
    standing,
    answered: standing === 'answered' ? ['s-oa/old/tcp/10.9.9.9:80@public'] : [],
    unknown: [],
    uncontrolled: 0,
  }))

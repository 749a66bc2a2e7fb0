import { describe, expect, test } from 'vitest'
import { quietAt } from '../../src/security/quiet.ts'
import type { AgentSeen } from '../../src/security/seen.ts'
import type { Change } from '../../src/security/window.ts'
import { defaultThresholds } from '../../src/security/thresholds.ts'
import {
  checkOf,
  evaluated,
  evaluatorOf,
  type Moment,
  openAfter,
  sceneOf,
  siteWith,
  standingOf,
  start,
  stepMs,
} from './scene.ts'

const down = (at: number): Moment => ({
  standings: [standingOf('down', [checkOf({ kind: 'tcp', status: 'down', cause: 'refused' }, at)])],
})
const up = (at: number): Moment => ({ standings: [standingOf('up', [checkOf({ kind: 'tcp' }, at)])] })
const unknown = (at: number): Moment => ({
  standings: [standingOf('unknown', [checkOf({ kind: 'tcp' }, at)])],
})
const moments = { x: down, o: up, '?': unknown } as const

/** What changes at which look: `x` down, `o` up, `?` unknown. */
const changesOf = (pattern: string, inventory = siteWith()): readonly (readonly [number, Change])[] => {
  const evaluator = evaluatorOf()
  return Array.from(pattern).flatMap((letter, turn) => {
    const at = start + turn * stepMs
    const moment = moments[letter as keyof typeof moments](at)
    return evaluated(evaluator, sceneOf(moment, at, inventory)).map(({ change }) => [turn, change] as const)
  })
}

const maintenance = (minutes: number) =>
  siteWith({
    maintenance: [
      {
        ...{ id: 'm-1', name: '割接', targets: ['s-1'], why: '割接' },
        startsAt: new Date(start).toISOString(),
        endsAt: new Date(start + minutes * stepMs).toISOString(),
      },
    ],
  })
const exception = (expiresOn: string) =>
  siteWith({
    exception: [
      {
        id: 'e-1',
        rule: 'system.down',
        target: 's-1',
        why: '停用',
        approver: '王',
        approvedOn: '2026-11-01',
        expiresOn,
      },
    ],
  })

describe('opening and closing', () => {
  test.each<[pattern: string, changes: readonly (readonly [number, Change])[]]>([
    ['oxoooo', []],
    [
      'xxoo',
      [
        [1, 'opened'],
        [3, 'closed'],
      ],
    ],
    ['xoxo', [[2, 'opened']]],
    ['xooxo', []],
    ['xxoxoxo', [[1, 'opened']]],
    ['x????x', [[5, 'opened']]],
    ['xx????', [[1, 'opened']]],
  ])('%s', (pattern, changes) => expect(changesOf(pattern)).toEqual(changes))

  test('what flaps stays open until it has been quiet', () => {
    const quiet = 'o'.repeat(defaultThresholds.flipSeconds / 4 / 60)
    expect(changesOf(`xxooxxoo${quiet}`)).toEqual([
      [1, 'opened'],
      [3, 'closed'],
      [5, 'opened'],
      [7, 'closed'],
    ])
    expect(changesOf(`xxooxxooxxoooo${quiet}`)).toEqual([
      ...[
        [1, 'opened'],
        [3, 'closed'],
        [5, 'opened'],
        [7, 'closed'],
      ],
      [9, 'flapping'],
      [24, 'closed'],
    ])
  })

  test('in a maintenance window nothing opens, and what goes on after it does', () => {
    expect(changesOf('xxxx', maintenance(60))).toEqual([])
    expect(changesOf('xxxxx', maintenance(3))).toEqual([[4, 'opened']])
  })

  test.each([
    ['410202', true],
    ['410200', true],
    ['410202100', false],
    ['410221', false],
  ])('a window for region %s holds for a township of 410202: %s', (region, holds) => {
    const [window] = [...maintenance(60).maintenance.values()]
    const inventory = siteWith({ maintenance: [{ ...window, targets: [], regions: [region] }] })
    const quiet = quietAt(inventory, { now: start, timezone: 'Asia/Shanghai' })
    expect(quiet.isUnderMaintenance('n-9', '410202101')).toBe(holds)
  })

  test('an exception holds until its last day', () => {
    expect(changesOf('xxxx', exception('2026-11-26'))).toEqual([])
    expect(changesOf('xxxx', exception('2026-11-25'))).toEqual([[1, 'opened']])
  })
})

describe('an evaluator', () => {
  const openAt = (evaluator = evaluatorOf()) => {
    for (const turn of [0, 1]) {
      const at = start + turn * stepMs
      evaluated(evaluator, sceneOf(down(at), at, siteWith()))
    }
    return evaluator
  }

  test('goes on where an earlier process ended: no second opening, and it closes', () => {
    const next = evaluatorOf(openAt().open())
    const changes = [down, up, up].flatMap((moment, turn) => {
      const at = start + (turn + 2) * stepMs
      return evaluated(next, sceneOf(moment(at), at, siteWith())).map(({ change, finding }) => [
        change,
        finding.id,
      ])
    })
    expect(changes).toEqual([['closed', 'system.down@standing:s-1']])
  })

  test('goes on with an interface, whatever a device calls it', () => {
    const line = { name: 'Slot#1/#2', operUp: true, fullDuplex: false, speedBitsPerSecond: 1e9 }
    const look = (at: number): Moment => ({
      checks: [checkOf({ kind: 'snmp', target: 'd-1', facts: { interfaces: [line] } }, at)],
    })
    const before = openAfter([look, look])
    expect(before.map(({ rule }) => rule)).toEqual(['interface.half-duplex'])
    const at = start + 2 * stepMs
    expect(evaluated(evaluatorOf(before), sceneOf(look(at), at, siteWith()))).toEqual([])
  })

  test('closes what a rule found that is no more, once', () => {
    const [open] = openAt().open()
    const at = start + 2 * stepMs
    const next = evaluatorOf([{ ...open!, id: 'gone.rule@standing:s-1', rule: 'gone.rule' }])
    expect(evaluated(next, sceneOf({}, at, siteWith()))).toMatchObject([
      { change: 'closed', at, finding: { rule: 'gone.rule', closedAt: at } },
    ])
    expect(evaluated(next, sceneOf({}, at, siteWith()))).toEqual([])
  })

  test('closes what a host’s evidence showed once none is believed, and opens it when it is again', () => {
    const evaluator = evaluatorOf()
    const hosts: Moment = { hosts: [{ id: 'accounts.empty-password', verdict: 'contradicts' }] }
    const changes = [hosts, {}, hosts].flatMap((moment) =>
      evaluated(evaluator, sceneOf(moment, start, siteWith())).map(({ change }) => change),
    )
    expect(changes).toEqual(['opened', 'closed', 'opened'])
  })

  test('closes what is no longer in the inventory', () => {
    const evaluator = openAt()
    const at = start + 2 * stepMs
    expect(evaluated(evaluator, sceneOf({}, at, siteWith()))).toMatchObject([{ change: 'closed' }])
    expect(evaluator.open()).toEqual([])
  })

  test('closes it too where the picture of the change comes later than the inventory', () => {
    const evaluator = openAt()
    const inventory = siteWith()
    const changes = [down(start + stepMs), {}].map((moment, turn) =>
      evaluated(evaluator, sceneOf(moment, start + (turn + 2) * stepMs, inventory)).map(
        ({ change }) => change,
      ),
    )
    expect(changes).toEqual([[], ['closed']])
  })

  test('closes what nobody looks at any more', () => {
    const evaluator = openAt()
    const nothing: Moment = { standings: [standingOf('unprobed', [])] }
    expect(evaluated(evaluator, sceneOf(nothing, start + 2 * stepMs, siteWith()))).toMatchObject([
      { change: 'closed' },
    ])
  })

  test.each<[string, Partial<AgentSeen>]>([
    ['agent.silent', { silent: true, heartbeatAgeSeconds: 90 }],
    ['agent.clock', { heartbeatAgeSeconds: 1, clockSkewSeconds: 30 }],
  ])('closes %s once the agent is revoked', (rule, trouble) => {
    const evaluator = evaluatorOf()
    const inventory = siteWith()
    const seen = (state: string): Moment => ({ agents: [{ agent: 'a', silent: false, ...trouble, state }] })
    const states = [
      ...Array.from({ length: 3 }, () => 'active'),
      ...Array.from({ length: 5 }, () => 'revoked'),
    ]
    const changes = states.flatMap((state, turn) =>
      evaluated(evaluator, sceneOf(seen(state), start + turn * stepMs, inventory)).map(
        ({ change, finding }) => `${finding.rule} ${change}`,
      ),
    )
    expect(changes).toEqual([`${rule} opened`, `${rule} closed`])
  })

  /** Changes of `target.degraded` after looks of two kinds at one target, minute by minute. */
  const degradedAfter = (snmp: string): readonly (readonly [number, Change])[] => {
    const evaluator = evaluatorOf()
    const inventory = siteWith()
    return Array.from(snmp).flatMap((letter, turn) => {
      const at = start + turn * stepMs
      const slow = checkOf(
        letter === 'x' ? { kind: 'snmp', status: 'down', cause: 'timeout' } : { kind: 'snmp' },
        at,
      )
      // A ping comes between one look by SNMP and the next.
      return [0, stepMs / 2].flatMap((later) => {
        const checks = [checkOf({ kind: 'icmp' }, at + later), slow]
        const moment: Moment = { standings: [standingOf(letter === 'x' ? 'down' : 'up', checks)] }
        return evaluated(evaluator, sceneOf(moment, at + later, inventory)).map(
          ({ change }) => [turn, change] as const,
        )
      })
    })
  }

  test.each<[string, readonly (readonly [number, Change])[]]>([
    ['oxooxoo', []],
    ['oxxoo', [[2, 'opened']]],
  ])('a look that failed counts once, however often others are well meanwhile: %s', (snmp, changes) => {
    expect(degradedAfter(snmp).filter(([, change]) => change === 'opened')).toEqual(changes)
  })

  test.each([
    ['one message', [0, 0, 0, 0], []],
    ['one message, and others that are right', [0, 0, 1, 2, 3], []],
    ['three messages', [0, 1, 2], ['agent.clock opened']],
  ])('a clock that is off by %s', (_name, messages, changes) => {
    const evaluator = evaluatorOf()
    const inventory = siteWith()
    const isRight = (message: number): boolean => _name.endsWith('right') && message > 0
    const found = messages.flatMap((message, turn) => {
      const agent = { agent: 'a', state: 'active', silent: false, heartbeatAgeSeconds: 1 }
      const clock = { clockSkewSeconds: isRight(message) ? 0 : -30, clockSeenAt: start + message }
      const moment: Moment = { agents: [{ ...agent, ...clock }] }
      return evaluated(evaluator, sceneOf(moment, start + turn * 1000, inventory)).map(
        ({ change, finding }) => `${finding.rule} ${change}`,
      )
    })
    expect(found).toEqual(changes)
  })

  test('takes the same look once', () => {
    const evaluator = evaluatorOf()
    const inventory = siteWith()
    const again = [0, 1, 2].flatMap((turn) =>
      evaluated(evaluator, sceneOf(down(start), start + turn, inventory)),
    )
    expect(again).toEqual([])
  })

  test('names what cuts a target off, rather than the target', () => {
    const evaluator = openAt()
    const changes = [2, 3].flatMap((turn) => {
      const at = start + turn * stepMs
      const check = checkOf({ kind: 'tcp', status: 'down', cause: 'timeout' }, at)
      const standings = [standingOf('unreachable', [check], { causes: ['n-1'] })]
      return evaluated(evaluator, sceneOf({ standings }, at, siteWith()))
    })
    expect(changes).toMatchObject([{ change: 'closed', supersededBy: ['n-1'] }])
  })

  test('one certificate on many hosts, and one agent that sees nothing, are one cause each', () => {
    const certificate = {
      subject: 'CN=a',
      fingerprintSha256: 'f'.repeat(64),
      validTo: '2026-01-01T00:00:00Z',
    }
    const evaluator = evaluatorOf()
    const keys = [0, 1].flatMap((turn) => {
      const at = start + turn * stepMs
      const checks = Array.from({ length: 12 }, (_, index) => {
        const target = `s-${index}`
        return index < 2
          ? checkOf({ kind: 'tls', target, facts: { chain: [certificate] } }, at)
          : checkOf({ kind: 'tcp', target, status: 'down', cause: 'timeout' }, at)
      })
      const standings = checks
        .slice(2)
        .map((check) => standingOf('down', [check], { labels: { target: check.job.target } }))
      const failing = { checks: [...checks, ...checks.slice(2).map((check) => ({ ...check }))], standings }
      return evaluated(evaluator, sceneOf(failing, at, siteWith())).map(({ cause }) => cause?.keys[0])
    })
    expect(new Set(keys)).toEqual(new Set([`certificate:${'f'.repeat(64)}`, 'agent:a']))
  })
})

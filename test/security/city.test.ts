import path from 'node:path'
import { expect, test } from 'vitest'
import { createJudge, type Judge } from '../../src/collector/judge.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { atOnce } from '../../src/collector/slices.ts'
import type { FullPlan } from '../../src/plan/plan.ts'
import type { Transition } from '../../src/security/book.ts'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { inventoryOf, line, node, observation, pingAll } from '../collector/support.ts'
import { temporaryFolder } from '../support/cli.ts'
import { evaluated, evaluatorOf, start } from './scene.ts'

const townships = Array.from({ length: 20 }, (_, index) => `t-${index}`)
const inventory = inventoryOf({
  node: [
    node('city', { level: 'city' }),
    node('county', { level: 'county', uplinks: line('city') }),
    ...townships.map((id) => node(id, { uplinks: line('county') })),
  ],
})
const lookMs = 30_000

/** Every node at an instant; each is seen at a moment of its own within the interval. */
const seenAt = (plan: FullPlan, at: number, isDead: (id: string) => boolean): Map<string, Sighting[]> =>
  new Map(
    plan.jobs.map((job, index) => [
      job.id,
      [
        {
          agent: 'a',
          since: at,
          observation: observation(job, {
            observedAt: at + index,
            ...(isDead(job.target) ? { status: 'down', cause: 'timeout' } : {}),
          }),
        },
      ],
    ]),
  )

interface City {
  readonly plan: FullPlan
  readonly judge: Judge
}

const cityOf = (): City => {
  const plan = pingAll(inventory)
  return { plan, judge: createJudge(inventory, plan) }
}

test('one cut county link is one incident, with the townships behind it, and recovers as one', async () => {
  await using folder = await temporaryFolder()
  using ledger = openLedger(path.join(folder.path, 'ledger.sqlite'))
  const { plan, judge } = cityOf()
  const evaluator = evaluatorOf()
  const round = (turn: number, isDead: (id: string) => boolean): readonly Transition[] => {
    const at = start + turn * lookMs
    const sightings = seenAt(plan, at, isDead)
    const picture = atOnce(judge.judge({ sightings, isHeard: () => true, now: at + 1000 }))
    const scene = { picture, inventory, agents: [], hostEvidence: [], sightings }
    const transitions = evaluated(evaluator, scene)
    recordFindings(ledger, transitions, {
      ...{ now: at, roster: { tiers: [] }, reopenMs: 0, timezone: 'Asia/Shanghai' },
    })
    return transitions
  }
  const isCut = (id: string): boolean => id !== 'city'
  for (const turn of [0, 1, 2]) expect(round(turn, () => false)).toEqual([])
  for (const turn of [3, 4, 5, 6]) round(turn, isCut)
  expect(ledger.incidents('live')).toMatchObject([
    { cause: 'outage:county', targets: ['county'], behind: townships.length, state: 'warned' },
  ])
  for (const turn of [7, 8, 9]) round(turn, () => false)
  expect(ledger.incidents('all')).toMatchObject([{ openFindings: [], recoveredAt: start + 8 * lookMs + 1 }])
  expect(ledger.findings('open')).toEqual([])
})

test('a node with two ways has its redundancy back at its first look after the way is', () => {
  const inventory = inventoryOf({
    node: [
      node('city', { level: 'city' }),
      node('county', { level: 'county', uplinks: line('city') }),
      node('town', { uplinks: [...(line('county') ?? []), ...(line('city', 'backup') ?? [])] }),
    ],
  })
  const plan = pingAll(inventory)
  const judge = createJudge(inventory, plan)
  const evaluator = evaluatorOf()
  const sightings = new Map<string, Sighting[]>()
  const looks = [0, 1, 2, 3, 4, 5, 6].flatMap((turn) =>
    ['town', 'county'].map((target, order) => ({ turn, target, at: start + turn * lookMs + order })),
  )
  const closed = looks.flatMap(({ turn, target, at }) => {
    for (const job of plan.jobs.filter((each) => each.target === target)) {
      const isDead = target === 'county' && turn < 4
      const status = isDead ? ({ status: 'down', cause: 'timeout' } as const) : {}
      sightings.set(job.id, [
        { agent: 'a', since: at, observation: observation(job, { observedAt: at, ...status }) },
      ])
    }
    const picture = atOnce(judge.judge({ sightings, isHeard: () => true, now: at }))
    return evaluated(evaluator, { picture, inventory, agents: [], hostEvidence: [], sightings })
      .filter(({ change }) => change === 'closed')
      .map(({ finding }) => ({ rule: finding.rule, turn, after: target }))
  })
  expect(closed).toEqual([
    { rule: 'node.redundancy-lost', turn: 5, after: 'town' },
    { rule: 'node.down', turn: 5, after: 'county' },
  ])
})

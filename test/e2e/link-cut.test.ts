import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'
import { type HistoryBooks, historyBooks, keyOf, type Spooled } from './books.ts'
import { until } from './child.ts'
import { type County, countyId, deviceId, startCounty, townshipIds, uplinkOf, vpnOf } from './county.ts'
import type { StatusReport } from '../../src/collector/status.ts'

const [first, second, third] = townshipIds
const nodes = 5
const cutSeconds = 10

const isCalm = ({ coverage, outages, agents, redundancyLost, uplinks }: StatusReport): boolean =>
  coverage.all.up === nodes &&
  uplinks.up === uplinks.total &&
  outages.count + redundancyLost.count === 0 &&
  agents.every(({ silent, spoolDepth }) => !silent && spoolDepth === 0)

/** The agent in the city has looked at everything since, and the collector has given up waiting for the county's. */
const isCut = ({ coverage, uplinks, agents }: StatusReport): boolean =>
  coverage.all.unreachable === 3 &&
  uplinks.unreachable === 3 &&
  agents.some(({ agent, silent }) => agent === 'county' && silent)

const metric = (text: string, start: string): readonly string[] =>
  text.split('\n').filter((line) => line.startsWith(start))

describe.skipIf(requiresRoot().skip || requires('openssl', 'curl').skip)('a county’s line', () => {
  let county: County
  let cutAt: number
  let repairedAt: number
  let spooled: readonly Spooled[]
  beforeAll(async () => {
    county = await startCounty()
  })
  afterAll(() => county[Symbol.asyncDispose]())

  const books = (): HistoryBooks => historyBooks(county.historyFile, 'county')

  test('as long as it holds, everything is up', async () => {
    const report = await until(county.status, isCalm)
    expect(report.down.count).toBe(0)
    expect(report.unknown.count).toBe(0)
    await until(county.findings, ({ length }) => length === 0)
  })

  test('cut: one outage with its cause, what is behind it unreachable, nothing counted down but the line', async () => {
    cutAt = Date.now()
    await county.network.cut('county')
    const report = await until(county.status, isCut)
    expect(report.outages).toMatchObject({
      count: 1,
      items: [
        {
          target: uplinkOf(countyId),
          class: 'uplink',
          agent: 'city',
          otherCauses: [],
          behind: {
            targets: [countyId, first, uplinkOf(first), second, uplinkOf(second), uplinkOf(third)],
          },
        },
      ],
    })
    expect(report.down.items.map(({ target }) => target)).toEqual([uplinkOf(countyId)])
    expect(report.unknown.count).toBe(0)
    expect(report.coverage.all).toMatchObject({ up: 2, down: 0, unreachable: 3, unknown: 0 })
  })

  test('cut: the township with a VPN past the county stays up, and has lost its redundancy', async () => {
    const { redundancyLost } = await county.status()
    expect(redundancyLost).toMatchObject({
      count: 1,
      items: [{ target: third, state: 'up', deadUplinks: [uplinkOf(third)] }],
    })
  })

  test('cut: one agent is silent, and the metrics say the same', async () => {
    const { agents } = await county.status()
    expect(agents.filter(({ silent }) => silent).map(({ agent }) => agent)).toEqual(['county'])
    const text = await county.metrics()
    expect(
      metric(text, 'yiwang_agent_silent')
        .map((line) => line.at(-1))
        .toSorted(),
    ).toEqual(['0', '1'])
    expect(metric(text, 'yiwang_outages').filter((line) => !line.endsWith(' 0'))).toEqual([
      'yiwang_outages{class="uplink"} 1',
    ])
    expect(metric(text, 'yiwang_target_unreachable').filter((line) => line.endsWith(' 1'))).toHaveLength(6)
    expect(metric(text, 'yiwang_target_up').filter((line) => line.endsWith(' 0'))).toHaveLength(1)
  })

  test('cut: the line, the agent and the redundancy are findings, and nothing else', async () => {
    const expected = [
      'agent.silent county',
      `node.redundancy-lost ${third}`,
      `uplink.down ${uplinkOf(countyId)}`,
    ]
    await until(county.findings, (found) => found.join() === expected.join())
  })

  test('cut: the agent behind it goes on probing into its spool', async () => {
    const before = await county.spool()
    await sleep(Math.max(2000, cutAt + cutSeconds * 1000 - Date.now()))
    const after = await county.spool()
    expect(after.newest).toBeGreaterThan(before.newest + 9)
    expect(after.waiting.length).toBeGreaterThan(before.waiting.length + 9)
    spooled = after.waiting
  })

  test('repaired: everything is up again', async () => {
    repairedAt = Date.now()
    await county.network.repair('county')
    await until(county.status, isCalm, 60)
    await until(county.findings, ({ length }) => length === 0, 60)
  })

  test('repaired: what was observed during the cut has arrived once, at its own time', async () => {
    const newest = spooled.at(-1)!.sequence
    await until(books, ({ received }) => received.some(({ last }) => last >= newest))
    const arrived = books().stored
    const counts = new Map(
      Map.groupBy(arrived, keyOf)
        .entries()
        .map(([key, { length }]) => [key, length]),
    )
    expect(spooled.map(keyOf).filter((key) => counts.get(key) !== 1)).toEqual([])
    const during = arrived.filter(({ observedAt }) => observedAt >= cutAt && observedAt < repairedAt)
    const jobs = Map.groupBy(during, ({ job }) => job)
    const perSecond = during.length / ((repairedAt - cutAt) / 1000)
    expect([...jobs.keys()].toSorted()).toEqual([...new Set(arrived.map(({ job }) => job))].toSorted())
    expect(perSecond).toBeGreaterThan(jobs.size * 0.8)
    // From inside the county its townships never went away.
    expect(new Set(jobs.get(`${first}/icmp@public`)?.map(({ status }) => status))).toEqual(new Set(['up']))
  })

  test('one of two uplinks dead: redundancy lost, the township up', async () => {
    await county.vpn('down')
    const { redundancyLost, outages, coverage } = await until(
      county.status,
      (report) => report.redundancyLost.count > 0,
    )
    expect(redundancyLost).toMatchObject({
      count: 1,
      items: [{ target: third, state: 'up', deadUplinks: [vpnOf(third)] }],
    })
    expect(outages).toMatchObject({ count: 1, items: [{ target: vpnOf(third), behind: { count: 0 } }] })
    expect(coverage.all).toMatchObject({ up: nodes, down: 0, unreachable: 0 })
    await county.vpn('up')
    await until(county.status, isCalm)
  })

  test('a device that no longer answers is a finding, and none once it does', async () => {
    await county.network.cut('office')
    await until(county.findings, (found) => found.join() === `device.down ${deviceId}`)
    await county.network.repair('office')
    await until(county.findings, ({ length }) => length === 0)
    await until(county.status, isCalm)
  })

  test('at the end the books agree: every sequence of the agent acknowledged and stored once', async () => {
    county.agents.county.send('SIGTERM')
    expect(await county.agents.county.ended).toEqual([0, null])
    const { stream, newest, waiting } = await county.spool()
    const { received, stored } = books()
    expect(waiting).toEqual([])
    expect(received).toEqual([{ stream, first: 1, last: newest }])
    expect(stored).toHaveLength(newest)
    expect(new Set(stored.map(keyOf)).size).toBe(newest)
  })
})

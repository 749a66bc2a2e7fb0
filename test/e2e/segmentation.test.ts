import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StatusReport } from '../../src/collector/status.ts'
import { requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'
import { until } from './child.ts'
import { controlId, databaseId, startZones, type Zones } from './zones.ts'

const holds = ({ segmentations: { total, holds: held } }: StatusReport): boolean => total === 1 && held === 1
const isViolated = ({ segmentations }: StatusReport): boolean => segmentations.violated.count === 1
const isUnknown = ({ segmentations }: StatusReport): boolean => segmentations.unknown.count === 1

describe.skipIf(requiresRoot().skip || requires('openssl', 'curl').skip)('a segmentation', () => {
  let zones: Zones
  beforeAll(async () => {
    zones = await startZones()
  })
  afterAll(() => zones[Symbol.asyncDispose]())

  const series = async (): Promise<readonly string[]> =>
    (await zones.metrics())
      .split('\n')
      .filter((line) => line.startsWith('yiwang_segmentation'))
      .map((line) => line.replace(/^(\w+)\{.*target="([^"]*)".*kind="tcp".*\} /u, '$1 $2 '))

  test('holds: it answers inside, is silent outside, and the control outside answers', async () => {
    const report = await until(zones.status, holds, 60)
    expect(report.segmentations).toMatchObject({ violated: { count: 0 }, unknown: { count: 0 } })
    expect(report.down.count).toBe(0)
    expect((await zones.statusText()).stdout).toContain('segmentation: 1 of 1 hold, 0 violated, 0 unknown')
    expect(await series()).toEqual([
      `yiwang_segmentation_holds ${databaseId} 1`,
      `yiwang_segmentation_unknown ${databaseId} 0`,
    ])
  })

  test('violated: the router was opened', async () => {
    await zones.router('open')
    const report = await until(zones.status, isViolated)
    expect(report.segmentations.violated.items).toMatchObject([
      {
        target: databaseId,
        kind: 'tcp',
        vantage: 'internet',
        reason: 'assertion',
        sides: [
          { vantage: 'public', expect: 'reachable', result: 'holds', agent: 'inside' },
          {
            vantage: 'internet',
            expect: 'unreachable',
            result: 'violated',
            agent: 'outside',
            control: controlId,
          },
        ],
      },
    ])
    const { code, stdout } = await zones.statusText()
    expect(code).toBe(3)
    expect(stdout).toMatch(/^s-database +人口库 +tcp \S+:3306 +VIOLATED +answers from internet /mu)
    expect(await series()).toContain(`yiwang_segmentation_holds ${databaseId} 0`)
  })

  test('closed again, it holds', async () => {
    await zones.router('closed')
    await until(zones.status, holds)
  })

  test('unknown: silent as before, but so is the control', async () => {
    await zones.control('cut')
    const report = await until(zones.status, (seen) => !holds(seen))
    expect(isUnknown(report)).toBe(true)
    expect(report.segmentations.unknown.items).toMatchObject([
      { target: databaseId, vantage: 'internet', reason: 'no-control' },
    ])
    expect((await zones.statusText()).stdout).toContain(
      `its control ${controlId} does not answer this agent either`,
    )
    expect(await series()).toEqual([`yiwang_segmentation_unknown ${databaseId} 1`])
  })

  test('the control is back, it holds', async () => {
    await zones.control('whole')
    await until(zones.status, holds)
  })
})

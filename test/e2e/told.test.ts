import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding, Incident } from '../../src/security/events.ts'
import { finishYiwang, until } from './child.ts'
import { startToldCity, type Told, type ToldCity } from './told-city.ts'

const intervalSeconds = 2
/** Long enough for whatever else the same cause might bring. */
const quietSeconds = 4 * intervalSeconds
const nodes = [
  ['a county’s line is cut', 'n-410222', /通许县.*节点中断$/u],
  ['a single service dies', 'n-410221105', /节点中断$/u],
] as const

/** From a dead site to the messenger, by the built CLI, over real sockets. */
describe('told of a dead site', () => {
  let city: ToldCity
  beforeAll(async () => {
    city = await startToldCity({ intervalSeconds })
    await city.calm(quietSeconds)
  }, 120_000)
  afterAll(() => city[Symbol.asyncDispose]())

  /** All that is told because of what was done. How soon: `test/bench/notification.ts`. */
  const toldOf = async (action: 'cut' | 'repair', node: string): Promise<readonly Told[]> => {
    const before = city.told.length
    await city.line(action, node)
    await until(
      () => city.told.length,
      (count) => count > before,
    )
    await city.calm(quietSeconds)
    return city.told.slice(before)
  }

  test('what is wrong from the beginning is told once each', () => {
    const titles = city.told.map(({ title }) => title)
    expect(titles).toContain('新事件：证书过期的样例网站（模拟故障）：证书已过期')
    expect(new Set(titles).size).toBe(titles.length)
    expect(city.told.every(({ isGood }) => !isGood)).toBe(true)
  })

  test.each(nodes)(
    '%s: one message, and one when it is mended',
    async (_, node, title) => {
      const bad = await toldOf('cut', node)
      expect(bad).toMatchObject([{ isGood: false, title: expect.stringMatching(/^新事件：/u) as unknown }])
      expect(bad[0]?.title).toMatch(title)
      const good = await toldOf('repair', node)
      expect(good).toMatchObject([{ isGood: true, title: bad[0]?.title.replace('新事件', '已恢复') }])
    },
    120_000,
  )

  test('acknowledged, cut off by what lies above, and mended with it: told once how it ended', async () => {
    const [county, town] = ['n-410221', 'n-410221105']
    const ofTown = async (): Promise<Incident | undefined> => {
      const { stdout } = await finishYiwang(['incident', 'list', '--json', ...city.flags])
      const { incidents } = JSON.parse(stdout) as { readonly incidents: readonly Incident[] }
      return incidents.find(({ targets }) => targets.includes(town))
    }
    const [bad] = await toldOf('cut', town)
    const { id = '' } = (await ofTown()) ?? {}
    expect(await finishYiwang(['incident', 'ack', id, ...city.flags])).toMatchObject({ code: 0 })
    const above = await toldOf('cut', county)
    expect(above).toMatchObject([{ isGood: false }])
    expect(await until(ofTown, (incident) => incident?.openFindings.length === 0)).toMatchObject({
      state: 'responding',
    })
    const { stdout } = await finishYiwang(['incident', 'show', id, ...city.flags])
    expect(stdout).toContain(`现状 上级 ${county} 中断，无法探测`)
    await city.line('repair', town)
    const good = await toldOf('repair', county)
    expect(good.map(({ title }) => title).toSorted()).toEqual(
      [bad, ...above].map((told) => told?.title.replace(/^[^：]*：/u, '已恢复：')).toSorted(),
    )
    expect(good.every(({ isGood }) => isGood)).toBe(true)
  }, 120_000)

  test('redundancy lost behind a cut is found, watched and told nobody, and is over when it is mended', async () => {
    const found = async (): Promise<readonly Finding[]> => {
      const { stdout } = await finishYiwang(['finding', 'list', '--json', ...city.flags])
      return (JSON.parse(stdout) as readonly Finding[]).filter(({ rule }) => rule === 'node.redundancy-lost')
    }
    await until(found, ({ length }) => length === 0)
    const bad = await toldOf('cut', 'n-410223')
    expect(await until(found, ({ length }) => length > 0)).toMatchObject([
      { severity: 'medium', incident: expect.any(String) as string },
    ])
    expect(bad).toHaveLength(1)
    await toldOf('repair', 'n-410223')
    await until(found, ({ length }) => length === 0)
  }, 120_000)
})

import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/security/notify/queue.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { runYiwang, until } from './child.ts'
import { addressIn, deploy, edit, startAlertmanager, startPrometheus } from './monitoring.ts'
import { startToldCity, type ToldCity } from './told-city.ts'

const token = 'the-token-of-alertmanager'
const county = 'n-410222'

describe.skipIf(requires('prometheus', 'prometheus-alertmanager').skip)(
  'a real Alertmanager posts to the collector, as deployed',
  () => {
    const stack = new AsyncDisposableStack()
    let city: ToldCity

    beforeAll(async () => {
      const { path: folder } = stack.use(await temporaryFolder())
      city = stack.use(
        await startToldCity({
          intervalSeconds: 3,
          notify: { alertmanagerCredential: 'alerts' },
          secrets: { alerts: { kind: 'bearer', token } },
        }),
      )
      const collector = new URL(city.url).host
      await deploy(folder, { collector, webhook: `${city.url}/v1/alerts`, token })
      const alertmanager = await addressIn(stack.use(startAlertmanager(folder)))
      await edit(path.join(folder, 'prometheus/prometheus.yml'), [/127\.0\.0\.1:9093/gu, alertmanager])
      await addressIn(stack.use(startPrometheus(folder)))
      await city.calm(12)
    }, 120_000)
    afterAll(() => stack.disposeAsync())

    const covered = async (words: string): Promise<readonly Delivery[]> => {
      const log = JSON.parse(
        await runYiwang(['notify', 'log', '--state', 'covered', '--json', ...city.flags]),
      ) as readonly Delivery[]
      return log.filter(({ title }) => title.startsWith(words) && title.includes('通许县'))
    }

    test('what an incident tells is told once, though Prometheus saw it as well; so is the recovery', async () => {
      const before = city.told.length
      await city.line('cut', county)
      const [firing] = await until(
        () => covered('告警：'),
        ({ length }) => length > 0,
        60,
      )
      const id = /^told as (INC-\S+)$/u.exec(firing?.detail ?? '')?.[1] ?? ''
      await city.line('repair', county)
      await until(
        () => covered('已恢复：'),
        ({ length }) => length > 0,
        60,
      )
      const told = () => city.told.slice(before).filter(({ title }) => title.includes('通许县'))
      await until(told, ({ length }) => length > 1)
      await city.calm(12)
      const about = told()
      expect(about.map(({ title }) => title)).toEqual([
        expect.stringMatching(/^新事件：通许县.*节点中断$/u),
        expect.stringMatching(/^已恢复：通许县.*节点中断$/u),
      ])
      expect(about.every((each) => each.id.startsWith(`incident:${id}:`))).toBe(true)
    }, 200_000)
  },
)

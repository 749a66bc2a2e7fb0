import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/index.ts'
import type { SourceCount } from '../../src/collector/syslog/blocks.ts'
import { examine } from '../../src/compliance/evidence/collect.ts'
import { claimsOf } from '../../src/compliance/evidence/claim.ts'
import { logReader } from '../../src/service/log-sources.ts'
import { siteWith } from '../compliance/evidence-site.ts'

const now = Date.parse('2026-11-26T08:00:00Z')
const day = 86_400_000
const [arrival, retention] = ['L3-ABS1-16', 'L3-ABS1-18']
const device = (id: string, address: string) =>
  ({ id, name: id, role: 'firewall', node: 'n-1', address }) as const
const inventory = siteWith('d-1', {
  device: [device('d-1', '192.0.2.1'), device('d-2', '192.0.2.2')],
  asset: [
    {
      ...{ id: 'fw', assessment: 'a-3', name: '墙', kind: 'security-device', target: 'd-1' },
      results: { [arrival]: { result: 'conforms' }, [retention]: { result: 'conforms' } },
    },
  ],
})
const config = loadConfig({ env: {}, dataFolder: '/nowhere' })
const syslog = { ...config.collector.syslog, allow: ['192.0.2.0/24'] }

const checksWith = (...counts: readonly SourceCount[]) => {
  const account = { sources: () => counts, figures: () => ({ bytes: 0, oldestAt: now - 200 * day }) }
  const settings = { collector: { ...config.collector, syslog } }
  const observations = logReader(account, settings)(inventory, now)
  const input = { now, inventory, observations, segmentations: [], hostEvidence: [] }
  const claims = [...examine(input)].flatMap((each) => claimsOf(each, now))
  return [arrival, retention].map((item) => claims.find((claim) => claim.item === item)?.check)
}
const logged = (source: string, firstDaysAgo: number, lastDaysAgo: number): SourceCount => ({
  ...{ source, messages: 5 },
  ...{ firstAt: now - firstDaysAgo * day, lastAt: now - lastDaysAgo * day },
})

test.each([
  ['logs, for longer than six months', [logged('192.0.2.1', 190, 0)], ['consistent', 'consistent']],
  ['logs, since a week', [logged('192.0.2.1', 7, 0)], ['consistent', 'unverifiable']],
  [
    'logs, and what is older than the log itself does not count',
    [logged('192.0.2.1', 400, 0)],
    ['consistent', 'consistent'],
  ],
  [
    'stopped while others go on',
    [logged('192.0.2.1', 7, 5), logged('192.0.2.2', 7, 0)],
    ['contradicted', 'unverifiable'],
  ],
  [
    'stopped as everybody did',
    [logged('192.0.2.1', 7, 5), logged('192.0.2.2', 7, 5)],
    ['unverifiable', 'unverifiable'],
  ],
  ['never logged here', [logged('192.0.2.2', 7, 0)], ['unverifiable', 'unverifiable']],
  ['another sender', [logged('192.0.2.77', 190, 0)], ['unverifiable', 'unverifiable']],
] as const)('a device that %s', (_, counts, checks) => {
  expect(checksWith(...counts)).toEqual(checks)
})

import type { Migration, Wave } from '../../inventory/migration/index.ts'
import type { Operation } from '../../inventory/store.ts'
import { type Planted, simulated, simulatedRemark as remark } from './service.ts'

/** What the demo's inventory says beside what answers: systems that move, and an assessment. All of it invented. */

const waves: readonly Pick<Wave, 'id' | 'name' | 'startsOn' | 'endsOn' | 'capacity'>[] = [
  { id: 'w-demo-1', name: '第一批', startsOn: '2026-03-01', endsOn: '2026-06-30', capacity: 4 },
  { id: 'w-demo-2', name: '第二批', startsOn: '2026-09-01', endsOn: '2026-12-31', capacity: 6 },
]

const aside = { reason: '涉及专线外设，暂不具备条件', basis: '市大数据局会议纪要（模拟）' } as const

/** States that ask for no second address: nothing of them is served twice. */
const migrations: readonly (Pick<Migration, 'id' | 'state'> & Partial<Migration>)[] = [
  { id: 's-demo-hotline', state: 'deploying', wave: 'w-demo-1', decision: 'rehost' },
  { id: 's-demo-conduct', state: 'provisioned', wave: 'w-demo-1', decision: 'rehost' },
  { id: 's-demo-credit', state: 'planned', wave: 'w-demo-2', decision: 'replatform' },
  { id: 's-demo-trading', state: 'planned', wave: 'w-demo-2', decision: 'rehost' },
  { id: 's-demo-approval', state: 'assessed', decision: 'refactor' },
  { id: 's-demo-estate', state: 'surveyed' },
  { id: 's-demo-card', state: 'deferred', ...aside },
  { id: 's-demo-audit', state: 'exempt', ...aside },
]

const assessment = 'a-demo-net'
const application = 'a-demo-net.hotline'
const applicationName = simulated('明文的样例网站甲')

const put = (collection: Operation['collection'], record: object): Operation => ({
  op: 'put',
  collection,
  record: { ...record, remark },
})

const overdueId = 'a-demo-net.tls'
const overdue = put('remediation', {
  id: overdueId,
  assessment,
  item: 'L3-CES1-27',
  asset: application,
  measure: '启用 HTTPS',
  state: 'assigned',
  unit: 'u-demo-hotline',
  openedOn: '2026-03-02',
  deadline: '2026-06-30',
})

const assessed = (isQuiet: boolean): readonly Operation[] => [
  put('assessment', { id: assessment, name: simulated('电子政务外网测评'), object: 'extranet', level: 3 }),
  put('asset', {
    id: application,
    assessment,
    name: applicationName,
    kind: 'application',
    target: 's-demo-hotline',
    results: {
      'L3-CES1-01': { result: 'conforms' },
      // Served over plain HTTP, which the probes see.
      'L3-CNS1-07': { result: isQuiet ? 'fails' : 'conforms' },
      'L3-CES1-27': { result: 'fails' },
    },
  }),
  put('asset', {
    id: 'a-demo-net.rules',
    assessment,
    name: simulated('管理制度'),
    kind: 'management',
    results: { 'L3-PSS1-01': { result: 'partial' } },
  }),
  ...(isQuiet ? [] : [overdue]),
]

/** What of it is not as it should be. */
export const plantedRecords: readonly Planted[] = [
  { id: application, name: applicationName, what: 'L3-CNS1-07 记为符合，实为明文' },
  { id: overdueId, name: '启用 HTTPS', what: '整改逾期' },
]

/** In a quiet city nothing is recorded that is seen otherwise, and nothing is overdue. */
export const cityRecords = (isQuiet: boolean): readonly Operation[] => [
  ...waves.map((wave) => put('wave', { ...wave, name: simulated(wave.name) })),
  ...migrations.map((migration) => put('migration', migration)),
  ...assessed(isQuiet),
]

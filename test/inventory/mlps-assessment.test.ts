import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { changeOf, replayAudit } from '../../inventory/audit/changes.ts'
import { prepareChange } from '../../inventory/change.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { remediationLabels, type RemediationState } from '../../inventory/mlps/index.ts'
import { nextStates } from '../../inventory/mlps/rules.ts'
import type { Operation } from '../../inventory/store.ts'
import { inventoryOf } from './exchange-support.ts'
import { apply, clock, county, put, temporaryFolder } from './store-fixtures.ts'

const assessment = (more: object = {}): Operation =>
  put('assessment', { id: 'a-1', name: '政务外网 2026', object: 'extranet', level: 3, ...more })
const asset = (results: object, more: object = {}): Operation =>
  put('asset', { id: 'fw', assessment: 'a-1', name: '核心防火墙', kind: 'security-device', results, ...more })
const remediation = (state: RemediationState, more: object = {}): Operation =>
  put('remediation', {
    id: 'r-1',
    assessment: 'a-1',
    item: 'L3-CES1-01',
    measure: '改口令',
    state,
    unit: 'u-410202',
    deadline: '2026-12-31',
    ...more,
  })
const waiver = (more: object): Operation =>
  put('waiver', {
    id: 'w-1',
    assessment: 'a-1',
    item: 'L3-CES1-01',
    why: '设备年底更换',
    approver: '李局',
    approvedOn: '2026-01-01',
    expiresOn: '2026-12-31',
    ...more,
  })

const base = inventoryOf([...county, assessment()])
const messagesOf = (operations: readonly Operation[], from = base): readonly string[] =>
  prepareChange(from, operations).problems.map(({ where, message }) => `${where}: ${message}`)

test.each<[string, readonly Operation[], string]>([
  [
    'an item of no catalogue',
    [asset({ 'L3-CES1-99': { result: 'fails' } })],
    'asset/fw.results.L3-CES1-99: expected an item of the catalogue, got L3-CES1-99',
  ],
  [
    'an item of another level',
    [asset({ 'L2-CES1-01': { result: 'fails' } })],
    'asset/fw.results.L2-CES1-01: expected an item of level 3, got L2-CES1-01 of level 2',
  ],
  [
    'a cloud item without cloud',
    [asset({ 'L3-CNS2-02': { result: 'fails' } })],
    'asset/fw.results.L3-CNS2-02: expected a general item, since the assessment has no cloud extension, got L3-CNS2-02',
  ],
  [
    'a waiver that ends before it begins',
    [waiver({ expiresOn: '2025-12-31' })],
    'waiver/w-1.expiresOn: expected a day from 2026-01-01 on, got 2025-12-31',
  ],
  [
    'an asset of another assessment',
    [
      put('assessment', { id: 'a-2', name: '乙', object: 'extranet', level: 3 }),
      asset({}, { assessment: 'a-2' }),
      waiver({ asset: 'fw' }),
    ],
    'waiver/w-1.asset: expected an asset of a-1, got one of a-2',
  ],
  [
    'work without a deadline',
    [remediation('assigned', { deadline: undefined })],
    'remediation/r-1.deadline: expected one in the state assigned',
  ],
  [
    'a system without the system',
    [assessment({ object: 'system' })],
    'assessment/a-1.system: expected the id of the system that is assessed',
  ],
  [
    'a hazard of no list',
    [assessment({ hazards: [{ scenario: 'A-77', judgement: 'confirmed', by: '王', on: '2026-01-01' }] })],
    'assessment/a-1.hazards[0].scenario: expected a major hazard of the list, got A-77',
  ],
  [
    'an asset of no record',
    [asset({}, { target: 'nowhere' })],
    'asset/fw.target: expected an existing node or system or device, got nowhere',
  ],
])('refused: %s', (_, operations, message) => {
  expect(messagesOf(operations)).toEqual([message])
})

test('a result that is not in the list is refused with what is', () => {
  const [message] = messagesOf([asset({ 'L3-CES1-01': { result: 'good' } })])
  expect(message).toMatch(/^asset\/fw\.results\.L3-CES1-01\.result: .*conforms.*untested.*, got "good"$/u)
})

test('a level that changes under results is refused for each of them', () => {
  const filled = inventoryOf([asset({ 'L3-CES1-01': { result: 'fails' } }), waiver({})], base)
  expect(messagesOf([assessment({ level: 2 })], filled)).toEqual([
    'asset/fw.results.L3-CES1-01: expected an item of level 2, got L3-CES1-01 of level 3',
    'waiver/w-1.item: expected an item of level 2, got L3-CES1-01 of level 3',
  ])
})

const states = Object.keys(remediationLabels) as readonly RemediationState[]
test.each(states.flatMap((from) => states.map((to) => ({ from, to }))))(
  'a remediation from $from to $to',
  ({ from, to }) => {
    const problems = messagesOf([remediation(to)], inventoryOf([remediation(from)], base))
    const allowed = from === to || nextStates[from].includes(to)
    expect(problems.length === 0).toBe(allowed)
  },
)

test('one result is one line of the file and one entry of the log, durably', async () => {
  await using folder = await temporaryFolder()
  const store = await openInventory(folder.path, { clock, create: true })
  const results = { 'L3-CES1-01': { result: 'conforms' }, 'L3-CES1-02': { result: 'untested' } }
  await apply(store, [...county, assessment(), asset(results)])
  await apply(store, [asset({ ...results, 'L3-CES1-02': { result: 'fails', evidence: '五次失败不锁定' } })])
  const file = await readFile(path.join(folder.path, 'asset', 'a-1.json'), 'utf8')
  expect(file).toContain('\n      "L3-CES1-02": {"result":"fails","evidence":"五次失败不锁定"}\n')
  const entries = await Array.fromAsync(store.audit({ since: 2 }))
  expect(entries.map(({ changes }) => changes)).toEqual([
    [
      {
        op: 'replace',
        collection: 'asset',
        id: 'fw',
        before: { results: { 'L3-CES1-02': { result: 'untested' } } },
        after: { results: { 'L3-CES1-02': { result: 'fails', evidence: '五次失败不锁定' } } },
      },
    ],
  ])
  expect(await store.auditVerify()).toMatchObject({ intact: true })
  await store[Symbol.asyncDispose]()
  const again = await openInventory(folder.path, { clock })
  expect((await again.read()).asset.get('fw')?.results['L3-CES1-02']?.result).toBe('fails')
})

test('what the log says of results leads to the results', async () => {
  const anyResults = fc.dictionary(
    fc.constantFrom('L3-CES1-01', 'L3-CES1-02', 'L3-CES1-03', '__proto__x'),
    fc.record({
      result: fc.constantFrom('fails', 'conforms'),
      remark: fc.option(fc.string(), { nil: undefined }),
    }),
  )
  const anyAsset = fc.record({
    id: fc.constant('fw'),
    name: fc.constantFrom('甲', '乙'),
    results: anyResults,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyAsset, { minLength: 1, maxLength: 6 }), async (versions) => {
      const stored = versions.map((version) => JSON.parse(JSON.stringify(version)) as object)
      const changes = stored.flatMap(
        (after, index) => changeOf('asset', 'fw', stored[index - 1], after) ?? [],
      )
      const entry = {
        sequence: 1,
        at: '',
        actor: '',
        reason: '',
        revision: 1,
        changes,
        previous: '',
        hash: '',
      }
      expect((await replayAudit([entry])).get('asset/fw')).toEqual(stored.at(-1))
    }),
  )
})

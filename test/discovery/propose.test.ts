import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planImport, readTables } from '../../inventory/exchange/index.ts'
import type { FoundAgent } from '../../probes/snmp/discovery/index.ts'
import { differenceOf, importFile, needsNode } from '../../src/discovery/import-file.ts'
import { propose } from '../../src/discovery/propose.ts'
import { reportOf } from '../../src/discovery/report.ts'
import { device, inventoryOf, node } from '../plan/fixtures.ts'

const agent = (overrides: Partial<FoundAgent> = {}): FoundAgent => ({
  address: '192.0.2.1',
  port: 161,
  version: 'v3',
  credential: 'core',
  sysName: 'kf-core-1',
  sysDescr: 'Lankao county router',
  sysLocation: '兰考机房',
  maker: '华为',
  services: 78,
  neighbours: [],
  neighboursCut: false,
  ...overrides,
})

const network = (cidr: string) => ({ id: `net-${cidr.replaceAll(/[./:]/gu, '-')}`, name: cidr, cidr })
/** Without addresses of its own, so that nothing is at home anywhere. */
const bare = inventoryOf({ node: [node({ addresses: [] })] })

describe('a device that nobody knew', () => {
  test('is proposed with all that it said; its node is left for a person', () => {
    expect(propose([agent()], bare)).toEqual([
      {
        agent: agent(),
        alsoAt: [],
        standing: 'new',
        device: {
          id: 'kf-core-1',
          name: 'kf-core-1',
          role: 'router',
          address: '192.0.2.1',
          vendor: '华为',
          snmp: { credential: 'core', port: 161 },
          contacts: [],
          probes: [],
          state: 'active',
          remark: 'SNMP 发现；位置 兰考机房；Lankao county router',
        },
      },
    ])
  })

  test.each([
    [0b100_0110, 'router'],
    [0b10, 'switch'],
    [0b100_1000, 'server'],
    [0, 'other'],
    [undefined, 'other'],
  ])('works at layers %s: %s', (services, role) => {
    expect(propose([agent({ services })], bare)[0]?.device.role).toBe(role)
  })

  test('that says nothing of itself is named by its address', () => {
    const silent = agent({
      sysName: undefined,
      sysDescr: undefined,
      sysLocation: undefined,
      maker: undefined,
    })
    const [named, other] = propose([silent, { ...silent, address: '2001:db8::7' }], bare)
    expect(named?.device).toMatchObject({ id: 'd-192-0-2-1', name: '192.0.2.1', remark: 'SNMP 发现' })
    expect(other?.device).toMatchObject({ id: 'd-2001-db8-7', name: '2001:db8::7' })
  })

  test('gets an id that nothing has, not even one found beside it', () => {
    const inventory = inventoryOf({ node: [node({ id: 'kf-core-1', addresses: [] })] })
    const two = [
      agent(),
      agent({ address: '192.0.2.2' }),
      agent({ address: '192.0.2.3', sysName: '开封 核心' }),
    ]
    expect(propose(two, inventory).map(({ device: { id } }) => id)).toEqual([
      'd-192-0-2-1',
      'd-192-0-2-2',
      'd-192-0-2-3',
    ])
  })

  test('is one, however many addresses it answers at, unless only its engine was copied', () => {
    const engineId = '80001f8804'
    const found = [
      agent({ engineId }),
      agent({ engineId, address: '192.0.2.2' }),
      agent({ engineId, address: '192.0.2.3', sysName: 'a-copy' }),
    ]
    expect(propose(found, bare).map(({ agent: { address }, alsoAt }) => [address, alsoAt])).toEqual([
      ['192.0.2.1', ['192.0.2.2']],
      ['192.0.2.3', []],
    ])
  })
})

describe('the node', () => {
  const nodeOf = (inventory: ReturnType<typeof inventoryOf>): string | undefined =>
    propose([agent()], inventory)[0]?.device.node

  test('is the one that has the address', () => {
    expect(nodeOf(inventoryOf({ node: [node({ addresses: ['192.0.2.1'] })] }))).toBe('n-1')
  })

  test('is the one node of the narrow network that the address is in, by its own address or a device’s', () => {
    const one = node({ addresses: ['192.0.2.200'] })
    const away = node({ id: 'n-2', addresses: [] })
    const within = { network: [network('192.0.2.0/24')] }
    expect(nodeOf(inventoryOf({ node: [one, away], ...within }))).toBe('n-1')
    const neighbour = device({ node: 'n-2', address: '192.0.2.77' })
    expect(
      nodeOf(inventoryOf({ node: [node({ addresses: [] }), away], device: [neighbour], ...within })),
    ).toBe('n-2')
    expect(nodeOf(inventoryOf({ node: [one, away], device: [neighbour], ...within }))).toBeUndefined()
  })

  test('is not guessed from a wide network, nor from one that is not in the inventory', () => {
    const one = node({ addresses: ['192.0.2.200'] })
    expect(nodeOf(inventoryOf({ node: [one] }))).toBeUndefined()
    expect(nodeOf(inventoryOf({ node: [one], network: [network('192.0.0.0/16')] }))).toBeUndefined()
  })
})

describe('a device that is known', () => {
  const known = device({ id: 'd-1', address: '192.0.2.1', name: '核心路由器', vendor: '锐捷' })
  const at = (records: Readonly<Record<string, unknown>>) =>
    inventoryOf({ node: [node({ addresses: [] })], device: [{ ...known, ...records }] })

  test('keeps what a person wrote, and gets what nobody filled in', () => {
    const [proposal] = propose([agent()], at({}))
    expect(proposal).toMatchObject({
      standing: 'changed',
      device: { id: 'd-1', name: '核心路由器', vendor: '锐捷', snmp: { credential: 'core', port: 161 } },
    })
  })

  test('is known where nothing is missing, even if another credential was tried', () => {
    const [proposal] = propose([agent()], at({ snmp: { credential: 'old' } }))
    expect(proposal).toMatchObject({ standing: 'known', device: { snmp: { credential: 'old' } } })
  })

  test('is found by any of its addresses, in whatever form the inventory has them', () => {
    const engineId = '80001f8804'
    const found = [agent({ engineId }), agent({ engineId, address: '2001:db8::1' })]
    const [proposal, ...others] = propose(found, at({ address: '2001:0DB8:0::1' }))
    expect(proposal).toMatchObject({ standing: 'changed', alsoAt: ['192.0.2.1'], device: { id: 'd-1' } })
    expect(others).toEqual([])
  })
})

describe('the import file', () => {
  const inventory = inventoryOf({
    node: [node({ addresses: ['192.0.2.1'] })],
    device: [device({ id: 'd-1', address: '192.0.2.9', contacts: [] })],
  })

  test('has what is new and changed; the difference is the import’s own, of what needs nobody’s word', async () => {
    const found = [
      agent(),
      agent({ address: '192.0.2.5', sysName: 'kf-2' }),
      agent({ address: '192.0.2.9', sysName: 'kf-3' }),
    ]
    const proposals = propose(found, inventory)
    expect(proposals.filter(needsNode).map(({ device: { id } }) => id)).toEqual(['kf-2'])
    const difference = await differenceOf(proposals, inventory, 'found')
    expect(difference).toMatchObject({ added: 1, changed: 1, unchanged: 0 })
    expect(
      difference.differences.filter(({ id }) => id === 'd-1').map(({ column, new: now }) => [column, now]),
    ).toEqual([
      ['厂商', '华为'],
      ['SNMP 凭据名称', 'core'],
      ['SNMP 端口', '161'],
    ])
    const csv = String(await importFile(proposals, inventory, 'csv'))
    expect(csv.split('\r\n').map((line) => line.split(',')[0])).toEqual([
      '\ufeff编号',
      'kf-core-1',
      'kf-2',
      'd-1',
      '',
    ])
    expect(csv).toContain('\r\nkf-2,kf-2,路由器,,192.0.2.5,')
  })

  test('of nothing has a difference of nothing', async () => {
    expect(await differenceOf([], inventory, 'found')).toMatchObject({
      added: 0,
      changed: 0,
      differences: [],
    })
  })

  test.each(['csv', 'xlsx'] as const)(
    '%s: whatever a device calls itself, it is read back as it was proposed',
    async (format) => {
      const text = fc
        .string({ unit: 'binary', maxLength: 60 })
        .map((raw) => raw.replaceAll(/[\p{Cc}\p{Cs}]/gu, '').trim())
      await fc.assert(
        fc.asyncProperty(fc.option(text, { nil: undefined }), text, async (sysName, sysDescr) => {
          const found = agent({
            sysName: sysName === '' ? undefined : sysName,
            sysDescr: sysDescr === '' ? undefined : sysDescr,
          })
          const proposals = propose([found], inventory)
          const file = Buffer.from(await importFile(proposals, inventory, format))
          const { operations } = planImport(await readTables(`f.${format}`, file), inventory, ['device'])
          expect(operations).toEqual([{ op: 'put', collection: 'device', record: proposals[0]?.device }])
        }),
        { numRuns: format === 'csv' ? 200 : 20 },
      )
    },
  )
})

test('links name the neighbour where it is one of the found, or of the inventory', async () => {
  const heard = { localPort: 'GE0/0/1', port: 'GE0/0/9', managementAddresses: [] }
  const inventory = inventoryOf({
    node: [node({ addresses: [] })],
    device: [device({ id: 'd-9', address: '192.0.2.99' })],
  })
  const first = agent({
    chassis: 'aa:aa',
    neighbours: [
      { ...heard, chassis: 'bb:bb' },
      { ...heard, chassis: 'cc:cc', managementAddresses: ['198.51.100.1', '192.0.2.99'] },
      { ...heard, chassis: 'dd:dd', sysName: 'nobody knows' },
    ],
  })
  const second = agent({ address: '192.0.2.2', sysName: 'kf-2', chassis: 'bb:bb' })
  const proposals = propose([first, second], inventory)
  const report = reportOf({
    range: { network: '192.0.2.0/24', count: 254 },
    asked: [
      { end: 'found', agent: first },
      { end: 'found', agent: second },
      { end: 'silent', address: '192.0.2.3' },
      { end: 'failed', address: '192.0.2.255', cause: 'permission', detail: 'EACCES' },
    ],
    proposals,
    difference: await differenceOf(proposals, inventory, 'found'),
    deviceAt: (address) => (address === '192.0.2.99' ? 'd-9' : undefined),
  })
  expect(report.links.map(({ device: from, neighbour }) => [from, neighbour])).toEqual([
    ['kf-core-1', 'kf-2'],
    ['kf-core-1', 'd-9'],
    ['kf-core-1', undefined],
  ])
  expect(report).toMatchObject({
    asked: 4,
    addresses: 254,
    silent: 1,
    failed: [{ cause: 'permission', count: 1 }],
    needNode: ['kf-core-1', 'kf-2'],
    found: [{ device: 'kf-core-1', neighbourCount: 3 }, { device: 'kf-2' }],
  })
})

import { describe, expect, test } from 'vitest'
import { prepareChange } from '../../inventory/change.ts'
import { editRecord } from '../../inventory/edit.ts'
import { exportWorkbook, planImport, readTables } from '../../inventory/exchange/index.ts'
import { withAnswers, withDocument, withMove } from '../../inventory/migration/edit.ts'
import { recordAt, stateAt, staysOf } from '../../inventory/migration/index.ts'
import { collections, type InputOf } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { inventoryOf } from './exchange-support.ts'
import { county, put } from './store-fixtures.ts'

const system = (id: string, name: string): Operation =>
  put('system', { id, name, region: '410202', kind: 'application' })
const wave = (id: string, startsOn: string, endsOn: string, more: object = {}): Operation =>
  put('wave', { id, name: id, startsOn, endsOn, capacity: 5, ...more })
const migration = (more: object = {}): Operation => put('migration', { id: 's-oa', ...more })
const move = { at: '2026-05-02T00:00:00Z', by: '王工', from: 'surveyed', to: 'assessed', reason: '因为' }

const base = inventoryOf([
  ...county,
  system('s-oa', '协同办公系统'),
  system('s-db', '人口库'),
  wave('w1', '2026-05-01', '2026-05-31'),
])
const messagesOf = (operations: readonly Operation[], from = base): readonly string[] =>
  prepareChange(from, operations).problems.map(({ where, message }) => `${where}: ${message}`)

describe('the store', () => {
  test.each<[string, readonly Operation[], string]>([
    [
      'a system that is none',
      [migration({ id: 's-ab' })],
      'migration/s-ab.id: expected an existing system, got s-ab',
    ],
    [
      'a wave that is none',
      [migration({ wave: 'w9' })],
      'migration/s-oa.wave: expected an existing wave, got w9',
    ],
    [
      'a ring of dependencies',
      [migration({ dependsOn: ['s-db'] }), put('migration', { id: 's-db', dependsOn: ['s-oa'] })],
      'migration/s-oa.dependsOn: expected a way that ends at the top, got a cycle: s-oa → s-db → s-oa',
    ],
    [
      'waves that overlap',
      [wave('w2', '2026-05-31', '2026-06-30')],
      'wave/w2.startsOn: expected a day after 2026-05-31, when wave w1 ends, got 2026-05-31',
    ],
    [
      'a wave that ends first',
      [wave('w2', '2026-06-30', '2026-06-01')],
      'wave/w2.endsOn: expected a day from 2026-06-30 on, got 2026-06-01',
    ],
    [
      'a freeze that ends first',
      [
        wave('w2', '2026-06-01', '2026-06-30', {
          freezes: [{ from: '2026-06-03', to: '2026-06-02', why: '封网' }],
        }),
      ],
      'wave/w2.freezes[0].to: expected a day from 2026-06-03 on, got 2026-06-02',
    ],
    [
      'exempt without a basis',
      [migration({ state: 'exempt', reason: '涉密' })],
      'migration/s-oa.basis: expected one in the state exempt',
    ],
    [
      'blocked without a reason',
      [migration({ state: 'blocked' })],
      'migration/s-oa.reason: expected one in the state blocked',
    ],
    [
      'an endpoint that is none',
      [migration({ oldEndpoints: ['192.0.2.1:80'] })],
      'migration/s-oa.oldEndpoints[0]: expected a URL such as',
    ],
    [
      'a move to elsewhere',
      [migration({ state: 'trial', moves: [move] })],
      'migration/s-oa.state: expected assessed, where its last move led, got trial',
    ],
    [
      'moves that do not follow each other',
      [migration({ state: 'trial', moves: [move, { ...move, from: 'planned', to: 'trial' }] })],
      'migration/s-oa.moves[1].from: expected assessed, where the last move led, got planned',
    ],
    [
      'moves that go back in time',
      [
        migration({
          state: 'planned',
          moves: [move, { ...move, from: 'assessed', to: 'planned', at: '2026-05-01T00:00:00Z' }],
        }),
      ],
      'migration/s-oa.moves[1].at: expected a time from 2026-05-02T00:00:00Z on, got 2026-05-01T00:00:00Z',
    ],
    [
      'a control that is none',
      [migration({ control: 'n-9' })],
      'migration/s-oa.control: expected an existing node or system or device, got n-9',
    ],
  ])('refuses %s', (_, operations, message) => {
    const messages = messagesOf(operations)
    expect(messages).toHaveLength(1)
    expect(messages[0]?.startsWith(message)).toBe(true)
  })

  test.each<[string, object, object, string | undefined]>([
    [
      'a state without a move',
      { state: 'trial' },
      { state: 'accepted' },
      'migration/s-oa.state: expected a move from trial to accepted that says who and why',
    ],
    [
      'a state without a further move',
      { state: 'assessed', moves: [move] },
      { state: 'planned', moves: [move] },
      'migration/s-oa.state: expected assessed, where its last move led, got planned',
    ],
    [
      'moves that were made',
      { state: 'assessed', moves: [move] },
      { state: 'assessed', moves: [{ ...move, by: '李工' }] },
      'migration/s-oa.moves: expected earlier moves to stay as they are',
    ],
    [
      'moves away',
      { state: 'assessed', moves: [move] },
      { state: 'assessed', moves: [] },
      'migration/s-oa.moves: expected earlier moves to stay as they are',
    ],
    ['a further move', { state: 'surveyed' }, { state: 'assessed', moves: [move] }, undefined],
  ])('a record that is there changes %s', (_, before, after, message) => {
    const from = inventoryOf([migration(before)], base)
    expect(messagesOf([migration(after)], from)).toEqual(message === undefined ? [] : [message])
  })

  test('a system that moves or is depended on cannot be removed', () => {
    const from = inventoryOf([migration({ dependsOn: ['s-db'] })], base)
    expect(messagesOf([{ op: 'remove', collection: 'system', id: 's-db' }], from)).toEqual([
      'system/s-db: cannot be removed: still referenced by migration/s-oa.dependsOn[0]',
    ])
  })
})

const record = (more: Partial<InputOf<'migration'>> = {}) =>
  collections.migration.parse({ id: 's-oa', ...more })
const at = Date.parse('2026-05-03T00:00:00Z')

describe('editing', () => {
  const step = { by: '王工', at, reason: '因为', missing: [] }
  test('a move is appended; what is said of a state beside the way goes when it comes back', () => {
    const aside = withMove(record({ state: 'trial' }), { ...step, to: 'deferred', basis: '批复' })
    expect(aside).toMatchObject({ state: 'deferred', reason: '因为', basis: '批复' })
    const back = withMove(aside, { ...step, to: 'trial' })
    expect(back).toMatchObject({ state: 'trial', reason: undefined, basis: undefined })
    expect(back.moves.map(({ from, to }) => `${from}>${to}`)).toEqual(['trial>deferred', 'deferred>trial'])
    expect(collections.migration.safeParse(back).success).toBe(true)
  })
  test.each<[string, object, RegExp]>([
    ['where it is', { to: 'trial' }, /expected another state than trial/u],
    ['exempt without a basis', { to: 'exempt' }, /--basis: expected the rule or paper/u],
    ['before its last move', { to: 'cutover', at: 0 }, /--as-of: expected a time from its last move/u],
  ])('no move %s', (_, more, message) => {
    const moved = record({ state: 'trial', moves: [{ ...move, to: 'trial' } as never] })
    expect(() => withMove(moved, { ...step, to: 'cutover', ...more })).toThrow(message)
  })
  test('an override is kept only where something was missing', () => {
    const override = '领导同意'
    expect(withMove(record(), { ...step, to: 'assessed', override }).moves[0]).not.toHaveProperty('override')
    const missing = ['filing: …']
    expect(withMove(record(), { ...step, to: 'trial', override, missing }).moves[0]).toMatchObject({
      override,
      missing,
    })
  })
  test('a document is there once; answers add to those before', () => {
    const document = { kind: 'filing', name: '甲', date: '2026-05-01', sha256: 'a'.repeat(64) } as const
    const twice = withDocument(withDocument(record(), document), { ...document, name: '乙' })
    expect(twice.documents).toMatchObject([{ name: '乙' }])
    const answered = inventoryOf(
      [put('readiness', { id: 's-oa', answers: { cpu: 'same' }, by: '王工', on: '2026-05-01' })],
      base,
    )
    expect(
      withAnswers(answered, 's-oa', { answers: { os: 'ended' }, by: '李工', on: '2026-05-02' }),
    ).toMatchObject({
      record: { answers: { cpu: 'same', os: 'ended' }, by: '李工' },
    })
  })
  test('moves are not written by `set`', () => {
    expect(() => editRecord('migration', record(), ['moves.1.to=trial'])).toThrow(
      /expected `yiwang migration move` to write it/u,
    )
  })
  test('as of a time, later moves are not made yet', () => {
    const moved = record({ state: 'assessed', moves: [move as never] })
    const before = Date.parse(move.at) - 1
    expect(recordAt(moved, before)).toMatchObject({ state: 'surveyed', moves: [] })
    expect(stateAt(moved, before + 1)).toBe('assessed')
    expect(staysOf({ ...moved, stateSince: '2026-04-01' }, (day) => Date.parse(day))).toEqual([
      { state: 'surveyed', from: Date.parse('2026-04-01'), to: Date.parse(move.at) },
      { state: 'assessed', from: Date.parse(move.at) },
    ])
  })
})

const csv = (...lines: readonly string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'))
const imported = async (file: string, lines: readonly string[], from = base) =>
  planImport(await readTables(file, csv(...lines)), from, ['migration', 'wave', 'cloud', 'readiness'])
const refusedBy = async (task: Promise<unknown>): Promise<readonly string[]> => {
  const fault: unknown = await task.catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(UsageFault)
  return (fault as UsageFault).problems.map(({ where, message }) => `${where}: ${message}`)
}

describe('tables of the field', () => {
  const head = '序号,系统名称,责任单位,迁移进展,批次,原访问地址,云上地址,备注'
  test('a system by its name, states in the words of the field', async () => {
    const { operations, added } = await imported('汇总.csv', [
      head,
      '1,协同办公系统,区大数据局,正在迁移,w1,http://192.0.2.1/,http://198.51.100.1/,甲',
      '2,人口库,,未启动,,,,',
    ])
    expect(added).toBe(2)
    expect(operations.map((operation) => 'record' in operation && operation.record)).toMatchObject([
      {
        id: 's-oa',
        unit: 'u-410202',
        state: 'deploying',
        wave: 'w1',
        newEndpoints: ['http://198.51.100.1/'],
      },
      { id: 's-db', state: 'surveyed' },
    ])
  })
  test('each problem at its cell', async () => {
    expect(
      await refusedBy(
        imported('汇总.csv', [
          head,
          '1,旧门户,,正在迁移,,,,',
          '2,人口库,,暂不具备条件,w7,,,',
          '3,协同办公系统,,快了,,,,',
        ]),
      ),
    ).toEqual([
      '汇总.csv!B2: 系统 (id): expected the id or name of a system that exists or is in this file, got "旧门户"',
      '汇总.csv!E3: 批次 (wave): expected the id or name of a wave that exists or is in this file, got "w7"',
      expect.stringMatching(/^汇总\.csv!D4: 迁移状态 \(state\): expected 已摸底 \(surveyed\).* got "快了"$/u),
    ])
    expect(await refusedBy(imported('汇总.csv', [head, '2,人口库,,暂不具备条件,,,,']))).toEqual([
      expect.stringContaining('expected one in the state deferred'),
      expect.stringContaining('expected one in the state deferred'),
    ])
  })
  test('the state of a system that is there is moved by its command only', async () => {
    const from = inventoryOf([migration({ state: 'trial' })], base)
    expect(await refusedBy(imported('系统迁移.csv', ['系统,迁移状态', 's-oa,已验收'], from))).toEqual([
      '系统迁移.csv!B2: 迁移状态 (state): expected a move from trial to accepted that says who and why',
    ])
    const header = '系统,迁移状态,变动1 时间,变动1 经办人,变动1 原状态,变动1 新状态,变动1 原因'
    const forged = 's-oa,已验收,2026-05-02T00:00:00Z,王工,试运行,已验收,因为'
    expect(await refusedBy(imported('系统迁移.csv', [header, forged], from))).toContain(
      '系统迁移.csv!C2: 变动1 时间 (moves.1.at): changed by `yiwang migration move` only',
    )
  })
  test('a workbook goes out and comes back as it was, moves and freezes included', async () => {
    const full = inventoryOf(
      [
        put('cloud', { id: 'yun', name: '政务云', networks: ['198.51.100.0/24'] }),
        wave('w2', '2026-06-01', '2026-06-30', {
          freezes: [{ from: '2026-06-03', to: '2026-06-05', why: '高考' }],
        }),
        migration({
          state: 'assessed',
          moves: [{ ...move, override: '领导同意', missing: ['filing: 无'] }],
          dependsOn: ['s-db'],
          wave: 'w2',
          cloud: 'yun',
        }),
        put('readiness', { id: 's-oa', answers: { cpu: 'same' }, by: '王工', on: '2026-05-01' }),
      ],
      base,
    )
    const bytes = await exportWorkbook(full, ['migration', 'wave', 'cloud', 'readiness'])
    const tables = await readTables('迁移.xlsx', bytes)
    expect(planImport(tables, full)).toMatchObject({ added: 0, changed: 0 })
    const again = inventoryOf(planImport(tables, base).operations, base)
    for (const name of ['migration', 'wave', 'cloud', 'readiness'] as const)
      expect(again[name]).toEqual(full[name])
  })
})

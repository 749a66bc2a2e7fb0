import { describe, expect, test } from 'vitest'
import type { Operation } from '../../inventory/store.ts'
import type { Verdict } from '../../src/verify/index.ts'
import { claimOf, control, type Days, type Planted, probeDays, put, silentDays, verdictsOf } from './scene.ts'

/** Planted claims, true and false, of every kind, and what must become of them. */

const node = (id: string, more: object = {}): Operation =>
  put('node', { id, name: id, region: '410202', level: 'county', kind: 'department', ...more })
const system = (id: string, ...endpoints: readonly string[]): Operation =>
  put('system', { id, name: id, region: '410200', kind: 'application', endpoints: [...endpoints] })
const region = (id: string, level: 'county' | 'township', parent?: string): Operation =>
  put('region', { id, name: id, level, ...(parent !== undefined && { parent }) })
const mention = (id: string, more: object): Operation =>
  put('mention', { id, plan: 'p', name: id, kind: 'business-system', ...more })

const oa = system('s-oa', 'http://oa.example.gov.cn/')
const served: Planted = {
  target: 's-oa',
  kind: 'http',
  address: 'oa.example.gov.cn',
  port: 80,
  facts: { remoteAddress: '10.20.0.5', url: 'http://oa.example.gov.cn/', status: 200, title: '办公' },
}
const cloud = put('cloud', { id: 'c', name: '政务云', networks: ['10.20.0.0/16'] })
const extranet = put('network', { id: 'w', name: '外网', cidr: '10.0.0.0/8' })
const moving = put('migration', {
  id: 's-oa',
  state: 'accepted',
  oldEndpoints: ['http://10.9.9.9/'],
  newEndpoints: ['http://oa.example.gov.cn/'],
})
const atNew: Planted = { ...served, target: 's-oa/new' }
const days = (probe: number, silent: readonly unknown[]): Readonly<Record<string, Days>> => ({
  's-oa': { probeDays: probeDays(probe), silentDays: silent as Days['silentDays'] & object },
})
const centre = [
  system('s-uc', 'https://login.example.gov.cn/'),
  mention('s-uc', { kind: 'auth', system: 's-uc' }),
]
const platform = [
  system('s-ex', 'http://exchange.example.gov.cn/'),
  mention('s-ex', {
    name: '市级政务数据共享交换平台',
    kind: 'data-platform',
    levels: ['city'],
    system: 's-ex',
  }),
]
const atPlatform: Planted = { target: 's-oa', kind: 'http', address: 'exchange.example.gov.cn', port: 80 }
const both = (v6: number): Planted => ({
  target: 's-oa',
  kind: 'ipv6-ready',
  address: 'oa.example.gov.cn',
  facts: { hasAaaa: v6 > 0, v4: { successes: 3 }, v6: { successes: v6 } },
})
const assessment = (more: object): Operation =>
  put('assessment', { id: 'as', name: '测评', object: 'system', system: 's-oa', level: 3, ...more })

interface Case {
  readonly records: readonly Operation[]
  readonly looks?: readonly Planted[]
  readonly migration?: Readonly<Record<string, Days>>
  readonly claim: Operation
  /** No words: any. */
  readonly expected: readonly [Verdict, RegExp]
}

const down = { status: 'down' } as const
const connected = claimOf('node:n-1', 'connected')
const migrated = claimOf('system:s-oa', 'migrated')
const moved = [oa, cloud, moving]

const cases: Readonly<Record<string, Case>> = {
  'node connected: true': {
    records: [node('n-1')],
    looks: [{ target: 'n-1' }, ...control],
    claim: connected,
    expected: ['consistent', /节点 n-1 应答：10\.1\.2\.3 在 2018-06-30 11:54 应答/u],
  },
  'node connected: false': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', ...down }, ...control],
    claim: connected,
    expected: ['contradicted', /自 2018-06-20 12:00 起无应答（超时）/u],
  },
  'node connected: an outage of an hour is none': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', ...down, since: 1 }, ...control],
    claim: connected,
    expected: ['unverifiable', /未满 86400 秒，按中断计/u],
  },
  'node connected: the agent is cut off itself': {
    records: [node('n-1')],
    looks: [
      { target: 'n-1', ...down },
      { target: 'n-2', ...down },
    ],
    claim: connected,
    expected: ['unverifiable', /别处也无应答/u],
  },
  'node connected: the agent is silent': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', ...down, heard: false, ago: 50 }, ...control],
    claim: connected,
    expected: ['unverifiable', /探针 a 失联/u],
  },
  'node connected: the agent could not look': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', status: 'unknown' }, ...control],
    claim: connected,
    expected: ['unverifiable', /未能探测/u],
  },
  'node connected: looked at long ago': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', ago: 48 }, ...control],
    claim: connected,
    expected: ['stale', /最近一次探测在 2018-06-28 12:00/u],
  },
  'node connected: one of two agents reaches it': {
    records: [node('n-1')],
    looks: [{ target: 'n-1', ...down }, { target: 'n-1', agent: 'b' }, ...control],
    claim: connected,
    expected: ['consistent', /应答/u],
  },
  'node connected: nothing above it answers': {
    records: [node('n-0'), node('n-1', { uplinks: [{ id: 'u', kind: 'line', to: 'n-0' }] })],
    looks: [{ target: 'n-1', ...down }, { target: 'n-0', ...down }, ...control],
    claim: connected,
    expected: ['unverifiable', /上级节点 n-0 均无应答/u],
  },
  'node connected: nobody looks': {
    records: [node('n-1')],
    claim: connected,
    expected: ['unverifiable', /没有对它的探测/u],
  },
  'hall connected: true': {
    records: [
      put('unit', { id: 'u-hall', name: '大厅', kind: 'hall', region: '410202' }),
      node('n-1', { unit: 'u-hall' }),
      node('n-2', { unit: 'u-hall' }),
    ],
    looks: [{ target: 'n-1', ...down }, { target: 'n-2' }, ...control],
    claim: claimOf('unit:u-hall', 'connected'),
    expected: ['consistent', /大厅 有节点应答/u],
  },
  'hall connected: false': {
    records: [
      put('unit', { id: 'u-hall', name: '大厅', kind: 'hall', region: '410202' }),
      node('n-1', { unit: 'u-hall' }),
    ],
    looks: [{ target: 'n-1', ...down }, ...control],
    claim: claimOf('unit:u-hall', 'connected'),
    expected: ['contradicted', /无应答/u],
  },
  'township covered by its VPN: true': {
    records: [
      region('410202001', 'township'),
      node('n-1', { region: '410202001', uplinks: [{ id: 'v', kind: 'vpn', to: 'n-0' }] }),
    ],
    looks: [{ target: 'n-1', ...down }, { target: 'n-1/v' }, ...control],
    claim: claimOf('region:410202001', 'covered'),
    expected: ['consistent', /应答/u],
  },
  'township covered: false': {
    records: [region('410202001', 'township'), node('n-1', { region: '410202001' })],
    looks: [{ target: 'n-1', ...down }, ...control],
    claim: claimOf('region:410202001', 'covered'),
    expected: ['contradicted', /无应答/u],
  },
  'county covered: one township of two is not': {
    records: [
      region('410202', 'county'),
      region('410202001', 'township', '410202'),
      region('410202002', 'township', '410202'),
      node('n-1', { region: '410202001' }),
      node('n-2', { region: '410202002' }),
    ],
    looks: [{ target: 'n-1' }, { target: 'n-2', ...down }, ...control],
    claim: claimOf('region:410202', 'covered'),
    expected: ['contradicted', /1\/2 相符；410202002 有节点/u],
  },
  'system on the extranet: true': {
    records: [oa, extranet],
    looks: [served],
    claim: claimOf('system:s-oa', 'connected'),
    expected: ['consistent', /应答/u],
  },
  'system on the extranet: at another address': {
    records: [oa, extranet],
    looks: [{ ...served, facts: { remoteAddress: '192.0.2.7' } }],
    claim: claimOf('system:s-oa', 'connected'),
    expected: ['contradicted', /192\.0\.2\.7 不在外网规划网段内/u],
  },
  'system on the extranet: seen from the internet only': {
    records: [oa, extranet],
    looks: [{ ...served, vantage: 'internet' }],
    claim: claimOf('system:s-oa', 'connected'),
    expected: ['unverifiable', /没有对它的探测/u],
  },
  'online: true': {
    records: [oa],
    looks: [served],
    claim: claimOf('system:s-oa', 'online'),
    expected: ['consistent', /应答符合预期/u],
  },
  'online: answers with an error': {
    records: [oa],
    looks: [{ ...served, ...down, cause: 'assertion', facts: { status: 503 } }],
    claim: claimOf('system:s-oa', 'online'),
    expected: ['contradicted', /不符合预期（HTTP 503）/u],
  },
  'online: a handshake is no page': {
    records: [oa],
    looks: [
      { ...served, ...down, port: 443, cause: 'assertion', facts: { status: 503 } },
      { ...served, kind: 'tls', port: 443 },
    ],
    claim: claimOf('system:s-oa', 'online'),
    expected: ['contradicted', /不符合预期（HTTP 503）/u],
  },
  'online: a handshake is all that is asked for': {
    records: [oa],
    looks: [{ ...served, kind: 'tls', port: 443 }],
    claim: claimOf('system:s-oa', 'online'),
    expected: ['consistent', /应答符合预期/u],
  },
  'a class that a plan names: one of its members is not so': {
    records: [node('n-1'), node('n-2'), mention('net-city-extranet', { kind: 'network' })],
    looks: [{ target: 'n-1' }, { target: 'n-2', ...down }, ...control],
    claim: claimOf('mention:net-city-extranet', 'connected'),
    expected: ['contradicted', /1\/2 相符；n-2/u],
  },
  'a class that a plan names: all of its members are so': {
    records: [node('n-1'), node('n-2'), mention('net-city-extranet', { kind: 'network' })],
    looks: [{ target: 'n-1' }, { target: 'n-2' }],
    claim: claimOf('mention:net-city-extranet', 'connected'),
    expected: ['consistent', /2\/2 相符/u],
  },
  'a class that a plan names: what is exempt does not count': {
    records: [
      ...moved,
      system('s-exempt'),
      put('migration', { id: 's-exempt', state: 'exempt', reason: '专线', basis: '纪要' }),
      mention('cls-nonsecret', { kind: 'system-class' }),
    ],
    looks: [served, atNew],
    migration: days(30, silentDays(7)),
    claim: claimOf('mention:cls-nonsecret', 'migrated'),
    expected: ['consistent', /1\/1 相符/u],
  },
  'a named system of which documents alone can tell': {
    records: [mention('sys-vertical', { kind: 'system-class' })],
    claim: claimOf('mention:sys-vertical', 'online'),
    expected: ['unverifiable', /仅文件可核，须有：垂管系统清单/u],
  },
  'online: what it asks of another system is not its own': {
    records: [oa, ...platform],
    looks: [atPlatform],
    claim: claimOf('system:s-oa', 'online'),
    expected: ['unverifiable', /没有对它的探测/u],
  },
  'moved: true': {
    records: moved,
    looks: [served, atNew],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['consistent', /10\.20\.0\.5 在政务云网段内/u],
  },
  'moved: the name still leads elsewhere': {
    records: moved,
    looks: [{ ...served, facts: { remoteAddress: '10.9.9.9' } }, atNew],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['contradicted', /10\.9\.9\.9 不在政务云网段内/u],
  },
  'moved: by what the name server says': {
    records: moved,
    looks: [
      atNew,
      { target: 's-oa', kind: 'dns', address: '10.0.0.53', facts: { answers: [{ data: '10.9.9.9' }] } },
    ],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['contradicted', /10\.9\.9\.9 不在政务云网段内/u],
  },
  'moved: the old address still answers': {
    records: moved,
    looks: [served, atNew, { target: 's-oa/old', kind: 'tcp', address: '10.9.9.9', port: 80 }],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['contradicted', /原址 10\.9\.9\.9:80 在 2018-06-30 11:54 仍有应答/u],
  },
  'moved: too few probe-days yet': {
    records: moved,
    looks: [served, atNew],
    migration: days(12, silentDays(7)),
    claim: migrated,
    expected: ['unverifiable', /云上有效探测日 12\/30/u],
  },
  'moved: the new place is down for days': {
    records: moved,
    looks: [served, { ...atNew, ...down }, ...control],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['contradicted', /无应答/u],
  },
  'moved: no ranges of a cloud are known': {
    records: [oa, moving],
    looks: [served, atNew],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['unverifiable', /没有登记政务云网段/u],
  },
  'moved: seen long ago': {
    records: moved,
    looks: [
      { ...served, ago: 48 },
      { ...atNew, ago: 48 },
    ],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['stale', /已过有效期/u],
  },
  'moved: its agent is silent': {
    records: moved,
    looks: [
      { ...served, heard: false, facts: { remoteAddress: '10.9.9.9' } },
      { ...atNew, heard: false },
    ],
    migration: days(30, silentDays(7)),
    claim: migrated,
    expected: ['unverifiable', /失联/u],
  },
  'old address silent: true': {
    records: moved,
    migration: days(0, silentDays(7)),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['consistent', /已静默 7\/7 日，最近 2018-06-29/u],
  },
  'old address silent: answered yesterday': {
    records: moved,
    migration: days(0, silentDays(1, 'answered')),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['contradicted', /2018-06-29 仍有应答/u],
  },
  'old address silent: answered the day before its agent fell silent': {
    records: moved,
    looks: [{ target: 's-oa/old', kind: 'tcp', address: '10.9.9.9', port: 80, heard: false, ago: 20 }],
    migration: days(0, silentDays(1, 'answered')),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['unverifiable', /探针 a 失联/u],
  },
  'old address silent: for a week until its agent fell silent': {
    records: moved,
    looks: [
      { target: 's-oa/old', kind: 'tcp', address: '10.9.9.9', port: 80, ...down, heard: false, ago: 20 },
    ],
    migration: days(0, silentDays(7)),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['unverifiable', /探针 a 失联/u],
  },
  'old address silent: for three days only': {
    records: moved,
    migration: days(0, silentDays(3)),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['unverifiable', /已静默 3\/7 日/u],
  },
  'old address silent: nobody could tell': {
    records: moved,
    migration: days(0, silentDays(7, 'unknown')),
    claim: claimOf('system:s-oa', 'old-silent'),
    expected: ['unverifiable', /没有原址的整日探测/u],
  },
  'state of the migration: as recorded': {
    records: moved,
    looks: [served],
    claim: claimOf('system:s-oa', 'migration-state', { value: '试运行' }),
    expected: ['consistent', /已验收/u],
  },
  'state of the migration: of a day before its move': {
    records: [
      oa,
      put('migration', {
        id: 's-oa',
        state: 'trial',
        moves: [{ at: '2018-07-02T00:00:00Z', by: '王', from: 'deploying', to: 'trial', reason: '试运行' }],
      }),
    ],
    claim: claimOf('system:s-oa', 'migration-state', { value: '试运行' }),
    expected: ['contradicted', /台账为 部署/u],
  },
  'state of the migration: further than recorded': {
    records: moved,
    looks: [served],
    claim: claimOf('system:s-oa', 'migration-state', { value: 'decommissioned' }),
    expected: ['contradicted', /台账为 已验收/u],
  },
  'unified login: true': {
    records: [oa, ...centre],
    looks: [
      {
        ...served,
        facts: {
          ...served.facts,
          url: 'https://login.example.gov.cn/auth',
          title: '统一登录',
          redirects: [{ status: 302, location: 'https://login.example.gov.cn/auth' }],
        },
      },
    ],
    claim: claimOf('system:s-oa', 'unified-login'),
    expected: ['consistent', /跳转到 s-uc/u],
  },
  'unified login: its own login page is still there': {
    records: [oa, ...centre],
    looks: [{ ...served, facts: { ...served.facts, title: '用户登录' } }],
    claim: claimOf('system:s-oa', 'unified-login'),
    expected: ['contradicted', /自建登录页仍在：http:\/\/oa\.example\.gov\.cn\/，标题“用户登录”/u],
  },
  'unified login: neither is seen': {
    records: [oa, ...centre],
    looks: [served],
    claim: claimOf('system:s-oa', 'unified-login'),
    expected: ['unverifiable', /未跳转/u],
  },
  'exchange platform attached: true': {
    records: [oa, ...platform],
    looks: [atPlatform],
    claim: claimOf('system:s-oa', 'exchange'),
    expected: ['consistent', /应答/u],
  },
  'exchange platform attached: its health check fails': {
    records: [oa, ...platform],
    looks: [{ ...atPlatform, ...down, cause: 'assertion', facts: { status: 200 } }],
    claim: claimOf('system:s-oa', 'exchange'),
    expected: ['contradicted', /HTTP 200，状态码或内容与登记的不符/u],
  },
  'exchange platform attached: nothing is asked': {
    records: [oa, ...platform],
    looks: [served],
    claim: claimOf('system:s-oa', 'exchange'),
    expected: ['unverifiable', /没有登记两者之间的接口探测/u],
  },
  'reachable both ways: true': {
    records: [oa, ...platform],
    looks: [atPlatform, { ...served, target: 's-ex' }],
    claim: claimOf('system:s-oa', 'linked', { value: 's-ex' }),
    expected: ['consistent', /s-oa → /u],
  },
  'reachable both ways: only one way is looked at': {
    records: [oa, ...platform],
    looks: [atPlatform],
    claim: claimOf('system:s-oa', 'linked', { value: 's-ex' }),
    expected: ['unverifiable', /s-ex 没有登记对 s-oa 接口的探测/u],
  },
  'reachable both ways: not back': {
    records: [oa, ...platform],
    looks: [atPlatform, { ...served, target: 's-ex', ...down }, ...control],
    claim: claimOf('system:s-oa', 'linked', { value: 's-ex' }),
    expected: ['contradicted', /s-ex → s-oa|→ s-oa/u],
  },
  'both families: true': {
    records: [oa],
    looks: [both(3)],
    claim: claimOf('system:s-oa', 'ipv6'),
    expected: ['consistent', /IPv4 成功 3 次，IPv6 成功 3 次/u],
  },
  'both families: no AAAA': {
    records: [oa],
    looks: [both(0)],
    claim: claimOf('system:s-oa', 'ipv6'),
    expected: ['contradicted', /没有 AAAA 记录/u],
  },
  'both families: by looks over each': {
    records: [oa],
    looks: [served, { ...served, facts: { remoteAddress: '2001:db8::5' }, ...down }, ...control],
    claim: claimOf('system:s-oa', 'ipv6'),
    expected: ['contradicted', /经 IPv6 应答/u],
  },
  'both families: one is not looked at': {
    records: [oa],
    looks: [served],
    claim: claimOf('system:s-oa', 'ipv6'),
    expected: ['unverifiable', /经 IPv6 应答：没有对它的探测/u],
  },
  'filed: on record': {
    records: [oa, assessment({ filing: '41020018001' })],
    claim: claimOf('system:s-oa', 'filed', { value: '41020018001' }),
    expected: ['consistent', /备案号 41020018001/u],
  },
  'filed: under another number': {
    records: [oa, assessment({ filing: '41020018001' })],
    claim: claimOf('system:s-oa', 'filed', { value: '41020018002' }),
    expected: ['contradicted', /与填报的 41020018002 不符/u],
  },
  'filed: nothing on record': {
    records: [oa],
    claim: claimOf('system:s-oa', 'filed'),
    expected: ['unverifiable', /没有登记备案号/u],
  },
  'assessed: in date': {
    records: [oa, assessment({ finishedOn: '2018-03-01', institution: '某测评公司' })],
    claim: claimOf('system:s-oa', 'assessed'),
    expected: ['consistent', /2018-03-01 完成，某测评公司/u],
  },
  'assessed: too long ago': {
    records: [oa, assessment({ finishedOn: '2017-03-01', institution: '某测评公司' })],
    claim: claimOf('system:s-oa', 'assessed'),
    expected: ['stale', /已超过 366 天/u],
  },
  'monitored: documents only': {
    records: [node('n-1')],
    looks: [{ target: 'n-1' }],
    claim: claimOf('node:n-1', 'monitored'),
    expected: ['unverifiable', /仅文件可核，须有：省安全监管系统接入单与回执号/u],
  },
  'a class of systems: each by itself': {
    records: [mention('cls', { kind: 'system-class' })],
    claim: claimOf('mention:cls', 'migrated'),
    expected: ['unverifiable', /逐个系统填报/u],
  },
}

describe('planted claims', () => {
  test.each(Object.entries(cases))('%s', (_, { records, looks, migration, claim, expected }) => {
    const [found] = verdictsOf({
      records: [...records, claim],
      ...(looks && { looks }),
      ...(migration && { migration }),
    })
    expect(found).toMatchObject({ verdict: expected[0] })
    expect(`${found?.because ?? ''} ${found?.parts.map(({ saw }) => saw).join(' ') ?? ''}`).toMatch(
      expected[1],
    )
    // Whatever was seen says when; nothing contradicts without saying where to look.
    if (found?.verdict === 'contradicted') expect(found.source).toBeDefined()
  })
})

test('whatever is planted with a silent agent, or a look that failed on our side, contradicts nothing', () => {
  const ours: readonly Partial<Planted>[] = [{ heard: false }, { status: 'unknown' }]
  for (const { records, looks = [], claim, expected } of Object.values(cases))
    for (const change of ours) {
      if (expected[0] !== 'contradicted' || looks.length === 0) continue
      const [found] = verdictsOf({
        records: [...records, claim],
        looks: looks.map((look) => ({ ...look, ...change })),
      })
      if (claim.op === 'put' && (claim.record as { kind: string }).kind === 'migration-state') continue
      expect(found?.verdict).not.toBe('contradicted')
    }
})

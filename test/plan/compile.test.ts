import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import type { Job } from '../../src/plan/plan.ts'
import { defaultPlanSettings } from '../../src/plan/wish.ts'
import { type Records, device, inventoryOf, node, registry, system } from './fixtures.ts'

const compile = (records: Records, settings = defaultPlanSettings) =>
  compilePlan(inventoryOf(records), settings, registry)

const jobsOf = (records: Records): readonly Job[] => compile(records).jobs

const idsOf = (records: Records): readonly string[] => jobsOf(records).map(({ id }) => id)

const problemsOf = (records: Records): readonly string[] => {
  try {
    compile(records)
  } catch (error) {
    if (error instanceof UsageFault) return error.problems.map(({ where, message }) => `${where}: ${message}`)
    throw error
  }
  return []
}

const dualHomed = node({
  addresses: ['192.0.2.1', '2001:db8::1'],
  uplinks: [
    { id: 'l-1', kind: 'line', to: 'n-0', address: '192.0.2.9' },
    { id: 'v-1', kind: 'vpn', to: 'n-0' },
  ],
})

describe('nodes', () => {
  test('every address is pinged, the first under the plain id', () => {
    expect(idsOf({ node: [node({ addresses: ['192.0.2.1', '2001:db8::1'] })] })).toEqual([
      'n-1/icmp/2001:db8::1@public',
      'n-1/icmp@public',
    ])
  })

  test('an uplink with an address is a target of its own', () => {
    const plan = compile({ node: [dualHomed] })
    expect(plan.jobs.map(({ id }) => id)).toContain('n-1/l-1/icmp@public')
    expect(plan.targets.get('n-1/l-1')?.labels).toMatchObject({
      class: 'uplink',
      role: 'line',
      county: '410221',
    })
    expect(plan.targets.has('n-1/v-1')).toBe(false)
  })

  test('interval and options come from the settings, under the defaults of the kind', () => {
    const settings = { intervalSeconds: 60, kinds: { icmp: { intervalSeconds: 20, options: { count: 5 } } } }
    expect(compile({ node: [node()] }, settings).jobs[0]).toEqual({
      id: 'n-1/icmp@public',
      target: 'n-1',
      kind: 'icmp',
      spec: { address: '192.0.2.1', timeoutSeconds: 5, count: 5, intervalSeconds: 1 },
      intervalSeconds: 20,
      vantage: 'public',
      expect: 'reachable',
    })
  })

  test.each(['planned', 'retired'])('a %s record is neither probed nor a target', (state) => {
    const plan = compile({
      node: [node({ state })],
      system: [system({ state, endpoints: ['tcp://192.0.2.1:22'] })],
      device: [device({ state })],
    })
    expect([plan.jobs, [...plan.targets]]).toEqual([[], []])
  })

  test('an active node without an address is still a target', () => {
    expect([...compile({ node: [node({ addresses: [] })] }).targets.keys()]).toEqual(['n-1'])
  })
})

describe('endpoints', () => {
  test.each([
    [
      'https://gov.example.cn/a?b',
      ['http', 'tls'],
      { address: 'gov.example.cn', scheme: 'https', path: '/a?b' },
    ],
    ['http://192.0.2.5:8080', ['http'], { address: '192.0.2.5', scheme: 'http', port: 8080, path: '/' }],
    ['tcp://[2001:db8::2]:5432', ['tcp'], { address: '2001:db8::2', port: 5432 }],
    ['dns://192.0.2.53/gov.example.cn', ['dns'], { port: 53, name: 'gov.example.cn', type: 'A' }],
    ['dns://192.0.2.53:5353/gov.example.cn?type=NS', ['dns'], { port: 5353, type: 'NS' }],
    ['icmp://192.0.2.7', ['icmp'], { address: '192.0.2.7', count: 3 }],
  ])('%s', (endpoint, kinds, spec) => {
    const jobs = jobsOf({ system: [system({ endpoints: [endpoint] })] })
    expect(jobs.map(({ id }) => id)).toEqual(kinds.map((kind) => `s-1/${kind}@public`))
    expect(jobs[0]?.spec).toMatchObject(spec)
  })

  test('two addresses under one certificate are one tls job', () => {
    const endpoints = ['https://gov.example.cn/', 'https://gov.example.cn/login']
    expect(idsOf({ system: [system({ endpoints })] })).toEqual([
      's-1/http/gov.example.cn/login@public',
      's-1/http@public',
      's-1/tls@public',
    ])
  })

  test.each([
    ['ftp://192.0.2.1', 'expected a URL such as https://'],
    ['192.0.2.1', 'expected a URL such as https://'],
    ['tcp://192.0.2.1', 'expected a port'],
    ['dns://192.0.2.1', 'expected a name to ask for'],
    ['icmp://', 'expected a host'],
    ['tcp://192.0.2.1:99999', 'expected a URL'],
    ['dns://192.0.2.1/x?type=ANY', 'dns.type'],
  ])('%s is refused', (endpoint, message) => {
    expect(problemsOf({ system: [system({ endpoints: ['icmp://192.0.2.1', endpoint] })] })).toEqual([
      expect.stringMatching(/^system\/s-1\.endpoints\[1\]: /u),
    ])
    expect(problemsOf({ system: [system({ endpoints: [endpoint] })] })[0]).toContain(message)
  })

  test('a password in a URL is refused and not repeated', () => {
    const [problem] = problemsOf({ system: [system({ endpoints: ['https://admin:hunter2@192.0.2.1/'] })] })
    expect(problem).toContain('kept by the agent')
    expect(problem).not.toContain('hunter2')
  })

  test('whatever is written there is a job or a problem of that field', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.webUrl(), fc.string({ minLength: 1, maxLength: 400 })), { maxLength: 4 }),
        (urls) => {
          const endpoints = urls.map((url) => url.slice(0, 500))
          for (const problem of problemsOf({ system: [system({ endpoints })] }))
            expect(problem).toMatch(/^system\/s-1\.endpoints\[[0-3]\]: /u)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('devices', () => {
  test('one with snmp is polled, pinged and listened to; the plan holds the name of the credential', () => {
    const engineId = '8000000004aabbcc'
    const jobs = jobsOf({
      node: [node({ addresses: [] })],
      device: [device({ snmp: { credential: 'core', engineId } })],
    })
    expect(jobs.map(({ id, expect: expected }) => [id, expected])).toEqual([
      ['d-1/icmp@public', 'reachable'],
      ['d-1/snmp-trap@public', 'events'],
      ['d-1/snmp@public', 'reachable'],
    ])
    const asked = { address: '192.0.2.254', port: 161, credential: 'core' }
    expect(jobs[1]?.spec).toEqual({ ...asked, engineId })
    expect(jobs[2]?.spec).toEqual({ ...asked, timeoutSeconds: 5 })
  })

  test('whoever asks for a kind that listens is not looked at', () => {
    const probes = [{ kind: 'snmp-trap', options: { credential: 'core' }, expect: 'unreachable' }]
    const [ping, trap] = jobsOf({ node: [node({ probes })] })
    expect(ping).toMatchObject({ kind: 'icmp', expect: 'reachable' })
    expect(trap).toMatchObject({ kind: 'snmp-trap', expect: 'events', spec: { address: '192.0.2.1' } })
  })

  test('one at a node that is not there is a problem', () => {
    expect(problemsOf({ device: [device()] })).toEqual([expect.stringContaining('device/d-1.node')])
  })
})

describe('requests', () => {
  test('options are merged over the address of the record', () => {
    const probes = [
      {
        kind: 'tcp',
        options: { port: 22 },
        intervalSeconds: 300,
        vantage: 'internet',
        expect: 'unreachable',
      },
    ]
    expect(jobsOf({ node: [node({ probes })] }).find(({ kind }) => kind === 'tcp')).toMatchObject({
      id: 'n-1/tcp@internet',
      spec: { address: '192.0.2.1', port: 22 },
      intervalSeconds: 300,
      vantage: 'internet',
      expect: 'unreachable',
    })
  })

  test('several of a kind are told apart by their options', () => {
    const probes = [22, 443].map((port) => ({ kind: 'tcp', options: { port } }))
    expect(idsOf({ node: [node({ addresses: ['192.0.2.1'], probes })] })).toEqual([
      'n-1/icmp@public',
      'n-1/tcp/443@public',
      'n-1/tcp@public',
    ])
  })

  test('a request for what is derived anyway decides interval and expectation', () => {
    const probes = [{ kind: 'icmp', intervalSeconds: 5 }]
    expect(jobsOf({ node: [node({ probes })] })).toMatchObject([
      { id: 'n-1/icmp@public', intervalSeconds: 5 },
    ])
  })

  test('options that differ in nothing that tells get different ids all the same', () => {
    const probes = ['down', 'maintenance'].map((expectText) => ({
      kind: 'http',
      options: { scheme: 'http', headers: { 'x-page': expectText } },
    }))
    const ids = idsOf({ system: [system({ endpoints: ['http://192.0.2.1/x'], probes })] })
    expect(new Set(ids).size).toBe(3)
  })
})

describe('vantage', () => {
  test.each([
    [['public', 'internet'], 'public'],
    [['internet'], 'internet'],
    [['private'], 'private'],
    [['internet', 'private'], 'internet'],
    [[], 'public'],
  ])('of a system in %j is %s', (areas, vantage) => {
    expect(jobsOf({ system: [system({ areas, endpoints: ['icmp://192.0.2.1'] })] })[0]?.vantage).toBe(vantage)
  })
})

describe('labels', () => {
  test.each([
    ['410221100', 'township', '410221'],
    ['410221', 'county', '410221'],
    ['410200', 'city', '410200'],
    ['410000', 'province', '410000'],
  ])('a system in %s is of level %s, county %s', (region, level, county) => {
    const plan = compile({ system: [system({ region })] })
    expect(plan.targets.get('s-1')?.labels).toMatchObject({ region, level, county })
  })

  test('the level of a region that the inventory knows is the one it says', () => {
    const region = { id: '419001', name: '济源市', level: 'city' }
    const plan = compile({ region: [region], system: [system({ region: '419001' })] })
    expect(plan.targets.get('s-1')?.labels.level).toBe('city')
  })

  test('a device has place and unit of its node', () => {
    const plan = compile({ node: [node({ unit: 'u-1' })], device: [device()] })
    expect(plan.targets.get('d-1')?.labels).toEqual({
      target: 'd-1',
      name: '核心路由器',
      region: '410221100',
      county: '410221',
      level: 'township',
      unit: 'u-1',
      class: 'device',
      role: 'router',
    })
  })
})

describe('problems', () => {
  test('are told all at once, each with its field', () => {
    const records = {
      node: [node({ probes: [{ kind: 'gopher' }, { kind: 'tcp', options: { port: 0, prot: 1 } }] })],
      system: [system({ id: 'n-1', endpoints: ['tcp://x'] })],
    }
    expect(problemsOf(records)).toEqual([
      expect.stringMatching(/^system\/n-1\.endpoints\[0\]: expected a port/u),
      expect.stringMatching(/^node\/n-1: expected an id of its own, got that of a system/u),
      expect.stringMatching(/^node\/n-1\.probes\[0\]: expected a probe kind \(icmp, .*got "gopher"/u),
      expect.stringMatching(/^node\/n-1\.probes\[1\]: tcp\.port: /u),
      expect.stringMatching(/^node\/n-1\.probes\[1\]: tcp: .*prot/u),
    ])
  })

  test('a wrong setting does not fill the screen', () => {
    const nodes = Array.from({ length: 600 }, (_, index) => node({ id: `n-${index}` }))
    const settings = { intervalSeconds: 60, kinds: { icmp: { options: { count: 0 } } } }
    expect(() => compile({ node: nodes }, settings)).toThrow(/and 100 more/u)
  })
})

describe('the plan', () => {
  const records = {
    node: [dualHomed, node({ id: 'n-2', addresses: ['192.0.2.2'] })],
    system: [system({ endpoints: ['https://gov.example.cn', 'tcp://192.0.2.8:22'] })],
  }

  test('has the same digest whatever the order of the records and the revision', () => {
    const turned = { node: records.node.toReversed(), system: records.system }
    const one = compilePlan(inventoryOf(records, 1), defaultPlanSettings, registry)
    const other = compilePlan(inventoryOf(turned, 2), defaultPlanSettings, registry)
    expect(other.digest).toBe(one.digest)
    expect([one.revision, other.revision]).toEqual([1, 2])
  })

  test('has another digest when a job changes', () => {
    const settings = { ...defaultPlanSettings, intervalSeconds: 61 }
    expect(compile(records, settings).digest).not.toBe(compile(records).digest)
  })

  test('keeps the id of a job when its address changes', () => {
    expect(idsOf({ node: [node({ addresses: ['198.51.100.1'] })] })).toEqual(idsOf({ node: [node()] }))
  })

  test('has unique ids that fit the wire, whatever is asked for', () => {
    const request = fc.record({
      kind: fc.constantFrom('tcp', 'http'),
      port: fc.constantFrom(1, 2),
      path: fc.constantFrom('/', '/x', `/${'y'.repeat(400)}`, `/${'y'.repeat(399)}z`),
    })
    const toProbe = ({ kind, port, path }: { kind: string; port: number; path: string }) => ({
      kind,
      options: kind === 'tcp' ? { port } : { scheme: 'http', path },
    })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
        const ids = idsOf({ node: [node({ probes: requests.map(toProbe) })] })
        expect(new Set(ids).size).toBe(ids.length)
        expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(300)
      }),
    )
  })
})

describe('port scans are authorised by networks of the inventory, and by nothing else', () => {
  const network = (id: string, cidr: string, scan: boolean) => ({ id, name: id, cidr, scan })
  const networks = [
    network('net-1', '192.0.2.0/24', true),
    network('net-2', '192.0.2.0/25', true),
    network('net-3', '10.0.0.0/8', false),
    network('net-4', '2001:db8::/32', true),
  ]
  const authorisedAt = (options: object, of: Records = { network: networks }): unknown => {
    const probes = [{ kind: 'ports', options: { ports: [22], ...options } }]
    const inventory = inventoryOf({ ...of, node: [node({ probes })] })
    const { jobs } = compilePlan(inventory, defaultPlanSettings)
    return jobs.find(({ kind }) => kind === 'ports')?.spec['authorisedBy']
  }
  const all = ['192.0.2.0/24', '192.0.2.0/25', '2001:db8::/32']

  test.each<[string, object, readonly string[]]>([
    ['at an address, those that hold it', { address: '192.0.2.200' }, ['192.0.2.0/24']],
    ['at the record’s own address', {}, ['192.0.2.0/24', '192.0.2.0/25']],
    ['at a name, all', { address: 'gw.example.gov.cn' }, all],
    ['a network without scan authorises nothing', { address: '10.1.2.3' }, []],
    ['the record’s own word counts for nothing', { address: '10.1.2.3', authorisedBy: ['0.0.0.0/0'] }, []],
    [
      'nor beside those that count',
      { authorisedBy: ['0.0.0.0/0'], address: '2001:db8::1' },
      ['2001:db8::/32'],
    ],
  ])('%s', (_, options, expected) => {
    expect(authorisedAt(options)).toEqual(expected)
  })

  test('without networks, nowhere', () => {
    expect(authorisedAt({ authorisedBy: ['192.0.2.0/24'] }, {})).toEqual([])
  })
})

describe('a look that must not be answered from elsewhere', () => {
  const sides = (probe: object): readonly unknown[] =>
    jobsOf({
      system: [system({ probes: [{ kind: 'tcp', options: { address: '192.0.2.9', port: 22 }, ...probe }] })],
    }).map(({ id, expect: expected, control }) => [id, expected, ...(control === undefined ? [] : [control])])

  test.each<[string, object, readonly unknown[]]>([
    [
      'is two jobs',
      { unreachableFrom: ['internet'] },
      [
        ['s-1/tcp@internet', 'unreachable'],
        ['s-1/tcp@public', 'reachable'],
      ],
    ],
    [
      'names its control for the side that needs it',
      { unreachableFrom: ['internet', 'private'], control: 'n-1' },
      [
        ['s-1/tcp@internet', 'unreachable', 'n-1'],
        ['s-1/tcp@private', 'unreachable', 'n-1'],
        ['s-1/tcp@public', 'reachable'],
      ],
    ],
    [
      'may be written as a request of its own',
      { vantage: 'internet', expect: 'unreachable', control: 'n-1' },
      [['s-1/tcp@internet', 'unreachable', 'n-1']],
    ],
  ])('%s', (_, probe, expected) => {
    expect(sides(probe)).toEqual(expected)
  })

  test('both sides look at the same', () => {
    const probes = [
      { kind: 'tcp', options: { address: '192.0.2.9', port: 22 }, unreachableFrom: ['internet'] },
    ]
    const [outer, inner] = jobsOf({ system: [system({ probes })] })
    expect(outer?.spec).toEqual(inner?.spec)
  })

  test.each<[object, string]>([
    [{ unreachableFrom: ['public'] }, 'public'],
    [{ vantage: 'internet', unreachableFrom: ['private', 'internet'] }, 'internet'],
  ])('%j contradicts itself', (probe, area) => {
    const probes = [{ kind: 'tcp', options: { address: '192.0.2.9', port: 22 }, ...probe }]
    for (const [collection, records] of Object.entries({
      system: [system({ probes })],
      node: [node({ probes })],
      device: [device({ probes })],
    }))
      expect(problemsOf({ node: [node()], [collection]: records })).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^${collection}/.*probes\\[0\\]\\.unreachableFrom: expected areas other .* got ${area}$`,
            'u',
          ),
        ),
      )
  })
})

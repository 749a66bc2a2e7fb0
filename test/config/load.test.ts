import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { probes } from '../../probes/index.ts'
import {
  cadenceOf,
  type Config,
  configurationReference,
  loadConfig,
  settings,
} from '../../src/config/index.ts'
import { type Leaf, leaves } from '../../src/config/leaves.ts'
import { EnvironmentFault, UsageFault } from '../../src/core/fault.ts'
import { temporaryFolder } from './folder.ts'

const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const load = async (text: string, env: Record<string, string> = {}): Promise<Config> => {
  await using folder = await temporaryFolder()
  await folder.write('yiwang.yaml', text)
  return loadConfig({ dataFolder: folder.path, env })
}

/** Every problem of a configuration, its folder left out. */
const messageOf = async (text: string, env: Record<string, string> = {}): Promise<string> => {
  await using folder = await temporaryFolder()
  await folder.write('yiwang.yaml', text)
  const error = thrownBy(() => loadConfig({ dataFolder: folder.path, env }))
  expect(error).toBeInstanceOf(UsageFault)
  return (error as UsageFault).message.replaceAll(`${folder.path}/`, '')
}

test('without file and environment there are the defaults', async () => {
  await using folder = await temporaryFolder()
  const dataFolder = path.join(folder.path, 'none')
  expect(loadConfig({ dataFolder, env: {} })).toMatchObject({
    timezone: 'Asia/Shanghai',
    probing: {
      icmp: { intervalSeconds: 30, count: 3, packetTimeoutSeconds: 1 },
      tcp: { intervalSeconds: 60 },
      http: { intervalSeconds: 60 },
      tls: { intervalSeconds: 60 },
      dns: { intervalSeconds: 60 },
      snmp: { intervalSeconds: 60 },
      concurrency: 256,
    },
    agent: { vantage: 'public', spoolMaxMegabytes: 512 },
    collector: {
      listen: { host: '127.0.0.1', port: 9410, isLoopback: true },
      batchLimitMegabytes: 8,
      heartbeatSeconds: 10,
      silentAfterSeconds: 60,
      history: { rawDays: 3, hourlyDays: 400 },
      syslog: { allow: [], retentionDays: 190, silentAfterSeconds: 86_400 },
    },
    notify: {
      channels: {},
      quiet: { unless: 'high' },
      digest: { severity: 'low', seconds: 1800 },
      retentionDays: 190,
    },
    dataFolder,
    configFile: undefined,
    secretsFile: path.join(dataFolder, 'secrets.yaml'),
  })
})

test.each(probes)('$kind looks as often as its definition says, unless told otherwise', async (probe) => {
  const { probing } = await load('')
  expect(cadenceOf(probing, probe.kind)?.intervalSeconds).toBe(probe.intervalSeconds)
})

const isDeeplyFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen))

test('the configuration is deeply frozen', async () => {
  expect(isDeeplyFrozen(await load('collector: { tls: { certificate: a, key: b } }'))).toBe(true)
})

const unsafe = 'expected an https:// address without user and password (http:// only on loopback)'
const step = '  → turn TLS on there, or name a TLS proxy in front of it'

test.each([
  [
    'timezone: Asia/Shangai',
    'yiwang.yaml:1 timezone: expected an IANA time zone, such as Asia/Shanghai, got "Asia/Shangai"',
  ],
  [
    'probing:\n  icmp:\n    intervalSecond: 30',
    'yiwang.yaml:3 probing.icmp.intervalSecond: unknown key\n  → did you mean intervalSeconds?',
  ],
  [
    'colour: red',
    'yiwang.yaml:1 colour: unknown key\n  → known keys: timezone, secretsFile, probing, migration, security, agent, collector, ledger, verify, notify, upward',
  ],
  ['probing: { icmp: { count: 0 } }', 'yiwang.yaml:1 probing.icmp.count: expected number to be >=1, got 0'],
  ['probing: { icmp: { count: 2.5 } }', 'yiwang.yaml:1 probing.icmp.count: expected int, got 2.5'],
  [
    'probing:\n  icmp: { count: 60, packetTimeoutSeconds: 2 }',
    'yiwang.yaml:2 probing.icmp.packetTimeoutSeconds: expected count × packetTimeoutSeconds to be at most intervalSeconds, got 2',
  ],
  [
    'probing:\n  tls:\n    intervalSeconds: 5\n    timeoutSeconds: 6',
    'yiwang.yaml:4 probing.tls.timeoutSeconds: expected at most intervalSeconds, got 6',
  ],
  ['probing:\n  snmp: fast', 'yiwang.yaml:2 probing.snmp: expected object, got "fast"'],
  ['\n\nagent: [1]', 'yiwang.yaml:3 agent: expected object, got [1]'],
  [
    'agent:\n  id: Big Town',
    'yiwang.yaml:2 agent.id: expected up to 64 of a-z, 0-9, dot and hyphen, got "Big Town"',
  ],
  [
    'agent:\n  vantage: dmz',
    'yiwang.yaml:2 agent.vantage: expected one of "public"|"private"|"internet", got "dmz"',
  ],
  [
    'agent: { collector: "http://192.0.2.1:9410" }',
    `yiwang.yaml:1 agent.collector: ${unsafe}, got "http://192.0.2.1:9410"\n${step}`,
  ],
  [
    'notify: { channels: { a: { kind: sms, url: "http://192.0.2.9/send", fields: {}, accepted: ok, phones: ["13800000000"] } } }',
    `yiwang.yaml:1 notify.channels.a.url: ${unsafe}, got "http://192.0.2.9/send"\n${step}`,
  ],
  [
    'notify: { link: "http://127.0.0.1.example/d/1" }',
    `yiwang.yaml:1 notify.link: ${unsafe}, got "http://127.0.0.1.example/d/1"\n${step}`,
  ],
  [
    'notify: { link: "https://admin:geheim@grafana.example/d/1" }',
    `yiwang.yaml:1 notify.link: ${unsafe}, got "https://…@grafana.example/d/1"\n${step}`,
  ],
  [
    'upward: { destinations: { a: { kind: https, url: "http://127.0.0.1/x", certificate: /c, key: /k } } }',
    `yiwang.yaml:1 upward.destinations.a.url: expected an https:// address without user and password, got "http://127.0.0.1/x"\n${step}`,
  ],
  ['collector: { listen: 9410 }', 'yiwang.yaml:1 collector.listen: expected string, got 9410'],
  [
    'collector: { listen: "::1:9410" }',
    'yiwang.yaml:1 collector.listen: expected host:port or [IPv6]:port, got "::1:9410"',
  ],
  [
    'collector: { listen: "localhost:65536" }',
    'yiwang.yaml:1 collector.listen: expected host:port or [IPv6]:port, got "localhost:65536"',
  ],
  [
    'collector:\n  listen: 0.0.0.0:9410',
    'yiwang.yaml:1 collector.tls: expected certificate and key, since collector.listen is not a loopback address, got nothing\n  → docs/operations.md says how to make them, or listen on 127.0.0.1:9410',
  ],
  [
    'collector:\n  tls:\n    certificate: a.pem',
    'yiwang.yaml:2 collector.tls.key: expected string, got nothing',
  ],
  [
    'collector: { metricsTokenFile: "" }',
    'yiwang.yaml:1 collector.metricsTokenFile: expected a file path, got ""',
  ],
  [
    'collector:\n  silentAfterSeconds: 10',
    'yiwang.yaml:2 collector.silentAfterSeconds: expected more than heartbeatSeconds, got 10',
  ],
  ['- a\n- b', 'yiwang.yaml: expected object, got ["a","b"]'],
  ['just words', 'yiwang.yaml: expected object, got "just words"'],
  ['a: 1\na: 2', 'yiwang.yaml:2: not valid YAML: Map keys must be unique'],
  [
    'timezone: *nowhere',
    'yiwang.yaml: not valid YAML: Unresolved alias (the anchor must be set before the alias): nowhere',
  ],
  ['timezone: "Asia', 'yiwang.yaml:1: not valid YAML: Missing closing "quote'],
])('%j is refused: %s', async (text, message) => {
  expect(await messageOf(text)).toBe(message)
})

test('all problems come at once, of the file and of the environment', async () => {
  const text = 'probing:\n  tpc: {}\n  snmp:\n    timeoutSeconds: soon\nagent:\n  spoolMaxMegabyte: 1\n'
  const env = {
    YIWANG_PROBING_TCP_INTERVAL_SECONDS: 'often',
    YIWANG_COLLECTOR_LISTN: ':1',
    YIWANG_OTHER: 'x',
  }
  expect((await messageOf(text, env)).split('\n')).toEqual([
    '$YIWANG_PROBING_TCP_INTERVAL_SECONDS: expected number, got "often"',
    'yiwang.yaml:4 probing.snmp.timeoutSeconds: expected number, got "soon"',
    'yiwang.yaml:2 probing.tpc: unknown key',
    '  → did you mean tcp?',
    'yiwang.yaml:6 agent.spoolMaxMegabyte: unknown key',
    '  → did you mean spoolMaxMegabytes?',
    '$YIWANG_COLLECTOR_LISTN: unknown setting',
    '  → did you mean YIWANG_COLLECTOR_LISTEN?',
  ])
})

test('a long value is shown in part only', async () => {
  expect(await messageOf(`timezone: ${'x'.repeat(500)}`)).toMatch(/got "x{59}…$/u)
})

test('the environment outranks the file; empty variables do not count', async () => {
  const text = 'collector: { listen: "127.0.0.1:1", heartbeatSeconds: 5 }'
  const env = {
    YIWANG_COLLECTOR_LISTEN: '[::1]:2',
    YIWANG_COLLECTOR_HEARTBEAT_SECONDS: '',
    YIWANG_AGENT_ID: '7',
  }
  const { collector, agent } = await load(text, env)
  expect(collector).toMatchObject({ listen: { host: '::1', port: 2, isLoopback: true }, heartbeatSeconds: 5 })
  expect(agent.id).toBe('7')
})

test('paths count from the file that names them, those of the environment from the working folder', async () => {
  await using folder = await temporaryFolder()
  await mkdir(path.join(folder.path, 'etc'))
  const configFile = await folder.write('etc/my.yaml', 'secretsFile: ../s.yaml\nagent: { ca: ca.pem }')
  const env = { YIWANG_COLLECTOR_METRICS_TOKEN_FILE: 'token', YIWANG_DATA: folder.path }
  const config = loadConfig({ configFile, env })
  expect(config).toMatchObject({
    dataFolder: folder.path,
    configFile,
    secretsFile: path.join(folder.path, 's.yaml'),
    agent: { ca: path.join(folder.path, 'etc/ca.pem') },
    collector: { metricsTokenFile: path.resolve('token') },
  })
  expect(loadConfig({ env: { YIWANG_CONFIG: configFile } })).toMatchObject({
    configFile,
    dataFolder: path.resolve('yiwang-data'),
  })
})

test('a file that was asked for must be there and be readable', async () => {
  await using folder = await temporaryFolder()
  const configFile = path.join(folder.path, 'none.yaml')
  const missing = thrownBy(() => loadConfig({ configFile, env: {} }))
  expect(missing).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: `there is no configuration file ${configFile}`,
  })
  const isFolder = thrownBy(() => loadConfig({ configFile: folder.path, env: {} }))
  expect(isFolder).toBeInstanceOf(EnvironmentFault)
  const large = await folder.write('large.yaml', '#'.repeat(1_048_577))
  expect(thrownBy(() => loadConfig({ configFile: large, env: {} }))).toMatchObject({
    message: `${large}: expected up to 1 MiB, got 1048577 bytes`,
  })
})

const valueOf = ({
  type,
  choices,
  isFile,
  path: keys,
  ...leaf
}: Leaf): fc.Arbitrary<string | number | boolean | readonly string[] | object> => {
  if (choices !== undefined) return fc.constantFrom(...choices)
  if (type === 'boolean') return fc.boolean()
  if (type === 'object') return fc.constantFrom({}, ...(entries[keys.join('.')] ?? []))
  if (type === 'array') return fc.constantFrom(['192.0.2.0/24'], ['10.0.0.0/8', '2001:db8::/32'])
  const { minimum = leaf.exclusiveMinimum ?? 0, maximum = 1_000 } = leaf
  if (type !== 'string') return fc.integer({ min: Math.ceil(minimum) || 1, max: maximum })
  if (isFile) return fc.stringMatching(/^\/[a-z]{1,9}( [*&%]#?: )?$/u)
  return fc.constantFrom(...(samples[keys.join('.')] ?? []))
}

const entries: Readonly<Record<string, readonly object[]>> = {
  'notify.channels': [{ duty: { kind: 'wecom', credential: 'robot' } }],
  'upward.destinations': [{ ferry: { kind: 'file', folder: '/up', kinds: ['status'] } }],
}

const samples: Readonly<Record<string, readonly string[]>> = {
  timezone: ['Asia/Shanghai', 'Asia/Urumqi', 'UTC'],
  'agent.id': ['kaifeng', '7', 'a.b-c', 'null'],
  'agent.collector': ['https://collector.example:9410', 'http://[::1]:9410', 'http://localhost'],
  'agent.traps.listen': ['127.0.0.1:1162', '[::]:162'],
  'notify.alertmanagerCredential': ['alerts'],
  'upward.source': ['410200', 'kaifeng.city', '7'],
  'upward.noticeCredential': ['notices'],
  'upward.noticeUnit': ['u-dsj'],
  'notify.link': ['https://grafana.example/d/1'],
  'notify.quiet.from': ['22:00'],
  'notify.quiet.to': ['07:30'],
  'collector.syslog.udp': ['127.0.0.1:514'],
  'collector.syslog.tcp': ['127.0.0.1:601'],
  'collector.syslog.tls.listen': ['[::1]:6514'],
  'collector.listen': ['127.0.0.1:0', '[::1]:9410', 'localhost:65535'],
}

const withLeaf = (tree: object, [key = '', ...rest]: readonly string[], value: unknown): object => ({
  ...tree,
  [key]: rest.length === 0 ? value : withLeaf((Reflect.get(tree, key) ?? {}) as object, rest, value),
})

type Setting = readonly [Leaf, unknown]

const treeOf = (set: readonly Setting[]): object =>
  set.reduce<object>((tree, [leaf, value]) => withLeaf(tree, leaf.path, value), {})

/** Without the sections whose settings do not go together: drawing until all of them do would take for ever. */
const consistent = (set: readonly Setting[]): readonly Setting[] => {
  const { error } = settings.safeParse(treeOf(set))
  if (error === undefined) return set
  const wrong = error.issues.map(({ path: keys }) => `${keys.slice(0, -1).join('.')}.`)
  return consistent(
    set.filter(([leaf]) => !wrong.some((prefix) => `${leaf.path.join('.')}.`.startsWith(prefix))),
  )
}

const inputs = fc
  .tuple(...leaves.map((leaf) => fc.option(valueOf(leaf), { nil: undefined })))
  .map((values) =>
    values.map((value, at): Setting => [leaves[at]!, value]).filter(([, value]) => value !== undefined),
  )
  .map(consistent)
  .map((set) => ({ set, tree: treeOf(set) }))

/** As the environment has it: lists with commas, entries by name as JSON. */
const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

test('what is written as a file, or set by the environment, is what is read', async () => {
  await using folder = await temporaryFolder()
  const empty = path.join(folder.path, 'none')
  await fc.assert(
    fc.asyncProperty(inputs, fc.constantFrom(stringify, JSON.stringify), async ({ set, tree }, print) => {
      const expected = settings.parse(tree)
      const configFile = await folder.write('round.yaml', print(tree))
      expect(loadConfig({ configFile, dataFolder: empty, env: {} })).toMatchObject(expected)
      const env = Object.fromEntries(set.map(([{ variable }, value]) => [variable, textOf(value)]))
      expect(loadConfig({ dataFolder: empty, env })).toMatchObject(expected)
    }),
    { numRuns: 60 },
  )
})

test('any text is a configuration or a UsageFault', async () => {
  await using folder = await temporaryFolder()
  const yamlish = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...Array.from('ab:- {}[]\n\t"\'*&!|>#,?%@')) }),
  )
  await fc.assert(
    fc.asyncProperty(yamlish, async (text) => {
      const configFile = await folder.write('any.yaml', text)
      try {
        loadConfig({ configFile, env: {} })
      } catch (error) {
        expect(error).toBeInstanceOf(UsageFault)
      }
    }),
    { numRuns: 200 },
  )
})

test('the reference in docs/ is the one that the schema makes', () => {
  const reference = configurationReference()
  expect(readFileSync('docs/configuration.md', 'utf8')).toBe(reference)
  for (const leaf of leaves) {
    expect(reference).toContain(`\`${leaf.path.join('.')}\``)
    expect(leaf.description).not.toBe('')
  }
})

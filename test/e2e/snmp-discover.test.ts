import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiscoveryReport } from '../../src/discovery/report.ts'
import { mibOf, stubAgent, system } from '../probes/snmp-stub-agent.ts'
import { freeUdpPort } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { startYiwang, until } from './child.ts'
import { type DataFolder, expectRefusal, expectUntouched, kaifeng } from './data-folder.ts'

const secrets = {
  switches: { kind: 'snmp-community', community: 'read-only-word' },
  routers: {
    kind: 'snmp-user',
    user: 'monitor',
    authPassword: 'authentication-2',
    privPassword: 'encryption-2',
  },
}

let folder: DataFolder
beforeAll(async () => {
  folder = await kaifeng()
  await writeFile(folder.file('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  await folder.ok('network', 'add', 'loop', 'name=本机', 'cidr=127.3.0.0/16', 'scan=true')
  await folder.ok('network', 'add', 'other', 'name=别处', 'cidr=127.4.0.0/16')
})
afterAll(() => folder[Symbol.asyncDispose]())

const discover = (range: string, ...args: readonly string[]) =>
  folder.run('snmp', 'discover', range, '--credential', 'switches', ...args)

describe('refuses', () => {
  test.each([
    [
      '127.4.0.0/24',
      /127\.4\.0\.0\/24 is in no network that was authorised[^]*yiwang network add ID .*scan=true/u,
    ],
    ['127.2.0.0/15', /expected at most 65536 addresses/u],
    ['127.3.0.1/24', /expected 127\.3\.0\.0\/24/u],
  ])('%s, and sends nothing', async (range, words) => {
    expectRefusal(await discover(range), 2, words)
  })

  test('a credential that is not there, and a file of another kind', async () => {
    expectRefusal(
      await discover('127.3.0.0/30', '--credential', 'nothing'),
      2,
      /no credential named "nothing"/u,
    )
    expectRefusal(await discover('127.3.0.0/30', '--out', 'found.pdf'), 2, /ending in \.xlsx or \.csv/u)
  })
})

test('what answers is proposed as a file, and is in the inventory only when somebody imports it', async () => {
  await using first = await stubAgent(mibOf(system()), { address: '127.3.0.1' })
  await using second = await stubAgent(mibOf(system({ name: '=cmd|x' })), {
    address: '127.3.0.9',
    port: first.port,
  })
  const file = folder.file('found.csv')
  const args = ['--port', String(second.port), '--out', file]
  await expectUntouched(folder, async () => {
    const found = await discover('127.3.0.0/27', ...args)
    expect(found.code).toBe(0)
    expect(found.stdout).toMatch(/^127\.3\.0\.1 +kf-core-1 +new +\? +switches +24 +华为 +kf-core-1 /mu)
    expect(found.stderr).toMatch(
      /30 asked: 2 devices, 0 refused, 28 without an agent, 0 silent; 2 new, 0 changed/u,
    )
    expect(found.stderr).toMatch(/a person must say at which node they stand: kf-core-1, cmd-x/u)
  })
  const text = await readFile(file, 'utf8')
  expectRefusal(await folder.run('import', file, '--dry-run'), 2, /所在节点 \(node\): is required/u)
  await writeFile(file, text.replaceAll('路由器,,', '路由器,n-410200,'))
  expect(await folder.ok('import', file)).toContain('2 added')
  const json = (await folder.json(
    'snmp',
    'discover',
    '127.3.0.0/27',
    '--credential',
    'switches',
    ...args,
  )) as DiscoveryReport
  expect(json).toMatchObject({
    asked: 30,
    addresses: 30,
    found: [{ standing: 'known', device: 'kf-core-1' }, { standing: 'known' }],
  })
  expect(json).not.toHaveProperty('file')
  expect(JSON.stringify(json)).not.toContain('read-only-word')
})

test('Ctrl-C shows what was found until then, and says that it is not all', async () => {
  const port = await freeUdpPort()
  await using agent = await stubAgent(mibOf(system()), { address: '127.3.7.1', port })
  // Whatever no other socket takes comes here, and stays unanswered.
  const silence = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  let heard = 0
  silence.on('message', () => (heard += 1))
  silence.bind(port)
  await once(silence, 'listening')
  const range = ['127.3.7.0/24', '--credential', 'switches', '--port', String(port)]
  await using child = startYiwang(['snmp', 'discover', ...range, '--data', folder.path])
  await until(
    () => heard,
    (count) => count >= 200,
  )
  await until(
    () => agent.communities.length,
    (count) => count > 1,
  )
  child.send('SIGINT')
  const [code] = await child.ended
  silence.close()
  expect(code).toBe(4)
  expect(child.output.join('\n')).toMatch(/^127\.3\.7\.1 /mu)
  expect(child.log.join('\n')).toMatch(/\d+ asked, \d+ not, since it was stopped: 1 devices/u)
})

const lldpObjects: readonly (readonly [oid: string, type: string, value: string])[] = [
  ['3.1.0', 'integer', '4'],
  ['3.2.0', 'octet', '00 e0 fc aa bb cc'],
  ['3.7.1.2.7', 'integer', '5'],
  ['3.7.1.3.7', 'string', 'GE0/0/7'],
  ['3.7.1.4.7', 'string', 'uplink'],
  ['4.1.1.4.0.7.1', 'integer', '4'],
  ['4.1.1.5.0.7.1', 'octet', '00 e0 fc 11 22 33'],
  ['4.1.1.6.0.7.1', 'integer', '5'],
  ['4.1.1.7.0.7.1', 'string', 'GE1/0/1'],
  ['4.1.1.8.0.7.1', 'string', 'its port'],
  ['4.1.1.9.0.7.1', 'string', 'kf-city-core'],
  ['4.2.1.3.0.7.1.1.4.192.0.2.1', 'integer', '2'],
]

/** Speaks snmpd.conf(5)’s pass_persist: objects in the order of their OIDs. */
const passProgram = `#!${process.execPath}
const objects = ${JSON.stringify(lldpObjects.map(([oid, ...rest]) => [`.1.0.8802.1.1.2.1.${oid}`, ...rest]))}
const numbers = (oid) => oid.split('.').slice(1).map(Number)
const compare = (a, b) => {
  const [left, right] = [numbers(a), numbers(b)]
  const at = left.findIndex((part, index) => part !== right[index])
  return at < 0 ? left.length - right.length : left[at] - (right[at] ?? -1)
}
const lines = []
let waiting
const line = () => new Promise((resolve) => (lines.length > 0 ? resolve(lines.shift()) : (waiting = resolve)))
require('node:readline').createInterface({ input: process.stdin }).on('line', (text) => {
  if (waiting) { const tell = waiting; waiting = undefined; tell(text) } else lines.push(text)
})
void (async () => {
  for (;;) {
    const command = await line()
    if (command === 'PING') { console.log('PONG'); continue }
    const oid = await line()
    const found = command === 'get' ? objects.find(([own]) => own === oid) : objects.find(([own]) => compare(oid, own) < 0)
    console.log(found ? found.join('\\n') : 'NONE')
  }
})()
`

describe.skipIf(requires('snmpd').skip)('a real snmpd', () => {
  test('is found by v3, with its LLDP neighbours', async () => {
    const port = await freeUdpPort()
    const program = folder.file('lldp.cjs')
    await writeFile(program, passProgram)
    await chmod(program, 0o755)
    const configuration = folder.file('snmpd.conf')
    await writeFile(
      configuration,
      `agentaddress udp:127.3.9.1:${port}
createUser monitor SHA-256 "authentication-2" AES "encryption-2"
rouser monitor priv
sysName kf-router-9
sysObjectID 1.3.6.1.4.1.25506.1.1
pass_persist .1.0.8802.1.1.2.1 ${program}
`,
    )
    const daemon = spawn('/usr/sbin/snmpd', ['-f', '-C', '-c', configuration, '-Lo'], {
      env: { MIBS: '', MIBDIRS: folder.path, SNMP_PERSISTENT_DIR: folder.path },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(daemon, 'exit')
    try {
      const ask = () =>
        folder.json(
          'snmp',
          'discover',
          '127.3.9.0/29',
          '--credential',
          'switches',
          '--credential',
          'routers',
          '--port',
          String(port),
        )
      const report = await until(ask as () => Promise<DiscoveryReport>, ({ found }) => found.length > 0)
      expect(report).toMatchObject({
        found: [
          {
            address: '127.3.9.1',
            version: 'v3',
            credential: 'routers',
            maker: '新华三',
            sysName: 'kf-router-9',
            chassis: '00:e0:fc:aa:bb:cc',
          },
        ],
        links: [
          {
            device: 'kf-router-9',
            localPort: 'GE0/0/7',
            chassis: '00:e0:fc:11:22:33',
            port: 'GE1/0/1',
            sysName: 'kf-city-core',
            managementAddresses: ['192.0.2.1'],
          },
        ],
        needNode: ['kf-router-9'],
      })
    } finally {
      daemon.kill('SIGKILL')
      await exited
    }
  })
})

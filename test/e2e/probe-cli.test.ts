import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import tls from 'node:tls'
import { promisify } from 'node:util'
import packet from 'dns-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libraryAgent } from '../probes/snmp-peers.ts'
import { certificateWorkshop } from '../support/certificates.ts'
import { temporaryFolder, yiwang, yiwangJson } from '../support/cli.ts'
import { closedPort, listening, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

interface ManifestCommand {
  readonly id: string
  readonly hidden?: boolean
  readonly examples?: readonly string[]
}
const manifest = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../oclif.manifest.json'), 'utf8'),
) as { readonly commands: Readonly<Record<string, ManifestCommand>> }
const commandIds = Object.keys(manifest.commands)

let folder: DataFolder
beforeAll(async () => {
  folder = await emptyFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

const probe = (...args: readonly string[]) => folder.run('probe', ...args)
const probeJson = (...args: readonly string[]) => yiwangJson(['probe', ...args, '--data', folder.path])

describe('ports', () => {
  test('networks of the inventory authorise, or those that are typed; the refusal says how', async () => {
    await using server = await peer((socket) => socket.end())
    await using data = await emptyFolder()
    const scan = (...args: readonly string[]) =>
      data.run('probe', 'ports', '127.0.0.1', '--ports', String(server.port), ...args)
    const refusal = /unknown \(permission\)[^]*yiwang network add ID .*cidr=… scan=true/u
    expect(await scan()).toMatchObject({ code: 4, stdout: expect.stringMatching(refusal) as string })
    await data.ok('init', '--region', '410202')
    await data.ok('network', 'add', 'net-1', 'name=本机', 'cidr=127.0.0.0/8')
    expect(await scan()).toMatchObject({ code: 4, stdout: expect.stringMatching(refusal) as string })
    expect((await scan('--authorised-by', '127.0.0.1/32')).code).toBe(0)
    await data.ok('network', 'set', 'net-1', 'scan=true')
    expect((await scan()).code).toBe(0)
    expect((await scan('--authorised-by', '192.0.2.0/24')).code).toBe(4)
  })
})

describe('tcp', () => {
  test('up: 0, with the facts; JSON is one object', async () => {
    await using server = await peer((socket) => socket.end())
    const args = ['tcp', '127.0.0.1', '--port', String(server.port)] as const
    const { code, stdout, stderr } = await probe(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^tcp 127\.0\.0\.1: up in \d+\.\d ms\n {2}remoteAddress: 127\.0\.0\.1$/mu)
    expect(await probeJson(...args)).toMatchObject({ status: 'up', facts: { remoteAddress: '127.0.0.1' } })
  })

  test('refused: 3, and JSON says the same', async () => {
    const args = ['tcp', '127.0.0.1', '--port', String(await closedPort())] as const
    const { code, stdout } = await probe(...args)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^tcp 127\.0\.0\.1: down \(refused\) in /u)
    const json = await probe(...args, '--json')
    expect(json.code).toBe(3)
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'down', cause: 'refused' })
  })

  test('IPv6', async () => {
    await using server = await peer((socket) => socket.end(), '::1')
    expect((await probe('tcp', '::1', '--port', String(server.port))).code).toBe(0)
  })

  test('a name that no resolver is asked for is unresolved: 3', async () => {
    expect(await probeJson('tcp', 'a..b', '--port', '1')).toMatchObject({ cause: 'unresolved' })
  })
})

describe.skipIf(requires('openssl').skip)('tls', () => {
  test('an expired certificate is a fact; --require-trusted makes it an outage', async () => {
    await using workshop = await certificateWorkshop()
    const pair = await workshop.issue({ commonName: 'old.example', fromDays: -20, toDays: -10 })
    await using server = await listening(tls.createServer(pair))
    const args = ['tls', '127.0.0.1', '--port', String(server.port)] as const
    const seen = await probe(...args)
    expect(seen.code).toBe(0)
    expect(seen.stdout).toContain('CN=old.example')
    const strict = await probe(...args, '--require-trusted')
    expect(strict.code).toBe(3)
    expect(strict.stdout).toMatch(/^tls 127\.0\.0\.1: down \(assertion\)[^]*CERT_HAS_EXPIRED/u)
  })
})

test('http: status decides; --expect-status decides otherwise', async () => {
  await using server = await listening(
    http.createServer((_, response) => void response.writeHead(503).end('维护中')),
  )
  const args = ['http', '127.0.0.1', '--scheme', 'http', '--port', String(server.port)] as const
  const down = await probe(...args)
  expect(down.code).toBe(3)
  expect(down.stdout).toMatch(/down \(assertion\)[^]*503/u)
  expect(await probe(...args, '--expect-status', '503')).toMatchObject({ code: 0 })
  expect(await probe(...args, '--expect-status', '500-599', '--expect-text', '维护')).toMatchObject({
    code: 0,
  })
})

test('dns: what the server answers', async () => {
  await using socket = createSocket('udp4')
  socket.on('message', (bytes, { port, address }) => {
    const { id, questions } = packet.decode(bytes)
    const answers = [{ type: 'A', name: 'www.example.test', ttl: 60, data: '192.0.2.1' }] as const
    socket.send(packet.encode({ type: 'response', id, questions, answers: [...answers] }), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const args = [
    'dns',
    '127.0.0.1',
    '--port',
    String(socket.address().port),
    '--name',
    'www.example.test',
  ] as const
  const { code, stdout } = await probe(...args)
  expect(code).toBe(0)
  expect(stdout).toContain('192.0.2.1')
  expect(await probe(...args, '--expect', '192.0.2.9')).toMatchObject({ code: 3 })
})

test('icmp: loopback answers, and the method is named', async () => {
  const { code, stdout } = await probe('icmp', '127.0.0.1', '--count', '2', '--interval-seconds', '0.05')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ {2}method: (raw|datagram|ping)$/mu)
  expect(stdout).toMatch(/^ {2}lossRatio: 0$/mu)
})

describe('snmp', () => {
  test('the credential is named, its value never seen', async () => {
    using agent = await libraryAgent()
    await using own = await emptyFolder()
    await writeFile(
      own.file('secrets.yaml'),
      'core: { kind: snmp-community, community: read-only-word }\nwrong: { kind: snmp-community, community: x-y-z }\n',
      { mode: 0o600 },
    )
    const args = [
      'probe',
      'snmp',
      '127.0.0.1',
      '--port',
      String(agent.port),
      '--timeout-seconds',
      '1',
    ] as const
    const up = await own.run(...args, '--credential', 'core', '--no-interfaces')
    const down = await own.run(...args, '--credential', 'wrong', '--no-interfaces')
    expect([up.code, down.code]).toEqual([0, 3])
    expect(up.stdout + up.stderr + down.stdout + down.stderr).not.toMatch(/read-only-word|x-y-z/u)
  })

  test('a credential that is not there: we could not look, 4', async () => {
    const { code, stdout } = await probe('snmp', '127.0.0.1', '--credential', 'nobody')
    expect(code).toBe(4)
    expect(stdout).toMatch(/^snmp 127\.0\.0\.1: unknown \(credential\)[^]*no credential named "nobody"/u)
  })
})

describe('what is mistyped is refused with the next step', () => {
  test.each([
    [['tcp'], /^yiwang: ADDRESS: expected IPv4 .*\n {2}→ yiwang probe tcp --help\n$/u],
    [
      ['tcp', '127.0.0.1'],
      /^yiwang: --port: expected number, got nothing\n {2}→ yiwang probe tcp --help\n$/u,
    ],
    [
      ['tcp', '127.0.0.1', '--port', 'ssh'],
      /^yiwang: --port: expected number, got "ssh"\n {2}→ .*--help\n$/u,
    ],
    [['tcp', '127.0.0.1', '--port', '70000'], /--port: expected number to be <=65535, got 70000/u],
    [['tcp', '127.0.0.1', '--port'], /--port: expects a value/u],
    [['tcp', '127.0.0.1', '--prot', '22'], /--prot: .*\n {2}→ did you mean --port\?/u],
    [['tcp', '127.0.0.1', '22'], /^yiwang: 22: expected no further argument/u],
    [
      ['http', 'https://www.example.com:8443/a'],
      /→ yiwang probe http www\.example\.com --port 8443 --scheme https --path \/a/u,
    ],
    [['page', 'https://[::1]/a?b=1&c=2'], /→ yiwang probe page ::1 --scheme https --path '\/a\?b=1&c=2'\n$/u],
    [['tls', '127.0.0.1:8443'], /→ yiwang probe tls 127\.0\.0\.1 --port 8443\n$/u],
    [['icmp', '[::1]'], /→ yiwang probe icmp ::1\n$/u],
    [['icmp', '10.0.0.0/24'], /expected one host name or address, got 10\.0\.0\.0\/24\n.*--help\n$/u],
    [['tcp', '127.0.0.1', '--timeout', '3'], /did you mean --timeout-seconds\?/u],
    [['http', '127.0.0.1', '--headers', '{'], /--headers: expected JSON/u],
    [['http', '127.0.0.1', '--method', 'POST'], /--method: .*GET.*, got "POST"/u],
    [
      ['icmp', '127.0.0.1', '--count', '0', '--size-bytes', '-1'],
      /--count: .*\n.*--size-bytes: .*\n {2}→ yiwang probe icmp --help\n$/u,
    ],
    [['dns', '127.0.0.1'], /--name: expected string, got nothing/u],
    [['gopher', '127.0.0.1'], /there is no command probe gopher/u],
  ])('yiwang probe %j', async (args, words) => {
    expectRefusal(await probe(...args), 2, words)
  })

  test('with --json the refusal is JSON, with every problem', async () => {
    const { code, stdout, stderr } = await probe('icmp', '127.0.0.1', '--count', '0', '--json')
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({
      error: { name: 'UsageFault', problems: [{ where: '--count' }] },
    })
  })
})

describe('help', () => {
  test('every command has an example and describes itself', () => {
    const without = commandIds.filter((id) => (manifest.commands[id]?.examples ?? []).length === 0)
    expect(without).toEqual(['simulate'])
  })

  test('--help of every command ends with 0 and shows its examples', async () => {
    const lanes = 2
    const results = await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const shown: (readonly [string, number | null, boolean])[] = []
        for (const id of commandIds.filter((_, index) => index % lanes === lane)) {
          const { code, stdout } = await yiwang([...id.split(':'), '--help'])
          shown.push([id, code, stdout.includes('EXAMPLES')])
        }
        return shown
      }),
    )
    expect(results.flat().filter(([id, code, has]) => code !== 0 || (!has && id !== 'simulate'))).toEqual([])
  })

  test.each([
    [['--help'], /TOPICS[^]*probe[^]*COMMANDS[^]*status/u],
    [[], /USAGE\n {2}\$ yiwang \[COMMAND\]/u],
    [['help', 'probe', 'tcp'], /USAGE\n {2}\$ yiwang probe tcp ADDRESS/u],
    [['probe', '--help'], /probe icmp/u],
    [['--version'], /^yiwang\/\d+\.\d+\.\d+ linux-\S+ node-v(2[4-9]|[3-9]\d)\./u],
  ])('yiwang %j', async (args, words) => {
    const { code, stdout, stderr } = await yiwang(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(words)
  })
})

test.skipIf(requires('bash').skip)('bash completes commands and flags', async () => {
  await using home = await temporaryFolder()
  const env = { HOME: home.path, XDG_CACHE_HOME: path.join(home.path, 'cache') }
  const made = await yiwang(['autocomplete', '--refresh-cache'], { env })
  expect(made.code).toBe(0)
  const script = path.join(home.path, 'cache/yiwang/autocomplete/functions/bash/yiwang.bash')
  const text = await readFile(script, 'utf8')
  for (const id of commandIds.filter((id) => id !== 'simulate')) expect(text).toContain(`\n${id} --`)
  const completed = async (...words: readonly string[]): Promise<readonly string[]> => {
    const line = words.map((word) => `'${word}'`).join(' ')
    const program = `source '${script}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _yiwang_autocomplete; echo "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', program])
    return [...new Set(stdout.trim().split(/\s+/u))]
  }
  expect(await completed('yiwang', 'nod')).toEqual(['node'])
  expect(await completed('yiwang', 'audit', 'v')).toEqual(['verify'])
  expect(await completed('yiwang', 'probe', 'tcp', '--po')).toEqual(['--port'])
})

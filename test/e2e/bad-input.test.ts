import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateWorkshop } from '../support/certificates.ts'
import { launcher } from '../support/cli.ts'
import { closedPort, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { type Child, startYiwang, until } from './child.ts'
import {
  copyOf,
  type DataFolder,
  emptyFolder,
  expectRefusal,
  expectUntouched,
  kaifeng,
} from './data-folder.ts'

let city: DataFolder
beforeAll(async () => {
  city = await kaifeng()
})
afterAll(() => city[Symbol.asyncDispose]())

const spoil = async (folder: DataFolder, name: string, change: (text: string) => string): Promise<void> => {
  const file = folder.file('inventory', name)
  await writeFile(file, change(await readFile(file, 'utf8')))
}

describe('a store that is not as we left it', () => {
  test.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['no JSON', () => '{"broken'],
    ['of another shape', () => '{"records": 7}\n'],
  ])('a file that is %s: 4, with file and next step; nothing is touched', async (_, change) => {
    await using folder = await copyOf(city)
    await spoil(folder, 'node/410202.json', change)
    await expectUntouched(folder, async () => {
      for (const args of [
        ['node', 'list'],
        ['node', 'set', 'n-410202', 'remark=x'],
      ])
        expectRefusal(
          await folder.run(...args),
          4,
          /inventory\/node\/410202\.json[^]*\n {2}→ mend the file by hand, or restore a backup/u,
        )
    })
  })

  test('doctor names the file and goes on', async () => {
    await using folder = await copyOf(city)
    await spoil(folder, 'node/410202.json', () => '[')
    const { code, stdout } = await folder.run('doctor')
    expect(code).toBe(4)
    expect(stdout).toMatch(/^store +fail +.*410202\.json/mu)
    expect(stdout).toMatch(/^icmp +/mu)
    expect(stdout).toContain('→ store: mend the file by hand')
  })

  test('a record that a person broke by hand: 4 or 2, with the record', async () => {
    await using folder = await copyOf(city)
    await spoil(folder, 'node/410202.json', (text) => text.replace('"county"', '"village"'))
    const { code, stderr } = await folder.run('node', 'list')
    expect([2, 4]).toContain(code)
    expect(stderr).toMatch(/410202\.json[^]*village/u)
  })

  test('a store of a newer yiwang: 4, and it is left alone', async () => {
    await using folder = await copyOf(city)
    await spoil(folder, 'meta.json', (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 99'))
    await expectUntouched(folder, async () => {
      for (const args of [
        ['node', 'list'],
        ['init', '--region', '410200'],
      ])
        expectRefusal(await folder.run(...args), 4, /99[^]*\n {2}→ .*(newer|upgrade)/u)
    })
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a full disk: 4, the store is as before, and works again afterwards',
    async () => {
      await using folder = await emptyFolder()
      // Mounted for these commands alone, in a mount namespace of their own.
      const script = [
        'set -u; mount -t tmpfs -o size=2m none "$1"',
        'cp -r "$2/inventory" "$1/"',
        'head -c 9000000 /dev/zero > "$1/filler" 2>/dev/null',
        '"$0" node set n-410202 remark=lost --data "$1"; echo "code $?"',
        '"$0" node list --region 410202 --json --data "$1" | grep -c remark; "$0" audit verify --data "$1"; echo "code $?"',
        'rm "$1/filler"; "$0" node set n-410202 remark=kept --data "$1"; echo "code $?"',
      ].join('\n')
      const said = execFileSync('unshare', ['-m', 'sh', '-c', script, launcher, folder.path, city.path], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_ENV: undefined },
      })
      expect(said.split('\n').filter((line) => line !== '')).toEqual([
        'code 4',
        '0',
        expect.stringMatching(/^intact, head 1:/u),
        'code 0',
        'changed 1, revision 2',
        'code 0',
      ])
    },
  )
})

describe('configuration and secrets', () => {
  test('unknown keys, each with its line and what was meant', async () => {
    await using folder = await copyOf(city)
    await writeFile(folder.file('yiwang.yaml'), 'probing:\n  icmp: { cuont: 3 }\ncolector: {}\n')
    const { code, stderr } = await folder.run('node', 'list')
    expect(code).toBe(2)
    expect(stderr).toMatch(/yiwang\.yaml:2 probing\.icmp\.cuont: unknown key\n {2}→ did you mean count\?/u)
    expect(stderr).toMatch(/yiwang\.yaml:3 colector: unknown key\n {2}→ did you mean collector\?/u)
  })

  test.each([
    ['collector: { listen: nonsense }', /collector\.listen: expected host:port/u],
    ["collector: { listen: '192.0.2.1:9410' }", /collector\.tls: expected certificate and key/u],
    ['probing: { icmp: { count: many } }', /probing\.icmp\.count: expected number, got "many"/u],
    ['probing: [', /yiwang\.yaml:1: not valid YAML/u],
  ])('%s', async (yaml, words) => {
    await using folder = await emptyFolder()
    await writeFile(folder.file('yiwang.yaml'), yaml)
    expectRefusal(await folder.run('collector', 'run'), 2, words)
  })

  test('a configuration file that is not there', async () => {
    expectRefusal(
      await city.run('node', 'list', '--config', '/nowhere.yaml'),
      4,
      /no configuration file \/nowhere\.yaml/u,
    )
  })

  test.each([['sweep'], ['probe', 'tcp', '127.0.0.1', '--port', '1']])(
    'secrets that others can read: 2, with the command that mends it (yiwang %s)',
    async (...args) => {
      await using folder = await copyOf(city)
      const file = folder.file('secrets.yaml')
      await writeFile(file, 'core: { kind: snmp-community, community: never-say-this }\n')
      await chmod(file, 0o644)
      const finished = await folder.run(...args)
      expectRefusal(
        finished,
        2,
        /secrets\.yaml: expected mode 0600, got 0644.*\n {2}→ chmod 600 .*secrets\.yaml/u,
      )
      expect(finished.stderr).not.toContain('never-say-this')
    },
  )

  test('secrets that are no YAML are not quoted', async () => {
    await using folder = await copyOf(city)
    await writeFile(folder.file('secrets.yaml'), 'core: {never-say-this\n', { mode: 0o600 })
    const finished = await folder.run('sweep')
    expectRefusal(finished, 2, /secrets\.yaml:\d+: not valid YAML/u)
    expect(finished.stderr).not.toContain('never-say-this')
  })
})

const startCollector = async (folder: DataFolder, configuration = ''): Promise<Child> => {
  await writeFile(folder.file('yiwang.yaml'), `collector: { listen: '127.0.0.1:0'${configuration} }\n`)
  return startYiwang(['collector', 'run', '--data', folder.path])
}

const urlOf = async (collector: Child): Promise<string> => {
  const line = await collector.said(/collector listens on/u)
  return /https?:\/\/[\d.]+:\d+/u.exec(line)?.[0] ?? ''
}

describe('a collector’s port', () => {
  test('that is taken: 4, with the next step', async () => {
    await using taken = await peer(() => undefined)
    await using folder = await copyOf(city)
    await writeFile(folder.file('yiwang.yaml'), `collector: { listen: '127.0.0.1:${taken.port}' }\n`)
    for (const args of [['collector', 'run'], ['run']])
      expectRefusal(
        await folder.run(...args),
        4,
        /127\.0\.0\.1:\d+: another process listens there\n {2}→ stop it, or set collector\.listen/u,
      )
    expect((await folder.run('doctor')).stdout).toMatch(/^collector port +warn +.* in use/mu)
  })

  test('takes 10 MB of noise and stays', async () => {
    await using folder = await copyOf(city)
    await using collector = await startCollector(folder)
    const url = new URL(await urlOf(collector))
    const noise = randomBytes(10 * 1024 * 1024)
    const pour = async (head: string): Promise<void> => {
      const { promise: closed, resolve } = Promise.withResolvers<undefined>()
      // It is told to go away before it has said everything.
      const socket = net.connect(Number(url.port), '127.0.0.1').on('error', () => undefined)
      socket.on('close', () => resolve(undefined))
      socket.resume().end(Buffer.concat([Buffer.from(head), noise]))
      await closed
    }
    const post = 'POST /v1/batches HTTP/1.1\r\nhost: x\r\ncontent-length: 10485760\r\n\r\n'
    await Promise.all([pour(''), pour(post), pour('GET /'), pour('\u0016\u0003\u0001')])
    expect((await fetch(new URL('healthz', url))).status).toBe(200)
    expect((await fetch(new URL('readyz', url))).status).toBe(200)
    collector.send('SIGTERM')
    expect(await collector.ended).toEqual([0, null])
    expect(collector.log.join('\n')).not.toMatch(/stack/u)
  })
})

describe('who is no agent', () => {
  const ask = (url: string, headers: Readonly<Record<string, string>>, body = '{}') =>
    fetch(`${url}/v1/batches`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })

  test('no key, a wrong key, another protocol, another shape: 401, 401, 426, 422', async () => {
    await using folder = await copyOf(city)
    await using collector = await startCollector(folder)
    const url = await urlOf(collector)
    const { stdout } = await folder.run('agent', 'invite', 'lankao')
    await using county = await emptyFolder()
    const enrolled = startYiwang(
      ['agent', 'enroll', '--collector', url, '--id', 'lankao', '--data', county.path],
      { input: stdout },
    )
    expect(await enrolled.ended).toEqual([0, null])
    const key = (await readFile(county.file('agent', 'key'), 'utf8')).trim()
    const ours = { 'yiwang-protocol': '1' }
    const authorization = `Bearer lankao.${key}`
    const answers = await Promise.all([
      ask(url, ours),
      ask(url, { ...ours, authorization: `Bearer lankao.${key.slice(1)}x` }),
      ask(url, { ...ours, authorization: `Bearer nobody.${key}` }),
      ask(url, { 'yiwang-protocol': '9', authorization }),
      ask(url, { ...ours, authorization }),
      ask(url, { ...ours, authorization }, 'no json'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 426, 422, 400])
    const words = await Promise.all(answers.map((answer) => answer.text()))
    for (const said of words) {
      expect(said).not.toContain(key)
      expect(Object.keys(JSON.parse(said) as object)).toContain('error')
    }
    await folder.ok('agent', 'revoke', 'lankao')
    const revoked = await until(
      () => ask(url, { ...ours, authorization }),
      ({ status }) => status !== 422,
    )
    expect(revoked.status).toBe(403)
  })

  test('status of a collector that is not there: 4, with the next step', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`
    expectRefusal(
      await city.run('status', '--collector', url),
      4,
      /ECONNREFUSED[^]*\n {2}→ is `yiwang collector run`/u,
    )
  })

  test('a collector that is none: 4', async () => {
    await using website = await peer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'),
    )
    const url = `http://127.0.0.1:${website.port}`
    expectRefusal(await city.run('status', '--collector', url), 4, /expected a collector’s answer/u)
    await using county = await emptyFolder()
    const enrol = startYiwang(['agent', 'enroll', '--collector', url, '--id', 'x', '--data', county.path], {
      input: 'y',
    })
    expect(await enrol.ended).toEqual([4, null])
    expect(enrol.log[0]).toMatch(/expected a collector’s answer/u)
  })

  test.each([
    ['http://192.0.2.1:9410', /expected https:/u],
    ['ftp://127.0.0.1', /expected https:/u],
    ['https://user:word@127.0.0.1', /expected no user or password/u],
    ['nonsense', /--collector: expected a valid url/u],
  ])('--collector %s: 2, and nothing is sent', async (url, words) => {
    expectRefusal(await city.run('status', '--collector', url), 2, words)
  })
})

describe.skipIf(requires('openssl').skip)('a collector behind TLS', () => {
  test('an agent that pins another authority does not talk to it', async () => {
    await using workshop = await certificateWorkshop()
    const authority = await workshop.issue({ commonName: 'city CA', isAuthority: true })
    const stranger = await workshop.issue({ commonName: 'another CA', isAuthority: true })
    const leaf = await workshop.issue({ commonName: 'collector', names: 'IP:127.0.0.1' }, authority)
    await using folder = await copyOf(city)
    await writeFile(folder.file('collector.pem'), leaf.cert)
    await writeFile(folder.file('collector.key'), leaf.key, { mode: 0o600 })
    await using collector = await startCollector(
      folder,
      ', tls: { certificate: collector.pem, key: collector.key }',
    )
    const url = await urlOf(collector)
    expect(url).toMatch(/^https:/u)
    const { stdout: invitation } = await folder.run('agent', 'invite', 'lankao')

    await using county = await emptyFolder()
    await writeFile(county.file('right.pem'), authority.cert)
    await writeFile(county.file('wrong.pem'), stranger.cert)
    const enrol = (...ca: readonly string[]) =>
      startYiwang(['agent', 'enroll', '--collector', url, '--id', 'lankao', '--data', county.path, ...ca], {
        input: invitation,
      })
    for (const [ca, next] of [
      [[], 'no CA certificate was given: .*--ca'],
      [['--ca', county.file('wrong.pem')], 'compare the CA certificate that the agent pins'],
    ] as const) {
      const refused = enrol(...ca)
      expect(await refused.ended).toEqual([4, null])
      expect(refused.log.join('\n')).toMatch(new RegExp(`^yiwang: collector https:.*\\n {2}→ ${next}`, 'u'))
    }
    const inClear = startYiwang(
      [
        'agent',
        'enroll',
        '--collector',
        url.replace('https', 'http'),
        '--id',
        'lankao',
        '--data',
        county.path,
      ],
      { input: invitation },
    )
    expect(await inClear.ended).toEqual([4, null])
    expect(inClear.log.join('\n')).toContain(`→ a collector with collector.tls is at ${url}`)
    // The invitation was not spent on the way.
    expect(await enrol('--ca', county.file('right.pem')).ended).toEqual([0, null])
  })

  test.each([
    ['a key that is not the certificate’s', 2],
    ['no such file', 4],
  ] as const)('%s: %i', async (what, code) => {
    await using workshop = await certificateWorkshop()
    const one = await workshop.issue({ commonName: 'one' })
    const another = await workshop.issue({ commonName: 'another' })
    await using folder = await copyOf(city)
    await writeFile(folder.file('collector.pem'), one.cert)
    if (what !== 'no such file') await writeFile(folder.file('collector.key'), another.key, { mode: 0o600 })
    await using collector = await startCollector(
      folder,
      ', tls: { certificate: collector.pem, key: collector.key }',
    )
    expect(await collector.ended).toEqual([code, null])
    expect(collector.log.join('\n')).toMatch(
      code === 2 ? /collector\.tls: expected a certificate and its/u : /collector\.key: cannot be read/u,
    )
  })
})

describe('an agent’s own folder', () => {
  test('without enrolment: what to do', async () => {
    expectRefusal(
      await city.run('agent', 'run'),
      2,
      /expected an enrolled agent, found none\n {2}→ run `yiwang agent enroll`/u,
    )
  })

  test('an invitation that is empty', async () => {
    const { code, stderr } = await city.run(
      'agent',
      'enroll',
      '--collector',
      'http://127.0.0.1:9',
      '--id',
      'x',
    )
    expect({ code, stderr }).toMatchObject({ code: 2 })
    expect(stderr).toMatch(/invitation/u)
  })
})

test('a half line at the end of the audit log is found, and swallows nothing that comes after it', async () => {
  await using folder = await copyOf(city)
  const file = folder.file('inventory', 'audit.jsonl')
  await appendFile(file, '{"sequence":2,"at":"2026')
  await folder.ok('node', 'set', 'n-410202', 'remark=kept')
  const last = (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) ?? ''
  expect(JSON.parse(last)).toMatchObject({ sequence: 2, changes: [{ id: 'n-410202' }] })
  expect((await folder.run('audit', 'verify')).code).toBe(3)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { recordFindings } from '../../../src/security/incidents.ts'
import { cefOf } from '../../../src/security/upward/forms/cef.ts'
import { shippedMapping } from '../../../src/security/upward/mapping.ts'
import { syslogSender } from '../../../src/security/upward/transports/syslog.ts'
import { until } from '../../e2e/child.ts'
import { closedPort, listening } from '../../support/peers.ts'
import { type Papers, papers } from '../../support/province.ts'
import { requires } from '../../support/services.ts'
import { finding, ground, opening } from '../findings.ts'
import { type Bench, upwardBench } from './bench.ts'

const senderTo = (port: number, own: Papers, form: 'plain' | 'cef' = 'plain') =>
  syslogSender({
    ...{ host: '127.0.0.1', port, source: '410200', timezone: 'Asia/Shanghai', timeoutSeconds: 10 },
    ca: own.authority.cert,
    identity: { certificate: own.client.cert, key: own.client.key },
    mapping: shippedMapping(form),
    ...(form === 'cef' && { say: (presented) => cefOf(presented, '0.1.0') }),
  })

const rsyslogOf = (port: number, folder: string): string => `
global(workDirectory="${folder}" defaultNetstreamDriverCAFile="${folder}/ca.pem"
  defaultNetstreamDriverCertFile="${folder}/server.pem" defaultNetstreamDriverKeyFile="${folder}/server.key")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/name"
  PermittedPeer=["city-410200"])
input(type="imtcp" port="${port}" address="127.0.0.1")
template(name="parts" type="list") {
  property(name="msgid") constant(value="\\t") property(name="pri") constant(value="\\t")
  property(name="hostname") constant(value="\\t") property(name="structured-data") constant(value="\\t")
  property(name="msg") constant(value="\\n")
}
action(type="omfile" file="${folder}/got.log" template="parts")
`

interface Receiver extends AsyncDisposable {
  readonly port: number
  /** msgid, pri, hostname, structured data, msg. */
  readonly lines: () => Promise<readonly (readonly string[])[]>
}

const rsyslog = async (own: Papers, base: string): Promise<Receiver> => {
  const folder = path.join(base, 'rsyslog')
  await mkdir(folder, { recursive: true })
  const files = { 'ca.pem': own.authority.cert, 'server.pem': own.server.cert, 'server.key': own.server.key }
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  const port = await closedPort()
  await writeFile(path.join(folder, 'rsyslog.conf'), rsyslogOf(port, folder))
  const daemon = spawn(
    'rsyslogd',
    ['-n', '-f', path.join(folder, 'rsyslog.conf'), '-i', path.join(folder, 'pid')],
    {
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
      stdio: 'ignore',
    },
  )
  return {
    port,
    lines: async () =>
      (await readFile(path.join(folder, 'got.log'), 'utf8').catch(() => ''))
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t')),
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGKILL')
      await once(daemon, 'exit')
    },
  }
}

const filled = async (bench: Bench): Promise<void> => {
  const names = ['门户"]', '办公\\系统', '一=二|三']
  for (const [at, name] of names.entries()) {
    const found = finding(`s-${at}`, { targetName: name, title: `${name}：无法访问\r\n<13>1 forged` })
    recordFindings(bench.ledger, [opening(found)], ground(bench.now))
  }
  await bench.make()
}

/** Where rsyslog is not up yet, an attempt fails. */
const delivered = (bench: Bench, send: ReturnType<typeof senderTo>) =>
  until(
    () => {
      bench.now += 600_000
      return bench.deliver(send)
    },
    (outcome) => outcome === 'nothing',
  )

describe.skipIf(requires('rsyslogd', 'openssl').skip)('a real rsyslog over TLS, by our certificate', () => {
  test('receives every message once, in order, with its fields', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await using receiver = await rsyslog(own, bench.folder)
      await filled(bench)
      await delivered(bench, senderTo(receiver.port, own))
      const ids = bench.ids()
      const lines = await until(receiver.lines, (found) => found.length >= ids.length)
      expect(lines.map(([, , , data = '']) => / id="([^"]+)"/u.exec(data)?.[1])).toEqual(ids)
      expect(new Set(lines.map(([, , host]) => host))).toEqual(new Set(['410200']))
      const alert = lines.find(([kind]) => kind === 'alert')
      expect(alert?.[1]).toBe(String(16 * 8 + 3))
      expect(alert?.[3]).toMatch(/^\[yiwang@32473 .* targetName="门户\\"\\\]"/u)
      expect(alert?.[3]).toContain('severity="high"')
      expect(alert?.[4]).toMatch(/门户"\]：无法访问 <13>1 forged$/u)
    }))

  test('receives CEF', () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await using receiver = await rsyslog(own, bench.folder)
      await filled(bench)
      await delivered(bench, senderTo(receiver.port, own, 'cef'))
      const lines = await until(receiver.lines, (found) => found.length >= bench.ids().length)
      const said = lines.map(([, , , , words = '']) => words.replace(/^\s*\u{FEFF}?/u, ''))
      expect(said.every((line) => line.startsWith('CEF:0|yiwang|yiwang|0.1.0|'))).toBe(true)
      expect(said.find((line) => line.includes('dhost=一'))).toMatch(
        /^CEF:0\|yiwang\|yiwang\|0\.1\.0\|system\.down\|一=二\\\|三：无法访问 <13>1 forged\|8\|externalId=alert-\w+ .*msg=一\\=二\|三：/u,
      )
    }))
})

test.skipIf(requires('openssl').skip)(
  'a receiver that hangs up in the middle, or never closes, has not accepted',
  () =>
    upwardBench(async (bench) => {
      await using own = await papers()
      await filled(bench)
      const material = {
        cert: own.server.cert,
        key: own.server.key,
        ca: own.authority.cert,
        requestCert: true,
      }
      await using rude = await listening(tls.createServer(material, (socket) => socket.destroy()))
      expect(await bench.deliver(senderTo(rude.port, own))).toBe('failed')
      bench.now += 600_000
      const got: string[] = []
      await using open = await listening(
        tls.createServer({ ...material, allowHalfOpen: true }, (socket) => {
          socket.on('error', () => undefined).on('data', (bytes: Buffer) => got.push(bytes.toString()))
        }),
      )
      const impatient = syslogSender({
        ...{ host: '127.0.0.1', port: open.port, source: '410200', timezone: 'Asia/Shanghai' },
        ...{ timeoutSeconds: 0.5, ca: own.authority.cert, mapping: shippedMapping('plain') },
        identity: { certificate: own.client.cert, key: own.client.key },
      })
      expect(await bench.deliver(impatient)).toBe('failed')
      expect(bench.outbox.view.destinations()).toMatchObject([{ detail: 'not closed within 0.5 s' }])
      expect(got.join('')).toMatch(/^\d+ <1/u)
      expect(bench.outbox.view.tallies()).toEqual([])
    }),
)

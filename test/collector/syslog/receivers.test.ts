import { spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { openLogArchive } from '../../../src/collector/syslog/archive.ts'
import type { LogLine } from '../../../src/collector/syslog/blocks.ts'
import { maxMessageBytes } from '../../../src/collector/syslog/framing.ts'
import { createIntake, type LogIntake } from '../../../src/collector/syslog/intake.ts'
import { receiveDatagrams, receiveStreams, receiveTls } from '../../../src/collector/syslog/receivers.ts'
import type { Log } from '../../../src/core/log.ts'
import { openLogStore } from '../../../src/collector/syslog/store.ts'
import { until } from '../../e2e/child.ts'
import { certificateWorkshop } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { requires } from '../../support/services.ts'

interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly intake: LogIntake
  readonly lines: () => readonly LogLine[]
  /** The lines, once there are so many. */
  readonly stored: (count: number) => Promise<readonly LogLine[]>
}

const bench = async (log: Log = () => undefined): Promise<Bench> => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder())
  const file = path.join(folder.path, 'log.sqlite')
  const store = stack.use(openLogStore(file))
  const intake = stack.use(createIntake({ store, clock: Date.now, log, retentionDays: 190 }))
  const lines = (): readonly LogLine[] => {
    using archive = openLogArchive(file)
    return [...archive.lines({ since: 0, until: Infinity })].toReversed()
  }
  const owned = stack.move()
  return {
    folder: folder.path,
    intake,
    lines,
    stored: (count) => until(lines, (found) => found.length >= count),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const allow = ['127.0.0.0/8']
const here = { host: '127.0.0.1', port: 0 }

const connected = async (port: number): Promise<net.Socket> => {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

test('what is held is bounded, however short the lines are', async () => {
  await using own = await bench()
  const frames = Array.from({ length: 100_000 }, () => ({ bytes: Buffer.from('a'), isCut: false }))
  own.intake.take(frames, '192.0.2.1', 'tcp')
  expect(own.intake.isFull()).toBe(true)
})

describe('datagrams', () => {
  test('are taken from allowed addresses, one message each', async () => {
    await using own = await bench()
    await using receiver = await receiveDatagrams({ ...here, intake: own.intake, allow })
    const sender = dgram.createSocket('udp4')
    sender.send('<13>one\nline\n', receiver.port, '127.0.0.1')
    sender.send('<14>two', receiver.port, '127.0.0.1')
    const lines = await own.stored(2)
    sender.close()
    expect(lines.map(({ line, source, transport }) => [line, source, transport])).toEqual([
      ['<13>one\nline', '127.0.0.1', 'udp'],
      ['<14>two', '127.0.0.1', 'udp'],
    ])
  })

  test('from elsewhere are counted and dropped', async () => {
    await using own = await bench()
    await using receiver = await receiveDatagrams({ ...here, intake: own.intake, allow: ['192.0.2.0/24'] })
    // A counter begins at zero, or an increase of the first one would not be seen.
    expect([...own.intake.counters.refused.values()]).toEqual([0, 0, 0, 0])
    const sender = dgram.createSocket('udp4')
    sender.send('<13>x', receiver.port, '127.0.0.1')
    await until(
      () => own.intake.counters.refused.get('source-not-allowed'),
      (count) => count === 1,
    )
    sender.close()
    expect(own.lines()).toEqual([])
  })
})

describe('streams', () => {
  test('both framings, and what is left when the sender hangs up', async () => {
    await using own = await bench()
    await using receiver = await receiveStreams({ ...here, intake: own.intake, allow })
    const sender = await connected(receiver.port)
    sender.end('<13>a\n5 <14>b<15>c')
    expect((await own.stored(3)).map(({ line }) => line)).toEqual(['<13>a', '<14>b', '<15>c'])
  })

  test('from elsewhere are closed unheard', async () => {
    await using own = await bench()
    await using receiver = await receiveStreams({ ...here, intake: own.intake, allow: ['192.0.2.0/24'] })
    const sender = await connected(receiver.port)
    await once(sender, 'close')
    expect(own.intake.counters.refused.get('source-not-allowed')).toBe(1)
  })

  test('beyond those that may be open are closed, counted, and told once', async () => {
    const told: unknown[] = []
    await using own = await bench((level, message, fields) => told.push([level, message, fields]))
    await using receiver = await receiveStreams({ ...here, intake: own.intake, allow })
    const open = (count: number) => Promise.all(Array.from({ length: count }, () => connected(receiver.port)))
    const held: net.Socket[] = []
    while (held.length < 1024) held.push(...(await open(64)))
    for (const socket of await open(3)) if (!socket.closed) await once(socket, 'close')
    expect(own.intake.counters.refused.get('too-many-connections')).toBe(3)
    const words = 'senders of log messages are closed unheard: too many connections are open'
    expect(told).toEqual([['warn', words, { count: 1 }]])
    for (const socket of held) socket.destroy()
  })

  test('a line of 64 MiB takes no more memory than its beginning, and the next one is taken', async () => {
    await using own = await bench()
    await using receiver = await receiveStreams({ ...here, intake: own.intake, allow })
    const sender = await connected(receiver.port)
    const piece = Buffer.alloc(1024 * 1024, 'x')
    for (let sent = 0; sent < 64; sent += 1) if (!sender.write(piece)) await once(sender, 'drain')
    sender.end('\n<13>next\n')
    const [long, next] = await own.stored(2)
    expect([long?.line.length, long?.isCut, next?.line]).toEqual([maxMessageBytes, true, '<13>next'])
    expect(own.intake.counters.cut()).toBe(1)
  })

  test('whatever is sent before the end of the receiver is stored', async () => {
    const count = 50_000
    await using own = await bench()
    await using receiver = await receiveStreams({ ...here, intake: own.intake, allow })
    const sender = await connected(receiver.port)
    const text = 'x'.repeat(1000)
    for (let at = 0; at < count; at += 1)
      if (!sender.write(`<13>${at} ${text}\n`)) await once(sender, 'drain')
    sender.end()
    const lines = await own.stored(count)
    expect(lines.map(({ line }) => parseInt(line.slice(4)))).toEqual(
      Array.from({ length: count }, (_, at) => at),
    )
  })
})

test('TLS: a sender without a certificate of the authority is turned away', async () => {
  await using own = await bench()
  await using workshop = await certificateWorkshop()
  const authority = await workshop.issue({ commonName: 'ca', isAuthority: true })
  const server = await workshop.issue({ commonName: 'log', names: 'IP:127.0.0.1' }, authority)
  const client = await workshop.issue({ commonName: 'fw-1' }, authority)
  await using receiver = await receiveTls(
    { ...here, intake: own.intake, allow },
    { certificate: server.cert, key: server.key, clientCa: authority.cert },
  )
  const stranger = tls
    .connect({ port: receiver.port, host: '127.0.0.1', ca: authority.cert })
    .on('error', () => undefined)
  stranger.write('<13>forged\n')
  await until(
    () => stranger.destroyed,
    (isOver) => isOver,
  )
  const known = tls.connect({
    port: receiver.port,
    host: '127.0.0.1',
    ca: authority.cert,
    cert: client.cert,
    key: client.key,
  })
  known.end('5 <13>a')
  expect((await own.stored(1)).map(({ line, transport }) => [line, transport])).toEqual([['<13>a', 'tls']])
  expect(own.intake.counters.refused.get('tls')).toBe(1)
})

const rsyslogOf = (port: number, folder: string): string => `
global(workDirectory="${folder}" defaultNetstreamDriverCAFile="${folder}/ca.pem"
  defaultNetstreamDriverCertFile="${folder}/client.pem" defaultNetstreamDriverKeyFile="${folder}/client.key")
module(load="imfile" PollingInterval="1")
input(type="imfile" File="${folder}/device.log" Tag="device")
action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" TCP_Framing="octet-counted"
  template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1"
  StreamDriverAuthMode="x509/certvalid")
`

test.skipIf(requires('rsyslogd', 'openssl').skip)(
  'a real rsyslog logs over TLS, by its certificate',
  async () => {
    await using own = await bench()
    await using workshop = await certificateWorkshop()
    const authority = await workshop.issue({ commonName: 'ca', isAuthority: true })
    const server = await workshop.issue({ commonName: 'log', names: 'IP:127.0.0.1' }, authority)
    const client = await workshop.issue({ commonName: 'fw-1' }, authority)
    await using receiver = await receiveTls(
      { ...here, intake: own.intake, allow },
      { certificate: server.cert, key: server.key, clientCa: authority.cert },
    )
    const folder = path.join(own.folder, 'rsyslog')
    await mkdir(folder)
    const files = { 'ca.pem': authority.cert, 'client.pem': client.cert, 'client.key': client.key }
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
    await writeFile(path.join(folder, 'device.log'), '接口 down\nlogin failed\n')
    await writeFile(path.join(folder, 'rsyslog.conf'), rsyslogOf(receiver.port, folder))
    const daemon = spawn(
      'rsyslogd',
      ['-n', '-f', path.join(folder, 'rsyslog.conf'), '-i', path.join(folder, 'pid')],
      {
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
        stdio: 'ignore',
      },
    )
    try {
      const lines = await own.stored(2)
      expect(lines.map(({ line }) => line).join('\n')).toMatch(
        /^<\d+>1 .* device - - - 接口 down\n<\d+>1 .*login failed$/u,
      )
    } finally {
      daemon.kill('SIGKILL')
      await once(daemon, 'exit')
    }
  },
)

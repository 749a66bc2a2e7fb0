import path from 'node:path'
import { SMTPServer } from 'smtp-server'
import { describe, expect, test } from 'vitest'
import type { EmailChannel } from '../../../src/config/notify-settings.ts'
import type { Severity } from '../../../src/security/events.ts'
import { startCourier } from '../../../src/security/notify/courier.ts'
import { sendEmail } from '../../../src/security/notify/email.ts'
import { testNotice } from '../../../src/security/notify/notice.ts'
import { openDeliveryQueue } from '../../../src/security/notify/queue.ts'
import type { Bundle } from '../../../src/security/notify/text.ts'
import { until } from '../../e2e/child.ts'
import { certificateWorkshop } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { listening, peer } from '../../support/peers.ts'

const silently = (): void => undefined
const atOnce = (_: Severity, at: number): number => at

interface Taken {
  readonly text: string
  /** Says that it was taken, or breaks the connection. */
  readonly answer: () => void
  readonly refuse: () => void
  readonly hangUp: () => void
}

/** A mail server; what becomes of each message once all of it is there, `onMail` says. Default: it is taken. */
const mailing = async (secure: boolean, onMail = ({ answer }: Taken): void => answer()) => {
  await using stack = new AsyncDisposableStack()
  const workshop = stack.use(await certificateWorkshop())
  const { cert, key } = await workshop.issue({ commonName: 'mail', names: 'IP:127.0.0.1' })
  const mails: string[] = []
  const smtp: SMTPServer = new SMTPServer({
    ...{ secure, cert, key },
    onAuth: ({ username, password }, _, done) => {
      if (username === 'u' && password === 'p') done(null, { user: 'u' })
      else done(new Error('no'))
    },
    onData: (stream, _, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('end', () => {
        mails.push(text)
        const hangUp = (): void => {
          for (const connection of smtp.connections) connection.close()
        }
        onMail({ text, answer: () => done(), refuse: () => done(new Error('spam')), hangUp })
      })
    },
  })
  smtp.on('error', silently)
  const bound = stack.use(await listening(smtp.server))
  const owned = stack.move()
  return { port: bound.port, ca: cert, mails, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const to = (port: number, security: EmailChannel['security'] = 'tls'): EmailChannel => ({
  ...{ kind: 'email', host: '127.0.0.1', port, security, severity: 'low', perMinute: 600 },
  ...{ from: 'yiwang@city.example', to: ['duty@city.example'] },
})
const user = { kind: 'smtp', user: 'u', password: 'p' } as const
const told: Bundle = {
  notices: [{ ...testNotice(0, 'x'), title: '标题\r\nBcc: evil@example.com' }],
  time: String,
}
const patience = (): AbortSignal => AbortSignal.timeout(100_000)

const messageId = (mail = ''): string | undefined => /^message-id: (\S+)$/imu.exec(mail)?.[1]

test.each(['tls', 'starttls'] as const)(
  'goes over %s, with a subject that no target can break',
  async (security) => {
    await using server = await mailing(security === 'tls')
    const means = { user, ca: server.ca }
    expect(await sendEmail(to(server.port, security), means, told, patience())).toEqual({ ok: true })
    const [head = ''] = (server.mails[0] ?? '').split('\r\n\r\n')
    expect(head).not.toMatch(/^bcc:/imu)
    expect(head).toMatch(/^to: duty@city\.example$/imu)
  },
)

test('not to a certificate that nobody vouches for, nor with a wrong password, nor for ever', async () => {
  await using server = await mailing(true)
  expect(await sendEmail(to(server.port), { user, ca: undefined }, told, patience())).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/self-signed|ESOCKET/u) as string,
  })
  const wrong = { ...user, password: 'q' }
  expect(await sendEmail(to(server.port), { user: wrong, ca: server.ca }, told, patience())).toMatchObject({
    ok: false,
    detail: expect.stringContaining('EAUTH') as string,
  })
  await using hanging = await peer(() => undefined)
  expect(await sendEmail(to(hanging.port), { user, ca: server.ca }, told, AbortSignal.timeout(300))).toEqual({
    ok: false,
    detail: 'no answer in time',
  })
  expect(server.mails).toEqual([])
})

describe('a server that has all of a message', () => {
  test('may take its time: it is told once', async () => {
    // Longer than any step may take where nobody waits on purpose.
    await using server = await mailing(true, ({ answer }) => void setTimeout(answer, 17_000))
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    queue.add(testNotice(0, 'x'), 0, [{ name: 'mail', dueAt: 0 }])
    await using courier = startCourier({
      ...{
        channel: 'mail',
        queue,
        perMinute: 600,
        clock: Date.now,
        log: silently,
        seconds: 900,
        notBefore: atOnce,
      },
      send: (notices, signal) =>
        sendEmail(to(server.port), { user, ca: server.ca }, { notices, time: String }, signal),
    })
    courier.wake()
    await until(
      () => queue.log({ limit: 1 })[0],
      (delivery) => delivery?.state === 'sent',
    )
    expect(queue.log({ limit: 1 })).toMatchObject([{ attempts: 1 }])
    expect(server.mails).toHaveLength(1)
  })

  test.each([
    ['does not answer', 'no answer in time', (_: Taken, stop: AbortController) => stop.abort()],
    ['hangs up', 'ECONNECTION', ({ hangUp }: Taken) => hangUp()],
  ])('and %s may have taken it', async (_, words, react) => {
    const stop = new AbortController()
    await using server = await mailing(true, (taken) => react(taken, stop))
    expect(await sendEmail(to(server.port), { user, ca: server.ca }, told, stop.signal)).toEqual({
      ok: false,
      detail: expect.stringContaining(words) as string,
      isUncertain: true,
    })
  })

  test('and refuses it has not taken it', async () => {
    await using server = await mailing(true, ({ refuse }) => refuse())
    expect(await sendEmail(to(server.port), { user, ca: server.ca }, told, patience())).toEqual({
      ok: false,
      detail: expect.stringMatching(/^EMESSAGE: 450 spam/u) as string,
    })
  })

  test('gets the same Message-ID again for the same notices, in whatever order, and another for others', async () => {
    await using server = await mailing(true)
    const [one, two] = [testNotice(0, '1'), testNotice(0, '2')]
    for (const notices of [[one, two], [two, one], [one]])
      await sendEmail(to(server.port), { user, ca: server.ca }, { ...told, notices }, patience())
    const [first, again, other] = server.mails.map(messageId)
    expect(first).toMatch(/^<[\da-f]{40}\.yiwang@city\.example>$/u)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test('and hangs up gets the same message again, and what is new in one of its own', async () => {
    let answered = 0
    await using server = await mailing(true, ({ answer, hangUp }) => {
      answered += 1
      if (answered === 1) hangUp()
      else answer()
    })
    await using folder = await temporaryFolder()
    using queue = openDeliveryQueue(path.join(folder.path, 'q'))
    const add = (id: string) => queue.add(testNotice(0, id), 0, [{ name: 'mail', dueAt: 0 }])
    let now = 0
    await using courier = startCourier({
      ...{
        channel: 'mail',
        queue,
        perMinute: 600,
        clock: () => now,
        log: silently,
        seconds: 900,
        notBefore: atOnce,
      },
      send: (notices, signal) =>
        sendEmail(to(server.port), { user, ca: server.ca }, { notices, time: String }, signal),
    })
    const sent = () => queue.log({ limit: 9, state: 'sent' }).length
    add('1')
    add('2')
    courier.wake()
    await until(
      () => queue.log({ limit: 1 })[0],
      (delivery) => delivery?.attempts === 1,
    )
    add('3')
    now = 60_000
    courier.wake()
    await until(sent, (count) => count === 3)
    const [lost, ...later] = server.mails.map(messageId)
    expect(later).toHaveLength(2)
    expect(later.filter((id) => id === lost)).toHaveLength(1)
  })
})

import { createHash } from 'node:crypto'
import { PassThrough } from 'node:stream'
import type { EmailChannel } from '../../config/notify-settings.ts'
import type { SmtpUser } from '../../core/credential.ts'
import { deadlineWithin } from '../../core/deadline.ts'
import { plainLine } from '../../core/plain-line.ts'
import type { Attempt } from './post.ts'
import { type Bundle, headline, htmlOf, plainLines } from './text.ts'

export interface EmailMeans {
  readonly user: SmtpUser | undefined
  /** PEM, where the server's certificate comes from an authority of one's own. */
  readonly ca: string | undefined
}

/** Until the server has greeted, STARTTLS included. */
const connectMs = 60_000
/** RFC 5321 §4.5.3.2 asks for five minutes before the message, at each step, and for ten after its end. */
const stepSeconds = 300
const acceptanceSeconds = 600
/** How long one attempt may take. */
export const mailSeconds = stepSeconds + acceptanceSeconds

/** The same for the same notices, so that a server that took them can drop what comes again. */
const messageIdOf = ({ notices }: Bundle, from: string): string => {
  const ids = notices.map(({ id }) => id).toSorted()
  const hash = createHash('sha256').update(JSON.stringify(ids)).digest('hex')
  return `<${hash.slice(0, 40)}.yiwang@${from.slice(from.lastIndexOf('@') + 1)}>`
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  const code = 'code' in error ? String(error.code) : error.name
  const response = 'response' in error ? String(error.response) : ''
  return plainLine(`${code}: ${response === '' ? error.message : response}`, 200)
}

/** Whether the server said something of the message: what it refuses it does not have. */
const isAnswered = (error: unknown): boolean => error instanceof Error && 'responseCode' in error

/** Calls back when the last byte of a message has been read by who sends it. */
const whenRead = (done: () => void) => () =>
  new PassThrough({
    flush: (callback) => {
      done()
      callback()
    },
  })

/**
 * Sends an e-mail over TLS, never in the clear. Gives up when the signal aborts, or when the message is not out in five
 * minutes; one that is out is waited for as long as the server may take, for it would come twice.
 */
export const sendEmail = async (
  channel: EmailChannel,
  { user, ca }: EmailMeans,
  bundle: Bundle,
  signal: AbortSignal,
): Promise<Attempt> => {
  const { default: nodemailer } = await import('nodemailer')
  const { host, port, security, from, to } = channel
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: true,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: acceptanceSeconds * 1000,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    ...(user && { auth: { user: user.user, pass: user.password } }),
  })
  const [first] = bundle.notices
  using sending = deadlineWithin(signal, stepSeconds)
  const message = { isOut: false }
  transport.use('stream', (mail, next) => {
    mail.message.transform(
      whenRead(() => {
        message.isOut = true
        sending[Symbol.dispose]()
      }),
    )
    next()
  })
  try {
    await transport.sendMail({
      from,
      to: [...to],
      messageId: messageIdOf(bundle, from),
      subject: headline(bundle),
      text: plainLines(bundle).join('\n'),
      html: htmlOf(bundle),
      headers: { 'X-Yiwang-Notice': first?.id.replaceAll(/[^\w:.-]/gu, '_') ?? '' },
      signal: AbortSignal.any([signal, sending.signal]),
    })
    return { ok: true }
  } catch (error) {
    const detail = signal.aborted || sending.signal.aborted ? 'no answer in time' : wordsOf(error)
    const isUncertain = message.isOut && !isAnswered(error)
    return isUncertain ? { ok: false, detail, isUncertain } : { ok: false, detail }
  }
}

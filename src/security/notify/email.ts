import nodemailer from 'nodemailer'
import type { EmailChannel } from '../../config/notify-settings.ts'
import type { SmtpUser } from '../../core/credential.ts'
import { plainLine } from '../../core/plain-line.ts'
import type { Attempt } from './post.ts'
import { type Bundle, headline, htmlOf, plainLines } from './text.ts'

export interface EmailMeans {
  readonly user: SmtpUser | undefined
  /** PEM, where the server's certificate comes from an authority of one's own. */
  readonly ca: string | undefined
}

const stepMs = 10_000

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  const code = 'code' in error ? String(error.code) : error.name
  const response = 'response' in error ? String(error.response) : ''
  return plainLine(`${code}: ${response === '' ? error.message : response}`, 200)
}

/** Sends an e-mail over TLS, never in the clear. Gives up when the signal aborts. */
export const sendEmail = async (
  channel: EmailChannel,
  { user, ca }: EmailMeans,
  bundle: Bundle,
  signal: AbortSignal,
): Promise<Attempt> => {
  const { host, port, security, from, to } = channel
  const transport = nodemailer.createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: true,
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    ...(user && { auth: { user: user.user, pass: user.password } }),
  })
  const [first] = bundle.notices
  const aborted = new Promise<Attempt>((resolve) => {
    const giveUp = (): void => resolve({ ok: false, detail: 'no answer in time' })
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
  })
  const sent = transport
    .sendMail({
      from,
      to: [...to],
      subject: headline(bundle),
      text: plainLines(bundle).join('\n'),
      html: htmlOf(bundle),
      headers: { 'X-Yiwang-Notice': first?.id.replaceAll(/[^\w:.-]/gu, '_') ?? '' },
    })
    .then(
      (): Attempt => ({ ok: true }),
      (error: unknown): Attempt => ({ ok: false, detail: wordsOf(error) }),
    )
  const attempt = await Promise.race([sent, aborted])
  transport.close()
  return attempt
}

import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { deadlineWithin } from '../../../core/deadline.ts'
import { plainLine } from '../../../core/plain-line.ts'
import { wordsOf } from '../../../transport/exchange.ts'
import type { Send } from '../courier.ts'
import { framed, type SyslogForm, syslogOf } from '../forms/syslog.ts'
import { present, type Presenting } from '../present.ts'

export interface SyslogMeans extends Presenting, SyslogForm {
  readonly host: string
  readonly port: number
  /** In their certificate, where it is another than the host. */
  readonly serverName?: string | undefined
  readonly ca: string | undefined
  readonly identity: { readonly certificate: string; readonly key: string }
  readonly timeoutSeconds: number
}

/** A proxy that has nobody behind it hangs up about now; to be told from an answer to our closing. */
const quietMs = 250

const connect = ({ host, port, serverName, ca, identity }: SyslogMeans): tls.TLSSocket => {
  const socket = tls.connect({
    ...{ host, port, minVersion: 'TLSv1.2', allowHalfOpen: true },
    ...(serverName !== undefined && { servername: serverName }),
    ...{ cert: identity.certificate, key: identity.key },
    ...(ca !== undefined && { ca }),
  })
  socket.once('end', () => {
    if (!socket.writableEnded) socket.destroy(new Error('hung up before the end'))
  })
  // Whatever it may say, so that its end is seen.
  return socket.resume()
}

/** Rejects where the connection was not closed in order from both sides, after everything was written. */
const write = async (means: SyslogMeans, frames: Buffer, signal: AbortSignal): Promise<void> => {
  const socket = connect(means)
  const giveUp = (): void => void socket.destroy(new Error(`not closed within ${means.timeoutSeconds} s`))
  signal.addEventListener('abort', giveUp, { once: true })
  const closed = finished(socket)
  try {
    await Promise.race([once(socket, 'secureConnect'), closed])
    socket.write(frames)
    await Promise.race([sleep(quietMs), closed])
    socket.end()
    await closed
  } finally {
    signal.removeEventListener('abort', giveUp)
    socket.destroy()
  }
}

/**
 * Sends messages by syslog over TLS (RFC 5425), a connection an attempt. Syslog knows no receipt: a message counts as
 * accepted when the receiver has answered our close_notify by closing in order (§4.4), which it can only after it has
 * read what came before. Whether it stored them, it does not say. Anything else, and they are sent again.
 */
export const syslogSender =
  (means: SyslogMeans): Send =>
  async (messages, signal) => {
    using deadline = deadlineWithin(signal, means.timeoutSeconds)
    const frames = messages.map((message) => framed(syslogOf(present(message, means), means)))
    try {
      deadline.signal.throwIfAborted()
      await write(means, Buffer.concat(frames), deadline.signal)
      return {
        ok: true,
        receipts: messages.map(({ id }) => ({ id, result: 'accepted', detail: 'read over TLS' })),
      }
    } catch (error) {
      return { ok: false, detail: plainLine(wordsOf(error), 200) }
    }
  }

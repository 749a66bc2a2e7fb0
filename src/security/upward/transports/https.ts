import { z } from 'zod'
import { jsonOf } from '../../../core/json.ts'
import { plainLine } from '../../../core/plain-line.ts'
import {
  type Connection,
  openServer,
  type Reply,
  type ServerAddress,
  wordsOf,
} from '../../../transport/exchange.ts'
import type { Attempt, Send } from '../courier.ts'
import { jsonBody } from '../forms/json.ts'
import { present, type Presenting } from '../present.ts'

const words = z.string().max(1000)

/** What the platform above answers: a receipt (回执) for each message that it dealt with. */
const answer = z.object({
  receipts: z
    .array(
      z.object({
        id: z.string().max(200),
        result: z.enum(['accepted', 'duplicate', 'refused']),
        receipt: words.optional(),
        reason: words.optional(),
      }),
    )
    .max(10_000),
})

export interface HttpsMeans extends ServerAddress, Presenting {
  readonly source: string
  readonly token?: string | undefined
  readonly timeoutSeconds: number
}

const limitBytes = 1024 * 1024
const shown = (text: string): string => plainLine(text, 200)

/** Answers that say that these very messages will not be had. */
const ofContent: ReadonlySet<number> = new Set([400, 413, 422])

const attemptOf = ({ status, body }: Reply): Attempt => {
  if (status < 200 || status >= 300) {
    const said = shown(body.subarray(0, 1000).toString('utf8'))
    const detail = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
    return { ok: false, detail, isOfContent: ofContent.has(status) }
  }
  const { success, data } = answer.safeParse(jsonOf(body.toString('utf8')))
  if (!success) return { ok: false, detail: `HTTP ${status}, expected receipts in JSON, got something else` }
  return {
    ok: true,
    receipts: data.receipts.map(({ id, result, receipt, reason }) => ({
      id,
      result: result === 'refused' ? 'refused' : 'accepted',
      ...(receipt !== undefined && { receipt: shown(receipt) }),
      ...(reason === undefined
        ? result === 'duplicate' && { detail: 'duplicate' }
        : { detail: shown(reason) }),
    })),
  }
}

/** Posts messages as JSON, by a certificate of ours, and reads their receipts. Its connection is kept until it is disposed. */
export const httpsSender = (means: HttpsMeans): Disposable & { readonly send: Send } => {
  const { url, source, token, timeoutSeconds } = means
  const connection: Connection = openServer({ ...means, url: new URL('.', url) })
  const path = `${url.pathname.slice(url.pathname.lastIndexOf('/') + 1)}${url.search}`
  const send: Send = async (messages, signal) => {
    const body = Buffer.from(
      jsonBody(
        messages.map((message) => present(message, means)),
        source,
      ),
    )
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    try {
      const request = { method: 'POST' as const, path, headers, body, timeoutSeconds, limitBytes }
      return attemptOf(await connection.exchange(request, signal))
    } catch (error) {
      return { ok: false, detail: shown(wordsOf(error)) }
    }
  }
  return { send, [Symbol.dispose]: () => connection[Symbol.dispose]() }
}

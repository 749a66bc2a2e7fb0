import { createHmac } from 'node:crypto'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { type Peer, listening } from '../../support/peers.ts'

export interface Got {
  readonly url: URL
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface Stub extends Peer {
  readonly url: string
  readonly got: readonly Got[]
}

interface Said {
  readonly status?: number
  readonly headers?: http.OutgoingHttpHeaders
  readonly body: string
}

/** What the stub answers; undefined: never anything. */
export type Reply = (got: Got) => Said | undefined

/** An HTTP server that remembers what it was sent. */
export const stub = async (reply: Reply): Promise<Stub> => {
  const got: Got[] = []
  const server = http.createServer((request, response) => {
    void text(request).then((body) => {
      const one = { url: new URL(request.url ?? '', 'http://stub'), headers: request.headers, body }
      got.push(one)
      const said = reply(one)
      if (said !== undefined) response.writeHead(said.status ?? 200, said.headers).end(said.body)
    })
  })
  const peer = await listening(server)
  return { ...peer, url: `http://127.0.0.1:${peer.port}/robot?key=k`, got }
}

const hmac = (key: string, message: string, encoding: 'base64' | 'hex'): string =>
  createHmac('sha256', key).update(message).digest(encoding)

const refusal = (field: string, code: number, words: string) => ({
  body: JSON.stringify({ [field]: code, errmsg: words, msg: words }),
})
const taken = (field: string) => ({ body: JSON.stringify({ [field]: 0, errmsg: 'ok', msg: 'success' }) })
const isRecent = (seconds: number): boolean => Math.abs(Date.now() / 1000 - seconds) < 3600

/** Group robots, checking as their makers' documents say. */
export const robots: Readonly<
  Record<'wecom' | 'dingtalk' | 'feishu' | 'webhook', (secret: string) => Reply>
> = {
  wecom:
    () =>
    ({ body }) => {
      const { msgtype, markdown } = JSON.parse(body) as { msgtype: string; markdown: { content: string } }
      const fits = msgtype === 'markdown' && Buffer.byteLength(markdown.content) <= 4096
      return fits ? taken('errcode') : refusal('errcode', 40058, 'too long')
    },
  dingtalk:
    (secret) =>
    ({ url }) => {
      const [timestamp = '', sign] = ['timestamp', 'sign'].map((name) => url.searchParams.get(name) ?? '')
      const isSigned =
        sign === hmac(secret, `${timestamp}\n${secret}`, 'base64') && isRecent(Number(timestamp) / 1000)
      return isSigned ? taken('errcode') : refusal('errcode', 310_000, 'sign not match')
    },
  feishu:
    (secret) =>
    ({ body }) => {
      const { timestamp, sign, msg_type: type } = JSON.parse(body) as Record<string, string>
      const isSigned =
        sign === hmac(`${timestamp ?? ''}\n${secret}`, '', 'base64') && isRecent(Number(timestamp))
      return isSigned && type === 'post' ? taken('code') : refusal('code', 19_021, 'sign match fail')
    },
  webhook:
    (secret) =>
    ({ headers, body }) => {
      const timestamp = String(headers['x-yiwang-timestamp'])
      const isSigned =
        headers['x-yiwang-signature'] === `sha256=${hmac(secret, `${timestamp}.${body}`, 'hex')}`
      return isSigned ? { body: '' } : { status: 403, body: '' }
    },
}

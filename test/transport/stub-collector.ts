import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Plan } from '../../src/plan/plan.ts'
import { type Batch, batch as batchSchema } from '../../src/transport/wire.ts'

/** What the collector does with one request, beside what it should. */
export type Mischief =
  | { readonly kind: 'none' }
  /** The connection goes before anything is stored. */
  | { readonly kind: 'cut-before' }
  /** It is stored, and the connection goes before the answer. */
  | { readonly kind: 'cut-after' }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: string
      readonly headers?: http.OutgoingHttpHeaders
    }

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface StubCollector extends AsyncDisposable {
  readonly url: URL
  readonly seen: readonly SeenRequest[]
  /** Observations by `<stream> <sequence>`, as often as they were stored. */
  readonly stored: ReadonlyMap<string, readonly Batch['observations'][number][]>
  readonly batches: readonly Batch[]
  /** Decides for each request; default: no mischief. */
  mischief: (request: SeenRequest) => Mischief
  plan: Plan
}

const readAll = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
}

/** Forgets what it has already, as a collector must: by stream and sequence. */
const createStore = () => {
  const stored = new Map<string, Batch['observations'][number][]>()
  const reached = new Map<string, number>()
  const batches: Batch[] = []
  const take = (batch: Batch): number => {
    batches.push(batch)
    const { stream, firstSequence, observations } = batch
    const before = reached.get(stream) ?? 0
    for (const [index, observation] of observations.entries()) {
      const sequence = firstSequence + index
      if (sequence <= before) continue
      const key = `${stream} ${sequence}`
      stored.set(key, [...(stored.get(key) ?? []), observation])
    }
    reached.set(stream, Math.max(before, firstSequence + observations.length - 1))
    return reached.get(stream) ?? 0
  }
  return { stored, batches, take }
}

export const emptyPlan: Plan = { revision: 1, digest: 'a'.repeat(64), jobs: [] }

/** A collector in this process that stores as it should and misbehaves as it is told. */
export const stubCollector = async (tls?: {
  readonly cert: string
  readonly key: string
}): Promise<StubCollector> => {
  const { stored, batches, take } = createStore()
  const seen: SeenRequest[] = []
  const reply = (
    request: SeenRequest,
  ): { status: number; body?: unknown; headers?: http.OutgoingHttpHeaders } => {
    switch (`${request.method} ${request.url}`) {
      case 'POST /v1/batches':
        return { status: 200, body: { acknowledged: take(batchSchema.parse(JSON.parse(request.body))) } }
      case 'GET /v1/plan': {
        const etag = `"${self.plan.digest}"`
        if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag } }
        return { status: 200, body: self.plan, headers: { etag } }
      }
      case 'POST /v1/enroll':
        return { status: 200, body: { agent: 'a-1', key: 'key-1', vantage: 'public' } }
      case 'POST /v1/key':
        return { status: 200, body: { agent: 'a-1', key: 'key-2', vantage: 'public' } }
      default:
        return { status: 404, body: { error: 'nothing is here' } }
    }
  }
  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const body = await readAll(request)
    const { method = '', url = '', headers } = request
    const here = { method, url, headers, body }
    seen.push(here)
    const mischief = self.mischief(here)
    if (mischief.kind === 'cut-before') return void request.socket.destroy()
    if (mischief.kind === 'answer')
      return void response.writeHead(mischief.status, mischief.headers).end(mischief.body)
    const answer = reply(here)
    if (mischief.kind === 'cut-after') return void request.socket.destroy()
    response.writeHead(answer.status, answer.headers).end(answer.body && JSON.stringify(answer.body))
  }
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void =>
    void handle(request, response).catch(() => request.socket.destroy())
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('close', () => sockets.delete(socket))))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const self: StubCollector = {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    seen,
    stored,
    batches,
    mischief: () => ({ kind: 'none' }),
    plan: emptyPlan,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
  return self
}

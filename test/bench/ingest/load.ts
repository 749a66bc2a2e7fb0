import { once } from 'node:events'
import http from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { cpuSeconds, percentile } from '../process.ts'

/** One request that puts something into a peer. */
export interface Push {
  readonly method: 'POST' | 'PUT'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Figures {
  readonly pushes: number
  readonly pushesPerSecond: number
  /** Of the peer, for each push. */
  readonly cpuMilliseconds: number
  readonly p50Milliseconds: number
  readonly p99Milliseconds: number
  readonly bodyBytes: number
}

/** As many keep-alive connections for every peer. */
const connections = 16

const send = async (agent: http.Agent, { method, url, headers, body }: Push): Promise<void> => {
  const request = http.request(url, { method, agent, headers: { ...headers, 'content-length': body.length } })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const text = await response.setEncoding('utf8').toArray()
  // Unchecked, pushgateway says 202: it will put it down.
  if (![200, 202].includes(response.statusCode ?? 0))
    throw new Error(`${String(response.statusCode)} ${text.join('')}`)
}

const figuresOf = (
  latencies: readonly number[],
  bytes: number,
  cpu: number,
  milliseconds: number,
): Figures => ({
  pushes: latencies.length,
  pushesPerSecond: (latencies.length / milliseconds) * 1000,
  cpuMilliseconds: (cpu / latencies.length) * 1000,
  p50Milliseconds: percentile(latencies, 50),
  p99Milliseconds: percentile(latencies, 99),
  bodyBytes: Math.round(bytes / latencies.length),
})

/** Each connection pushes as soon as it has its answer, until none is left or the time is over. */
export const pushAll = async (
  pid: number,
  pushes: Iterator<Push>,
  seconds = Number.POSITIVE_INFINITY,
): Promise<Figures> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  let bytes = 0
  const cpuBefore = cpuSeconds(pid)
  const startedAt = performance.now()
  const isOver = (): boolean => performance.now() - startedAt > seconds * 1000
  const connection = async (): Promise<void> => {
    for (
      let next = pushes.next();
      !next.done;
      next = isOver() ? { done: true, value: undefined } : pushes.next()
    ) {
      const sentAt = performance.now()
      await send(agent, next.value)
      latencies.push(performance.now() - sentAt)
      bytes += next.value.body.length
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  const milliseconds = performance.now() - startedAt
  agent.destroy()
  return figuresOf(latencies, bytes, cpuSeconds(pid) - cpuBefore, milliseconds)
}

/** So many a second, whether answered or not. */
export const pushPaced = async (
  pid: number,
  pushes: readonly Push[],
  perSecond: number,
): Promise<Figures> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const cpuBefore = cpuSeconds(pid)
  const startedAt = performance.now()
  const sent = pushes.map(async (push, at) => {
    await setTimeout((at * 1000) / perSecond)
    const sentAt = performance.now()
    await send(agent, push)
    latencies.push(performance.now() - sentAt)
  })
  await Promise.all(sent)
  const milliseconds = performance.now() - startedAt
  agent.destroy()
  const bytes = pushes.reduce((sum, { body }) => sum + body.length, 0)
  return figuresOf(latencies, bytes, cpuSeconds(pid) - cpuBefore, milliseconds)
}

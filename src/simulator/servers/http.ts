import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Identity } from '../certificate.ts'
import { type Answer, doorPath, slowSeconds } from '../service.ts'
import { type Listener, type Place, listenTcp } from './listener.ts'

const pageOf = (name: string): string =>
  `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>${name}</title><h1>${name}</h1>` +
  '<p>模拟数据，仅供演示。This page is served by the yiwang simulator.</p></html>\n'

const sendPage = (name: string, response: http.ServerResponse): void => {
  const body = pageOf(name)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-simulated': 'yiwang',
  })
  response.end(body)
}

/** Answers late, unless the client has gone by then. */
const sendLate = async (name: string, response: http.ServerResponse): Promise<void> => {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    await sleep(slowSeconds * 1000, undefined, { signal: gone.signal })
    sendPage(name, response)
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
}

/** Paths that are out of order. */
const outPaths: Readonly<Partial<Record<Answer, string>>> = { 'front-out': '/', 'door-out': doorPath }

const handler =
  (name: string, answer: Answer): http.RequestListener =>
  (request, response) => {
    request.resume()
    if (answer === 'slow') return void sendLate(name, response)
    if (request.url === outPaths[answer])
      return void response.writeHead(503, { 'content-length': 0, 'x-simulated': 'yiwang' }).end()
    if (answer === 'redirect' && request.url === '/')
      return void response.writeHead(302, { location: '/portal/', 'content-length': 0 }).end()
    sendPage(name, response)
  }

/** A web site of one page; `name` is its title. */
export const httpServer = (name: string, answer: Answer, place: Place): Promise<Listener> =>
  listenTcp(http.createServer(handler(name, answer)), place)

/** The same over TLS 1.2 and 1.3. */
export const httpsServer = (
  { name, answer = 'page' }: { readonly name: string; readonly answer?: Answer | undefined },
  identity: Identity,
  place: Place,
): Promise<Listener> =>
  listenTcp(https.createServer({ ...identity, minVersion: 'TLSv1.2' }, handler(name, answer)), place)

import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { KeyPair } from '../support/certificates.ts'
import { type Peer, closing, listening } from '../support/peers.ts'

export const serve = (handler: http.RequestListener, address?: string): Promise<Peer> =>
  listening(http.createServer(handler), address)

export const serveTls = (pair: KeyPair, handler: http.RequestListener): Promise<Peer> =>
  listening(https.createServer(pair, handler))

export const html =
  (body: string | Buffer, headers: http.OutgoingHttpHeaders = {}, status = 200): http.RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)
  }

/** Pages by path; anything else is 404. Each request is noted as `GET /path`. */
export const site = (
  pages: Readonly<Record<string, string | http.RequestListener>>,
  seen: string[] = [],
): http.RequestListener => {
  return (request, response) => {
    seen.push(`${String(request.method)} ${String(request.url)}`)
    const page = pages[request.url ?? '']
    if (typeof page === 'function') page(request, response)
    else html(page ?? 'not here', {}, page === undefined ? 404 : 200)(request, response)
  }
}

const attempts = 10

/** One site on the same port of 127.0.0.1 and ::1. */
export const serveBoth = async (handler: http.RequestListener): Promise<Peer> => {
  for (let attempt = 1; ; attempt += 1) {
    const six = await serve(handler, '::1')
    const four = http.createServer(handler)
    const close = closing(four)
    four.listen(six.port, '127.0.0.1')
    try {
      await once(four, 'listening')
    } catch (error) {
      await six[Symbol.asyncDispose]()
      if (attempt === attempts) throw error
      continue
    }
    return {
      address: '127.0.0.1',
      port: six.port,
      [Symbol.asyncDispose]: async () => {
        await Promise.all([six[Symbol.asyncDispose](), close()])
      },
    }
  }
}

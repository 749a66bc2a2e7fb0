import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createAuthority } from '../../../src/simulator/certificate.ts'
import { systemAddress } from './design.ts'

/** A process of its own: HTTPS for the systems of the benchmark. Prints `{"port": …}` once all of them listen. */

const systemsPerServer = 30
const count = Number(process.argv[2])
const addresses = Array.from({ length: count }, (_, index) => systemAddress(index))

const page = `<!doctype html><html><head><meta charset="utf-8"><title>开封市人民政府门户网站</title></head><body>${'<p>政务公开 办事服务 互动交流</p>'.repeat(600)}</body></html>`
const packed = gzipSync(page)
const headers = {
  ...{ 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' },
  ...{ 'content-length': packed.length, 'strict-transport-security': 'max-age=31536000' },
  ...{ server: 'nginx', 'set-cookie': 'session=1; HttpOnly; Secure' },
}

const day = 86_400_000
const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 90 * day) }
const authority = createAuthority('yiwang bench', validity)

const secureServer = (names: readonly string[]): https.Server => {
  const { cert, key } = authority.issue({ commonName: names[0] ?? '', validity, names })
  return https.createServer({ cert: cert + authority.cert, key }, (_request, response) =>
    response.writeHead(200, headers).end(packed),
  )
}

/** One HTTPS server behind many listeners: a certificate for thirty addresses, not three hundred servers. */
const serve = async (group: readonly string[], port: number): Promise<number> => {
  const server = secureServer(group)
  let chosen = port
  for (const address of group) {
    const listener = net.createServer((socket) => server.emit('connection', socket)).listen(chosen, address)
    await once(listener, 'listening')
    chosen = (listener.address() as AddressInfo).port
  }
  return chosen
}

let port = 0
for (let from = 0; from < count; from += systemsPerServer)
  port = await serve(addresses.slice(from, from + systemsPerServer), port)
console.log(JSON.stringify({ port }))

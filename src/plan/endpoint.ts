import { endpointProblem, type endpointSchemes } from '../../inventory/endpoint.ts'

/** One probe that an endpoint stands for. */
export interface EndpointProbe {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  readonly discriminator: string
}

type Reading = readonly EndpointProbe[] | string

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/gu, '')

const portOf = (url: URL, fallback: number): number => (url.port === '' ? fallback : Number(url.port))

const http = (url: URL): EndpointProbe => ({
  kind: 'http',
  options: {
    address: hostOf(url),
    scheme: url.protocol.slice(0, -1),
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname + url.search,
  },
  discriminator: url.href.replace(/^https?:\/\/|\/$/gu, ''),
})

const https = (url: URL): readonly EndpointProbe[] => [
  http(url),
  {
    kind: 'tls',
    options: { address: hostOf(url), port: portOf(url, 443) },
    discriminator: `${url.hostname}:${portOf(url, 443)}`,
  },
]

const tcp = (url: URL): EndpointProbe => ({
  kind: 'tcp',
  options: { address: hostOf(url), port: Number(url.port) },
  discriminator: url.host,
})

const dns = (url: URL): EndpointProbe => {
  const name = url.pathname.slice(1)
  const type = url.searchParams.get('type') ?? 'A'
  const options = { address: hostOf(url), port: portOf(url, 53), name, type }
  return { kind: 'dns', options, discriminator: `${url.host}/${name}?type=${type}` }
}

const icmp = (url: URL): EndpointProbe => ({
  kind: 'icmp',
  options: { address: hostOf(url) },
  discriminator: url.hostname,
})

/** What each scheme of `endpointSchemes` asks for. */
const readers: Readonly<Record<keyof typeof endpointSchemes, (url: URL) => readonly EndpointProbe[]>> = {
  'https:': https,
  'http:': (url) => [http(url)],
  'tcp:': (url) => [tcp(url)],
  'dns:': (url) => [dns(url)],
  'icmp:': (url) => [icmp(url)],
}

/** What a system's endpoint asks to be probed, or what is wrong with it (expected what, got what). */
export const readEndpoint = (text: string): Reading => {
  const problem = endpointProblem(text)
  if (problem !== undefined) return problem
  const url = new URL(text)
  return readers[url.protocol as keyof typeof endpointSchemes](url)
}

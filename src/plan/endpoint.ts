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

const https = (url: URL): Reading => [
  http(url),
  {
    kind: 'tls',
    options: { address: hostOf(url), port: portOf(url, 443) },
    discriminator: `${url.hostname}:${portOf(url, 443)}`,
  },
]

const tcp = (url: URL): Reading =>
  url.port === ''
    ? 'expected tcp://host:port, got no port'
    : [{ kind: 'tcp', options: { address: hostOf(url), port: Number(url.port) }, discriminator: url.host }]

const dns = (url: URL): Reading => {
  const name = url.pathname.slice(1)
  if (name === '') return 'expected dns://server/name, got no name'
  const type = url.searchParams.get('type') ?? 'A'
  const options = { address: hostOf(url), port: portOf(url, 53), name, type }
  return [{ kind: 'dns', options, discriminator: `${url.host}/${name}?type=${type}` }]
}

const icmp = (url: URL): Reading => [
  { kind: 'icmp', options: { address: hostOf(url) }, discriminator: url.hostname },
]

/** The one list of endpoint schemes. */
const readers: Readonly<Record<string, (url: URL) => Reading>> = {
  https,
  http: (url) => [http(url)],
  tcp,
  dns,
  icmp,
}

const schemes = Object.keys(readers)
  .map((scheme) => `${scheme}://`)
  .join(', ')

/** What a system's endpoint asks to be probed, or what is wrong with it (expected what, got what). */
export const readEndpoint = (text: string): Reading => {
  const url = URL.parse(text)
  const reader = readers[url?.protocol.slice(0, -1) ?? '']
  if (url === null || reader === undefined) return `expected a URL of ${schemes}, got ${JSON.stringify(text)}`
  if (url.hostname === '') return `expected a host after ${url.protocol}//, got none`
  // The text is not repeated: it holds a secret.
  if (url.username !== '' || url.password !== '')
    return 'expected no user or password: name a credential instead'
  return reader(url)
}

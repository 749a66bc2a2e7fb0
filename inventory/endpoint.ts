import { address } from './model.ts'

/** What `system.endpoints` may begin with, and an example of each. */
export const endpointSchemes = {
  'https:': 'https://www.example.gov.cn/',
  'http:': 'http://192.0.2.1:8080/',
  'tcp:': 'tcp://192.0.2.1:5432',
  'dns:': 'dns://192.0.2.53/www.example.gov.cn',
  'icmp:': 'icmp://192.0.2.1',
} as const

const isHost = (host: string): boolean => address.safeParse(host.replace(/^\[(.*)\]$/u, '$1')).success

const isName = (path: string): boolean => address.safeParse(path.replace(/^\/(.*?)\.?$/u, '$1')).success

const schemeProblem = (url: URL): string | undefined => {
  if (url.protocol === 'tcp:' && url.port === '') return 'expected a port, as in tcp://192.0.2.1:5432'
  if (url.protocol === 'tcp:' && url.pathname !== '') return 'expected nothing behind the port'
  if (url.protocol === 'icmp:' && `${url.port}${url.pathname}` !== '')
    return 'expected nothing behind the host'
  if (url.protocol === 'dns:' && !isName(url.pathname))
    return 'expected a name to ask for, as in dns://192.0.2.53/www.example.gov.cn'
  return undefined
}

/** What is wrong with an endpoint of a system; undefined where nothing is. */
export const endpointProblem = (text: string): string | undefined => {
  const url = URL.parse(text)
  if (url === null || !(url.protocol in endpointSchemes))
    return `expected a URL such as ${Object.values(endpointSchemes).join(', ')}, got ${text}`
  // Not shown: it may be a password.
  if (url.username !== '' || url.password !== '')
    return 'expected no user or password in the URL: secrets are kept by the agent, by name'
  if (!isHost(url.hostname)) return `expected a host name or an IP address, got ${url.hostname || text}`
  const problem = schemeProblem(url)
  return problem === undefined ? undefined : `${problem}, got ${text}`
}

import { z } from 'zod'
import { common, family, port } from '../spec.ts'

/** Options of every kind that asks a web server: where it is, and what for. */
export const site = {
  ...common,
  port: port.optional().describe('TCP port (default: 80 for http, 443 for https)'),
  family,
  scheme: z.enum(['http', 'https']).default('https').describe('http or https'),
  host: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe('name to send as Host and SNI (default: the address); redirects to it stay at the address'),
  path: z.string().max(2000).startsWith('/').default('/').describe('path and query to ask for'),
}

/** For kinds that ask many times in one run. */
export const patience = {
  timeoutSeconds: z.number().positive().max(120).default(30).describe('deadline of the run, in seconds'),
  requestTimeoutSeconds: z
    .number()
    .positive()
    .max(60)
    .default(5)
    .describe('deadline of each request, in seconds'),
}

export const userAgent = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[\x20-\x7e]+$/u, 'expected printable ASCII')
  .default('yiwang')
  .describe('user agent to ask as; some altered pages show the change to search engines only')

export const bodyLimitBytes = z
  .int()
  .min(1024)
  .max(4 * 1024 * 1024)
  .default(1024 * 1024)
  .describe('how much of each page to read')

export interface Site {
  readonly address: string
  readonly scheme: 'http' | 'https'
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path: string
}

/** A host as URLs write it: an IPv6 address in brackets, without its zone. */
const authority = (host: string): string => (host.includes(':') ? `[${host.replace(/%.*$/u, '')}]` : host)

/** The URL that a spec asks for. */
export const urlOf = ({ scheme, host, address, port: number, path }: Site): string =>
  `${scheme}://${authority(host ?? address)}${number === undefined ? '' : `:${String(number)}`}${path}`

/** A spec's refinement: its host is one that a URL can carry. */
export const isAskable = (spec: Site): boolean => URL.canParse(urlOf(spec))
export const askable = { path: ['host'], error: 'expected a host name or an address' }

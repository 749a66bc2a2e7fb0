import type { IncomingHttpHeaders } from 'node:http'
import { bounded } from '../net/text.ts'

/** Software that a server names, RFC 9110 §10.2.4. */
export interface Software {
  /** Header that names it. */
  readonly header: string
  readonly product: string
  readonly version?: string
}

const telling = [
  'server',
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-generator',
  'x-drupal-cache',
  'x-runtime',
] as const

const maxProducts = 8
/** Headers whose whole value is a version. */
const versionOnly: Readonly<Record<string, string>> = {
  'x-aspnet-version': 'ASP.NET',
  'x-aspnetmvc-version': 'ASP.NET MVC',
}

const productOf = (header: string, token: string): Software => {
  const [product = '', version = ''] = token.split('/', 2)
  return {
    header,
    product: bounded(product, 60),
    ...(version !== '' && { version: bounded(version, 60) }),
  }
}

const productsIn = (header: string, value: string): readonly Software[] => {
  const only = versionOnly[header]
  if (only !== undefined) return [{ header, product: only, version: bounded(value, 60) }]
  return value
    .slice(0, 2000)
    .replace(/\([^)]*\)/gu, ' ')
    .split(/[\s,;]+/u)
    .filter((token) => token !== '')
    .slice(0, maxProducts)
    .map((token) => productOf(header, token))
}

/** The products that an answer's headers name, with their versions. Never throws. */
export const softwareOf = (headers: IncomingHttpHeaders): readonly Software[] =>
  telling.flatMap((header) => {
    const value = headers[header]
    return typeof value === 'string' ? productsIn(header, value) : []
  })

import type { IncomingHttpHeaders } from 'node:http'
import { bounded } from '../net/text.ts'

/** Headers that say what the server is and how it guards its pages. */
const kept = [
  'server',
  'content-type',
  'content-length',
  'content-encoding',
  'strict-transport-security',
  'x-frame-options',
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
] as const

/** The headers worth keeping, each as one bounded line. */
export const keptHeaders = (headers: IncomingHttpHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, bounded(value)]] : []
    }),
  )

import { isIP } from 'node:net'
import type { System } from '../../inventory/model.ts'
import { factsIn, textAt } from '../facts/read.ts'
import type { Look } from './types.ts'

/** Where systems are, and which look went where. */

export interface Place {
  readonly host: string
  readonly port?: number
}

const usualPorts: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80, 'dns:': 53 }

/** Host names and addresses of a URL are compared in lower case, without brackets. */
export const placeOf = (text: string): Place | undefined => {
  const url = URL.parse(text)
  if (url === null || url.hostname === '') return undefined
  const port = url.port === '' ? usualPorts[url.protocol] : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/gu, '').toLowerCase(), ...(port !== undefined && { port }) }
}

export const placesOf = ({ endpoints }: System): readonly Place[] =>
  endpoints.flatMap((text) => placeOf(text) ?? [])

/** The same host and, where both are known, the same port. */
export const isSame = (one: Place, other: Place): boolean =>
  one.host === other.host && (one.port === undefined || other.port === undefined || one.port === other.port)

export const wentTo = ({ address, port }: Look): Place => ({
  host: address.toLowerCase(),
  ...(port !== undefined && { port }),
})

/** The addresses that a look met: the one that answered, or those that a name server gave. */
export const addressesMet = ({ address, kind, seen: { facts } }: Look): readonly string[] => {
  if (kind === 'dns')
    return factsIn(facts, 'answers').flatMap((answer) => {
      const data = textAt(answer, 'data') ?? ''
      return isIP(data) > 0 ? [data] : []
    })
  const remote = textAt(facts, 'remoteAddress') ?? address
  return isIP(remote) > 0 ? [remote] : []
}

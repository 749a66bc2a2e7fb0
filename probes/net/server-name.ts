import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** A name as SNI carries it (RFC 6066 §3) and certificates have it: in ASCII, without the dot of the root. */
export const serverNameOf = (name: string): string =>
  isIP(name) === 0 ? domainToASCII(name).replace(/\.$/u, '') || name : name

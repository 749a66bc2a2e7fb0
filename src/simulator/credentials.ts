import { randomBytes } from 'node:crypto'
import type { SnmpCredential } from './servers/snmp.ts'
import { credentialNames } from './devices.ts'

export type Credentials = Readonly<Record<string, SnmpCredential>>

const secret = (): string => randomBytes(12).toString('base64url')

const user = (authProtocol: 'sha1' | 'sha256'): SnmpCredential => ({
  kind: 'snmp-user',
  user: `demo-${authProtocol}`,
  authProtocol,
  authPassword: secret(),
  privProtocol: 'aes128',
  privPassword: secret(),
})

/** SNMP credentials of the simulated devices, made anew, by the names that the inventory uses. */
export const generateCredentials = (): Credentials => ({
  [credentialNames.community]: { kind: 'snmp-community', community: secret() },
  [credentialNames.sha1]: user('sha1'),
  [credentialNames.sha256]: user('sha256'),
})

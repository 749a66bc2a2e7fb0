/** Secrets an agent holds. Plans and inventory name them; values live in the agent's secrets file or environment. */
export type Credential = SnmpCommunity | SnmpUser | BearerToken | Endpoint | SmtpUser

export interface SnmpCommunity {
  readonly kind: 'snmp-community'
  readonly community: string
}

/** RFC 3414 user with authPriv: HMAC-SHA-1/SHA-256 (RFC 7860) and AES-128 (RFC 3826). */
export interface SnmpUser {
  readonly kind: 'snmp-user'
  readonly user: string
  readonly authProtocol: 'sha1' | 'sha256'
  readonly authPassword: string
  readonly privProtocol: 'aes128'
  readonly privPassword: string
}

export interface BearerToken {
  readonly kind: 'bearer'
  readonly token: string
}

/** An address that is itself a secret, such as a group robot's, and the key with which what is sent there is signed. */
export interface Endpoint {
  readonly kind: 'endpoint'
  readonly url: string
  readonly secret?: string | undefined
}

export interface SmtpUser {
  readonly kind: 'smtp'
  readonly user: string
  readonly password: string
}

import { randomBytes } from 'node:crypto'
import { bounded } from '../net/text.ts'
import { readStrings, stringOf } from './packet.ts'

/** RFC 4253 §7.1: what a server offers, in its order. */
export interface KexInit {
  readonly kex: readonly string[]
  readonly hostKey: readonly string[]
  readonly cipherToServer: readonly string[]
  readonly cipherToClient: readonly string[]
  readonly macToServer: readonly string[]
  readonly macToClient: readonly string[]
  readonly compressionToServer: readonly string[]
  readonly compressionToClient: readonly string[]
}

export const messages = { disconnect: 1, kexInit: 20, exchangeInit: 30, exchangeReply: 31 } as const

const cookieBytes = 16
const listCount = 10
const maxNames = 200
/** RFC 4251 §6. */
const maxNameLength = 64

const namesOf = (list: Buffer | undefined): readonly string[] =>
  (list ?? Buffer.alloc(0))
    .toString('latin1')
    .split(',', maxNames)
    .map((name) => bounded(name, maxNameLength))
    .filter((name) => name !== '')

/** Reads the payload of SSH_MSG_KEXINIT; undefined for anything else. Never throws. */
export const readKexInit = (payload: Buffer): KexInit | undefined => {
  if (payload[0] !== messages.kexInit) return undefined
  const lists = readStrings(payload, 1 + cookieBytes, listCount)
  if (lists === undefined) return undefined
  const [kex, hostKey, cipherToServer, cipherToClient, macToServer, macToClient, ...compression] = lists
  return {
    kex: namesOf(kex),
    hostKey: namesOf(hostKey),
    cipherToServer: namesOf(cipherToServer),
    cipherToClient: namesOf(cipherToClient),
    macToServer: namesOf(macToServer),
    macToClient: namesOf(macToClient),
    compressionToServer: namesOf(compression[0]),
    compressionToClient: namesOf(compression[1]),
  }
}

/** A client's SSH_MSG_KEXINIT that wants one exchange and one host key, and else whatever the server has. */
export const kexInitFor = (offered: KexInit, kex: string, hostKey: string): Buffer => {
  const { cipherToServer, cipherToClient, macToServer, macToClient } = offered
  const { compressionToServer, compressionToClient } = offered
  const lists = [
    [kex],
    [hostKey],
    cipherToServer,
    cipherToClient,
    macToServer,
    macToClient,
    compressionToServer,
    compressionToClient,
    [],
    [],
  ]
  const noGuessAndReserved = Buffer.alloc(5)
  return Buffer.concat([
    Buffer.of(messages.kexInit),
    randomBytes(cookieBytes),
    ...lists.map((names) => stringOf(Buffer.from(names.join(','), 'latin1'))),
    noGuessAndReserved,
  ])
}

import { randomBytes } from 'node:crypto'

/** The salt counts on from a random start: within a process it does not come twice (RFC 3826 §3.1.2.1). */
const salt = randomBytes(8)

export const nextSalt = (): Buffer => {
  salt.writeBigUInt64BE(BigInt.asUintN(64, salt.readBigUInt64BE() + 1n))
  return Buffer.from(salt)
}

import type { Varbind } from 'net-snmp'
import { bounded } from '../net/text.ts'

/** RFC 3416 §3: noSuchObject, noSuchInstance and endOfMibView stand where a value would. */
export const isException = ({ type }: Varbind): boolean => type >= 0x80

const gb18030 = new TextDecoder('gb18030')

/**
 * DisplayString is ASCII and SnmpAdminString UTF-8, but descriptions typed on Chinese terminals are often GBK.
 * Agents cut long ones anywhere: as a stream, UTF-8 may end within a character.
 */
const decode = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return gb18030.decode(bytes)
  }
}

/** RFC 2579: a DisplayString has at most 255 octets. */
const maxTextLength = 255

/** One line of text without control characters, or undefined where there is none (empty included). */
export const textOf = (varbind: Varbind | undefined): string | undefined => {
  if (varbind === undefined || !Buffer.isBuffer(varbind.value)) return undefined
  const text = bounded(decode(varbind.value), maxTextLength)
  return text === '' ? undefined : text
}

/** Octets of a Counter64 on the wire: eight, and one of sign. */
const maxCounterBytes = 9

const counter64 = (bytes: Buffer): number | undefined =>
  bytes.length === 0 || bytes.length > maxCounterBytes || (bytes.length === maxCounterBytes && bytes[0] !== 0)
    ? undefined
    : Number(BigInt(`0x${bytes.toString('hex')}`))

/** A counter, gauge or time: a whole number from 0 on. Past 2^53 the last digits are rounded. */
export const countOf = (varbind: Varbind | undefined): number | undefined => {
  if (varbind === undefined || isException(varbind)) return undefined
  const { value } = varbind
  if (Buffer.isBuffer(value)) return counter64(value)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

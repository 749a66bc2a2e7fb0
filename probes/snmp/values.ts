import { isAscii } from 'node:buffer'
import { bounded } from '../net/text.ts'
import type { Varbind } from './message/pdu.ts'

const gb18030 = new TextDecoder('gb18030')

/**
 * DisplayString is ASCII and SnmpAdminString UTF-8, but descriptions typed on Chinese terminals are often GBK.
 * Agents cut long ones anywhere: as a stream, UTF-8 may end within a character.
 */
const decode = (bytes: Buffer): string => {
  if (isAscii(bytes)) return bytes.toString('latin1')
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

/** A counter, gauge or time: a whole number from 0 on. Past 2^53 the last digits are rounded. */
export const countOf = (varbind: Varbind | undefined): number | undefined =>
  typeof varbind?.value === 'number' && varbind.value >= 0 ? varbind.value : undefined

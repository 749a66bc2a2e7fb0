const tags = { sequence: 0x30, peer: 0xa3 } as const

interface Element {
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** One element of DER; undefined where there is no whole one. */
const elementAt = (bytes: Buffer, at: number): Element | undefined => {
  const first = bytes[at + 1] ?? 0
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  const start = at + 2 + lengthBytes
  if (lengthBytes > 4 || first === 0x80 || start > bytes.length) return undefined
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes)
  return start + length > bytes.length ? undefined : { tag: bytes[at] ?? 0, start, end: start + length }
}

/** The longest name that may stand before a session, and what else Node writes there. */
const mostPrefix = 320

/** Node puts the name that was asked for before OpenSSL’s part, which reaches to the end. */
const sessionIn = (bytes: Buffer): Element | undefined => {
  for (
    let at = bytes.indexOf(tags.sequence);
    at >= 0 && at < mostPrefix;
    at = bytes.indexOf(tags.sequence, at + 1)
  ) {
    const whole = elementAt(bytes, at)
    if (whole?.end === bytes.length) return whole
  }
  return undefined
}

/**
 * The peer’s own certificate (DER) in a session as OpenSSL writes it (`i2d_SSL_SESSION`, `[3] EXPLICIT`): the
 * cheapest way to learn who answered. Undefined where there is none.
 */
export const certificateIn = (session: Buffer): Buffer | undefined => {
  const whole = sessionIn(session)
  let next = whole && elementAt(session, whole.start)
  while (next !== undefined && next.tag !== tags.peer) next = elementAt(session, next.end)
  return next && session.subarray(next.start, next.end)
}

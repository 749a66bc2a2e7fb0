/** GB 18030 of text: what Node’s decoder reads, turned round. */

const decoder = new TextDecoder('gb18030', { fatal: true })

const charOf = (bytes: readonly number[]): string | undefined => {
  try {
    return decoder.decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

/** The place of a sequence of four bytes, and the sequence at a place. */
const fourAt = (place: number): readonly number[] => [
  0x81 + Math.floor(place / 12_600),
  0x30 + (Math.floor(place / 1260) % 10),
  0x81 + (Math.floor(place / 10) % 126),
  0x30 + (place % 10),
]

/** Of the basic plane there are 39,420; the other planes follow in order from place 189,000 on. */
function* sequences(): Generator<readonly number[]> {
  for (let lead = 0x81; lead <= 0xfe; lead += 1)
    for (let trail = 0x40; trail <= 0xfe; trail += 1) yield [lead, trail]
  for (let place = 0; place < 39_420; place += 1) yield fourAt(place)
}

const known = new Map<string, readonly number[]>()

const bytesOf = (char: string): readonly number[] => {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x80) return [code]
  if (code >= 0x10000) return fourAt(189_000 + code - 0x10000)
  if (known.size === 0)
    for (const bytes of sequences()) {
      const one = charOf(bytes)
      if (one !== undefined && !known.has(one)) known.set(one, bytes)
    }
  return known.get(char) ?? []
}

/** Throws where a character has no place there. */
export const encodeGb18030 = (text: string): Uint8Array => {
  const bytes = Uint8Array.from(Array.from(text).flatMap(bytesOf))
  if (decoder.decode(bytes) !== text) throw new Error(`not in GB 18030: ${text}`)
  return bytes
}

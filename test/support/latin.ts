/** What of Latin letters may stand in text for officials: names and codes that have no other form. */
const allowed: readonly RegExp[] = [
  // Addresses of pages and hosts, identifiers, commands to be typed, times, hashes.
  /\b[a-z]+:\/\/\S+/giu,
  /yiwang [^（）。；，]*/gu,
  /\b\d{4}-\d{2}-\d{2}T[\d:+Z.]+/gu,
  /\b[0-9a-f]{40,}\b/gu,
  /\b(?=[\w./@:-]*[\d/@.:-])[\w][\w./@:-]*\w\b/gu,
  // Protocols and codes are written in capitals.
  /\b(?!E[A-Z]{5,}\b)[A-Z][A-Z0-9_]*\b/gu,
  /\b(?:HTTPv?\d?|IPv[46]|TLSv?[\d.]*|SHA-256|Telnet|Cookie|Secure)\b/gu,
]

/** Words of a text that are neither Chinese nor a name or code: `expected`, `ECONNREFUSED`. */
export const latinWords = (text: string): readonly string[] =>
  allowed.reduce((rest, pattern) => rest.replaceAll(pattern, ' '), text).match(/[A-Za-z]{2,}/gu) ?? []

/** What the model of a report says of itself, and not to its readers. */
const ofModel: ReadonlySet<string> = new Set(['kind', 'shape', 'format'])

/** Every text of a report's model that is printed somewhere. */
export function* textsIn(value: unknown): Generator<string, void> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const [name, each] of Object.entries(value)) if (!ofModel.has(name)) yield* textsIn(each)
}

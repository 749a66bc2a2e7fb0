import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { fallbacks } from './layout.ts'

/** The least time that a ZIP can hold; which one does not matter, as long as it is always the same. */
const zipTime = new Date(1980, 0, 1)

const stamped = (core: string, at: string): string =>
  core.replaceAll(
    /(<dcterms:(?:created|modified)[^>]*>)[^<]*/gu,
    `$1${new Date(at).toISOString().replace(/\.\d+/u, '')}`,
  )

const fontTable = (): string => {
  const entries = Object.entries(fallbacks).map(
    ([name, others]) =>
      `<w:font w:name="${name}"><w:altName w:val="${others}"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="default"/></w:font>`,
  )
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">${entries.join('')}</w:fonts>`
}

type Parts = Readonly<Record<string, Uint8Array>>

const packed = (parts: Parts): Uint8Array => {
  const sorted = Object.entries(parts).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return zipSync(Object.fromEntries(sorted), { mtime: zipTime, level: 6 })
}

/** The same archive without the time at which it was made. */
export const repacked = (docx: Uint8Array): Uint8Array => packed(unzipSync(docx))

/**
 * The same document without the time at which it was made, in core properties and archive, and with fonts that stand in
 * for those it names. `at`: the time of its evidence.
 */
export const stable = (docx: Uint8Array, at: string): Uint8Array => {
  const parts = unzipSync(docx)
  const core = parts['docProps/core.xml']
  if (core === undefined) throw new Error('expected docProps/core.xml in the document')
  parts['docProps/core.xml'] = strToU8(stamped(strFromU8(core), at))
  parts['word/fontTable.xml'] = strToU8(fontTable())
  return packed(parts)
}

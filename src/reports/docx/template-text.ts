import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { Parser } from 'htmlparser2'
import { body } from './layout.ts'

/** The text of a template as Word and WPS store it: split over runs, some of them within other things. */

/** Parts in which placeholders are filled in. */
export const isFilled = (part: string): boolean =>
  /^word\/(document|header\d*|footer\d*|footnotes|endnotes)\.xml$/u.test(part)

export const keysIn = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{(.*?)\}\}/gu)].map(([, key = '']) => key.trim())

/** Things within a paragraph whose runs are not the paragraph's own. */
const withinNames = {
  'w:hyperlink': 'link',
  'w:sdt': 'control',
  'w:fldSimple': 'field',
  'm:oMath': 'formula',
} as const
export type Within = (typeof withinNames)[keyof typeof withinNames] | 'paragraph'

export interface TemplateParagraph {
  readonly text: string
  /** Of the runs that are the paragraph's own. */
  readonly plain: string
  /** The last thing in it that holds text of its own. */
  readonly within?: Exclude<Within, 'paragraph'>
  /** It stands in a text box. */
  readonly isBoxed: boolean
}

interface Open {
  text: string
  plain: string
  within?: Exclude<Within, 'paragraph'>
  readonly isBoxed: boolean
  /** Names of the elements that are open in it. */
  readonly path: string[]
}

const isWithin = (name: string): name is keyof typeof withinNames => name in withinNames

const addText = (open: Open, text: string, isResult: boolean): void => {
  const holder = open.path.findLast(isWithin)
  open.text += text
  if (holder !== undefined) open.within = withinNames[holder]
  else if (isResult) open.within = 'field'
  else open.plain += text
}

/** Each paragraph of a part, whatever runs its text is split into. */
export const paragraphsIn = (part: string): readonly TemplateParagraph[] => {
  const found: TemplateParagraph[] = []
  const open: Open[] = []
  /** Fields that have begun and not ended: what they show may be in other paragraphs too. */
  let fields = 0
  const parser = new Parser(
    {
      onopentag: (name, { 'w:fldCharType': type }) => {
        const last = open.at(-1)
        if (name === 'w:fldChar') fields += type === 'begin' ? 1 : type === 'end' ? -1 : 0
        if (name === 'w:p')
          open.push({ text: '', plain: '', isBoxed: last?.path.includes('w:txbxContent') === true, path: [] })
        else last?.path.push(name)
      },
      ontext: (text) => {
        const last = open.at(-1)
        if (last?.path.at(-1) === 'w:t') addText(last, text, fields > 0)
      },
      onclosetag: (name) => {
        if (name !== 'w:p') return void open.at(-1)?.path.pop()
        const closed = open.pop()
        if (closed !== undefined) found.push(closed)
      },
    },
    { xmlMode: true },
  )
  parser.end(part)
  return found
}

/** Word marks dates, places and measures by itself, also within a placeholder; what it marks is plain text. */
const unmarked = (xml: string): string =>
  xml
    .replaceAll(/<w:smartTagPr\b[^>]*\/>|<w:smartTagPr\b[^>]*>.*?<\/w:smartTagPr>/gsu, '')
    .replaceAll(/<\/?w:smartTag\b[^>]*>/gu, '')

/** The same document without smart tags, whose text stays; the same bytes where there are none. */
export const withoutSmartTags = (bytes: Uint8Array): Uint8Array => {
  const parts = unzipSync(bytes)
  const marked = Object.entries(parts).filter(
    ([part, content]) => isFilled(part) && strFromU8(content).includes('<w:smartTag'),
  )
  if (marked.length === 0) return bytes
  for (const [part, content] of marked) parts[part] = strToU8(unmarked(strFromU8(content)))
  return zipSync(parts)
}

/** In twips; a narrower text is rather a label than a report. */
const leastWidth = 2880

/** Between the margins of a document's sections, the narrowest; that of 公文 where it does not say. */
export const textWidth = (document: string): number => {
  const sections = [...document.matchAll(/<w:sectPr\b.*?<\/w:sectPr>/gsu)].flatMap(([section]) => {
    const of = (pattern: RegExp): number => Number(pattern.exec(section)?.[1])
    const width =
      of(/<w:pgSz\b[^>]*\bw:w="(\d+)"/u) -
      of(/<w:pgMar\b[^>]*\bw:left="(\d+)"/u) -
      of(/<w:pgMar\b[^>]*\bw:right="(\d+)"/u)
    return width >= leastWidth ? [width] : []
  })
  return Math.min(body.width, ...sections)
}

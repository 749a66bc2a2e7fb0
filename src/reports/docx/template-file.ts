import { createHash } from 'node:crypto'
import { patchDetector } from 'docx'
import { strFromU8, unzipSync } from 'fflate'
import { Parser } from 'htmlparser2'
import { nearest } from '../../core/nearest.ts'
import { type Problem, UsageFault } from '../../core/fault.ts'
import { placeholders, required } from './placeholders.ts'
import {
  isFilled,
  keysIn,
  paragraphsIn,
  type TemplateParagraph,
  type Within,
  textWidth,
  withoutSmartTags,
} from './template-text.ts'

/** A template that may be filled in: a Word document that brings no code and fetches nothing. */
export interface Template {
  readonly name: string
  readonly sha256: string
  readonly bytes: Uint8Array
  /** Placeholders that stand in it. */
  readonly keys: readonly string[]
  /** Of its text between the margins, in twips; of several sections the narrowest. */
  readonly width: number
}

/** A Word document holds fewer and smaller parts; pictures are in it as they are. */
const limits = { bytes: 20_000_000, parts: 2000, unpackedBytes: 100_000_000 } as const

const refuse = (where: string, message: string, suggestion?: string): UsageFault =>
  new UsageFault([{ where, message, ...(suggestion !== undefined && { suggestion }) }])

/** Its XML parts. Throws before anything is unpacked that is too large. */
const unpacked = (name: string, bytes: Uint8Array): Readonly<Record<string, Uint8Array>> => {
  let [parts, size] = [0, 0]
  try {
    return unzipSync(bytes, {
      filter: ({ name: part, originalSize }) => {
        parts += 1
        size += originalSize
        if (parts > limits.parts || size > limits.unpackedBytes)
          throw refuse(
            name,
            `expected at most ${limits.parts} parts of ${limits.unpackedBytes} bytes, got more`,
          )
        if (/vbaProject|vbaData|\.bin$/iu.test(part))
          throw refuse(name, `contains macros or embedded objects (${part})`, 'save it as .docx without them')
        return /\.(xml|rels)$/iu.test(part)
      },
    })
  } catch (error) {
    if (error instanceof UsageFault) throw error
    throw refuse(
      name,
      'expected a Word document (.docx), got a file that is none',
      'save it as .docx in Word or WPS',
    )
  }
}

/** What a relationship fetches when the document is opened; links are followed by people only. */
const fetched = (parts: Readonly<Record<string, Uint8Array>>): string | undefined =>
  Object.entries(parts)
    .filter(([part]) => part.endsWith('.rels'))
    .flatMap(([, bytes]) => strFromU8(bytes).match(/<Relationship\b[^>]*>/gu) ?? [])
    .find((tag) => /TargetMode\s*=\s*["']External/iu.test(tag) && !/\/hyperlink["']/iu.test(tag))

/** What each field of a part is told to do, whatever runs that is split into. */
const instructionsIn = (part: Uint8Array): readonly string[] => {
  const all: string[] = []
  let isInstruction = false
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        isInstruction = name === 'w:instrText'
        if (name === 'w:fldSimple') all.push(attributes['w:instr'] ?? '')
        if (name === 'w:fldChar' && attributes['w:fldCharType'] === 'begin') all.push('')
      },
      ontext: (text) => {
        if (isInstruction) all.push(`${all.pop() ?? ''}${text}`)
      },
      onclosetag: () => {
        isInstruction = false
      },
    },
    { xmlMode: true },
  )
  parser.end(strFromU8(part))
  return all
}

/** Fields that read another file, or run a program, when they are brought up to date. */
const fetching = /^\s*(?:DDE|DDEAUTO|IMPORT|INCLUDE|INCLUDEPICTURE|INCLUDETEXT|LINK)\b/iu

const fetchingField = (parts: Readonly<Record<string, Uint8Array>>): string | undefined =>
  Object.entries(parts)
    .filter(([part]) => /^word\/.*\.xml$/u.test(part))
    .flatMap(([, bytes]) => instructionsIn(bytes))
    .map((instruction) => fetching.exec(instruction)?.[0].trim())
    .find((name) => name !== undefined)

const refuseActive = (name: string, parts: Readonly<Record<string, Uint8Array>>): void => {
  const types = parts['[Content_Types].xml']
  if (types === undefined || parts['word/document.xml'] === undefined)
    throw refuse(name, 'expected a Word document (.docx), got another kind of ZIP file')
  if (/macroEnabled|vbaProject/iu.test(strFromU8(types)))
    throw refuse(name, 'contains macros', 'save it as .docx without macros')
  if (fetched(parts) !== undefined)
    throw refuse(
      name,
      'expected a document that fetches nothing, got one that refers to a file elsewhere (template, picture or object)',
      'put pictures into the document, and take the attached template off',
    )
  const field = fetchingField(parts)
  if (field !== undefined)
    throw refuse(
      name,
      `expected a document that fetches nothing, got one with a field ${field}`,
      'put its result in the place of the field (Ctrl+Shift+F9 in Word)',
    )
}

/** A template of Word's own kind, the strict form, and changes that are still to be accepted. */
const refuseUnready = (name: string, parts: Readonly<Record<string, Uint8Array>>): void => {
  if (
    /wordprocessingml\.template\.main\+xml/u.test(strFromU8(parts['[Content_Types].xml'] ?? new Uint8Array()))
  )
    throw refuse(name, 'expected a document (.docx), got a template of Word (.dotx)', 'save it as .docx')
  const texts = Object.entries(parts)
    .filter(([part]) => isFilled(part))
    .map(([, bytes]) => strFromU8(bytes))
  if (texts.some((text) => text.includes('http://purl.oclc.org/ooxml/wordprocessingml/main')))
    throw refuse(
      name,
      'expected a Word document, got one in the strict form (Strict Open XML)',
      'save it as “Word 文档 (*.docx)”',
    )
  if (texts.some((text) => /<w:(?:ins|del|moveFrom|moveTo) /u.test(text)))
    throw refuse(
      name,
      'expected a finished document, got one with tracked changes (修订)',
      'accept or reject all changes (审阅 → 接受), and save it again',
    )
}

const known = placeholders.map(({ key }) => key)

/** Where what people see as one place is kept; of the text itself nothing need be said. */
const partNames: readonly (readonly [RegExp, string])[] = [
  [/\/header\d*\.xml$/u, 'header (页眉)'],
  [/\/footer\d*\.xml$/u, 'footer (页脚)'],
  [/\/footnotes\.xml$/u, 'footnotes (脚注)'],
  [/\/endnotes\.xml$/u, 'endnotes (尾注)'],
]

/** The document, and where in it. */
const placeOf = (name: string, part: string): string => {
  const place = partNames.find(([pattern]) => pattern.test(part))?.[1]
  return place === undefined ? name : `${name}, ${place}`
}

const unknownProblem = (where: string, key: string): Problem => {
  const meant = nearest(key, known)
  return {
    where,
    message: `expected a known placeholder, got {{${key}}}`,
    ...(meant !== undefined && { suggestion: `did you mean {{${meant}}}?` }),
  }
}

/** Each place of a document with its paragraphs; the headers of several sections are one place. */
type Places = ReadonlyMap<string, readonly TemplateParagraph[]>

const placesIn = (name: string, parts: Readonly<Record<string, Uint8Array>>): Places => {
  const found = new Map<string, readonly TemplateParagraph[]>()
  for (const [part, bytes] of Object.entries(parts).filter(([each]) => isFilled(each))) {
    const place = placeOf(name, part)
    found.set(place, [...(found.get(place) ?? []), ...paragraphsIn(strFromU8(bytes))])
  }
  return found
}

const placesWith = (key: string, all: Places): readonly string[] =>
  [...all]
    .filter(([, paragraphs]) => paragraphs.some(({ text }) => keysIn(text).includes(key)))
    .map(([place]) => place)

const checkKeys = (name: string, keys: readonly string[], all: Places): void => {
  const unknown = keys.filter((key) => !known.includes(key))
  if (unknown.length > 0)
    throw new UsageFault([
      ...unknown.flatMap((key) => {
        const where = placesWith(key, all)
        return (where.length > 0 ? where : [name]).map((place) => unknownProblem(place, key))
      }),
      {
        where: name,
        message: `known are ${known.map((key) => `{{${key}}}`).join(' ')}`,
        suggestion: '`yiwang report template` says what each means',
      },
    ])
  if (!keys.includes(required))
    throw refuse(
      name,
      `expected {{${required}}} in a paragraph of its own: a report says what it was made of`,
      '`yiwang report template --out example.docx` writes an example',
    )
}

const alone = new Set(placeholders.filter(({ kind }) => kind !== 'text').map(({ key }) => key))

/** What gives way to whole paragraphs would take the text around it along. */
const besideProblem = (name: string, { text }: TemplateParagraph): Problem | undefined => {
  const key = keysIn(text).find((each) => alone.has(each))
  return key === undefined || /^\s*\{\{[^{}]*\}\}\s*$/u.test(text)
    ? undefined
    : {
        where: name,
        message: `expected {{${key}}} in a paragraph of its own, got ${text.slice(0, 80)}`,
        suggestion: 'put what stands beside it into another paragraph',
      }
}

/** Where nothing can be filled in, and what to do about it. */
const places: Readonly<Record<Exclude<Within, 'paragraph'>, readonly [where: string, suggestion: string]>> = {
  link: ['a link', 'take the link off (Ctrl+Shift+F9 in Word), or type the placeholder beside it'],
  control: [
    'a content control (内容控件)',
    'remove the content control and keep its text, or type it beside it',
  ],
  field: ['the result of a field', 'type the placeholder beside the field'],
  formula: ['a formula', 'type the placeholder beside the formula'],
}

const placeProblem = (name: string, { text, plain, within }: TemplateParagraph): Problem | undefined => {
  const reached = keysIn(plain)
  const key = keysIn(text).find((each) => !reached.includes(each))
  if (key === undefined) return undefined
  const [where, suggestion] = places[within ?? 'field']
  return { where: name, message: `expected {{${key}}} in plain text, got it within ${where}`, suggestion }
}

/** A text box is kept twice, for older readers too: what is put into it would be in the document twice. */
const boxProblem = (name: string, { text, isBoxed }: TemplateParagraph): Problem | undefined => {
  const key = isBoxed ? keysIn(text).find((each) => alone.has(each)) : undefined
  return key === undefined
    ? undefined
    : {
        where: name,
        message: `expected {{${key}}} in the text of the document, got it within a text box (文本框)`,
        suggestion: 'put it into a paragraph outside of the text box',
      }
}

const checkPlaces = (all: Places): void => {
  const problems = [...all].flatMap(([place, paragraphs]) =>
    paragraphs.flatMap((paragraph) => {
      const problem =
        placeProblem(place, paragraph) ?? boxProblem(place, paragraph) ?? besideProblem(place, paragraph)
      return problem ?? []
    }),
  )
  if (problems.length > 0) throw new UsageFault(problems)
}

/**
 * Reads a template. Throws `UsageFault` for what is no Word document, has macros, fetches something, has changes that
 * nobody accepted, or names what is unknown or cannot be filled in where it stands.
 */
export const readTemplate = async (name: string, given: Uint8Array): Promise<Template> => {
  if (given.length > limits.bytes)
    throw refuse(name, `expected at most ${limits.bytes} bytes, got ${given.length}`)
  const parts = unpacked(name, given)
  refuseActive(name, parts)
  refuseUnready(name, parts)
  const all = placesIn(name, parts)
  checkPlaces(all)
  const bytes = withoutSmartTags(given)
  const keys = [...new Set(await patchDetector({ data: bytes, trimPlaceholders: true }))]
  checkKeys(name, keys, all)
  return {
    name,
    sha256: createHash('sha256').update(given).digest('hex'),
    bytes,
    keys,
    width: textWidth(strFromU8(parts['word/document.xml'] ?? new Uint8Array())),
  }
}

import { type Marks, isBlock, openElements } from './elements.ts'
import { isHidden } from './hidden.ts'
import { type Frame, digestOf, placeOf, resolved } from './place.ts'
import { type Reference, isActive, referencesOf, resourceTypes } from './resources.ts'
import { type Attributes, type TagReader, readTags } from './tags.ts'

export const lineTypes = ['title', 'text', ...resourceTypes] as const
export type LineType = (typeof lineTypes)[number]

/** One line of a page's normal form: a block of text, or something that it refers to. */
export interface Line {
  readonly type: LineType
  readonly value: string
}

/** A page's text in the order of its source, and the texts in which spam is looked for. */
export interface Outline {
  readonly lines: readonly Line[]
  readonly title: string
  /** Text that is shown, in ignored fragments too. */
  readonly shownText: string
  /** Text that is hidden by attributes, and descriptions that only machines read. */
  readonly hiddenText: string
  /** Text in ignored fragments: a fragment that grows hides something. */
  readonly ignoredCharacters: number
}

export interface OutlineOptions extends Omit<Frame, 'base'> {
  readonly isIgnored: (attributes: Attributes) => boolean
  /** The source itself is a fragment that is ignored. */
  readonly isFragment?: boolean
}

// Zero-width characters, soft hyphens, controls and bidirectional overrides change nothing that a reader sees.
const unseen = /[\p{Cc}\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu
const maxBlock = 300
const chunks = new RegExp(`.{1,${String(maxBlock)}}`, 'gsu')

/** Text as a reader sees it: one form for each character (NFC), single spaces. */
export const cleaned = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\s+/gu, ' ')
    .replace(unseen, '')
    .replace(/ {2,}/gu, ' ')
    .normalize('NFC')
    .trim()

const rawElements = new Set(['script', 'style'])

interface State {
  readonly lines: Line[]
  readonly shown: string[]
  readonly hidden: string[]
  block: string[]
  ignoredCharacters: number
  /** Source of the script or style that is open. */
  raw: { readonly name: string; readonly marks: Marks; readonly pieces: string[] } | undefined
  title: string[] | undefined
  frame: Frame
}

const flush = (state: State): void => {
  const text = cleaned(state.block.join(''))
  state.block = []
  for (const value of text.match(chunks) ?? []) state.lines.push({ type: 'text', value })
}

const lineOf = ({ type, url, code = '' }: Reference, frame: Frame): Line => ({
  type,
  value: url === undefined ? digestOf(cleaned(code)) : placeOf(url, frame),
})

const rebase = (state: State, attributes: Attributes): void => {
  const base = resolved(attributes.get('href') ?? '', state.frame)
  if (base !== undefined) state.frame = { ...state.frame, base }
}

const endRaw = (state: State): void => {
  if (state.raw === undefined) return
  const { name, marks, pieces } = state.raw
  state.raw = undefined
  const code = pieces.join('')
  if (!marks.isIgnored && cleaned(code) !== '')
    state.lines.push(lineOf({ type: name === 'style' ? 'style' : 'script', code }, state.frame))
}

const describe = (state: State, attributes: Attributes): void => {
  const name = attributes.get('name')?.toLowerCase()
  if (name === 'keywords' || name === 'description') state.hidden.push(attributes.get('content') ?? '')
}

const endTitle = (state: State): void => {
  if (state.title === undefined) return
  const text = cleaned(state.title.join(''))
  state.title = undefined
  for (const value of text.match(chunks) ?? []) state.lines.push({ type: 'title', value })
}

const endSpecial = (state: State): void => {
  endRaw(state)
  endTitle(state)
}

const enter = (state: State, name: string, attributes: Attributes, marks: Marks): void => {
  if (isBlock(name)) flush(state)
  const kept = referencesOf(name, attributes).filter((reference) => !marks.isIgnored || isActive(reference))
  state.lines.push(...kept.map((reference) => lineOf(reference, state.frame)))
  if (name === 'base') rebase(state, attributes)
  if (name === 'meta') describe(state, attributes)
  if (name === 'title') state.title = []
  if (rawElements.has(name)) state.raw = { name, marks, pieces: [] }
}

const addText = (state: State, piece: string, { isIgnored, isHidden: hides }: Marks): void => {
  if (state.raw !== undefined) {
    state.raw.pieces.push(piece)
    return
  }
  ;(hides ? state.hidden : state.shown).push(piece)
  if (isIgnored) state.ignoredCharacters += piece.length
  else (state.title ?? state.block).push(piece)
}

const readerOf = (state: State, { isIgnored, isFragment = false }: OutlineOptions): TagReader => {
  const elements = openElements({ isIgnored: isFragment, isHidden: false })
  const separate = (): void => {
    state.shown.push('\n')
    state.hidden.push('\n')
  }
  return {
    open: (name, attributes) => {
      endSpecial(state)
      const own = { isIgnored: isIgnored(attributes), isHidden: isHidden(attributes) }
      if (isBlock(name)) separate()
      enter(state, name, attributes, elements.open(name, own))
    },
    close: (name) => {
      endSpecial(state)
      if (isBlock(name)) {
        flush(state)
        separate()
      }
      elements.close(name)
    },
    text: (piece) => {
      addText(state, piece, elements.marks())
    },
  }
}

/** A page's normal form. Never throws, whatever the text; takes time linear in its length. */
export const outlineOf = (source: string, options: OutlineOptions): Outline => {
  const { page, ignoreParameters } = options
  const frame = { page, base: page, ignoreParameters }
  const state: State = {
    lines: [],
    shown: [],
    hidden: [],
    block: [],
    ignoredCharacters: 0,
    raw: undefined,
    title: undefined,
    frame,
  }
  readTags(source, readerOf(state, options))
  endSpecial(state)
  flush(state)
  return {
    lines: state.lines,
    title: state.lines.find(({ type }) => type === 'title')?.value ?? '',
    ignoredCharacters: state.ignoredCharacters,
    shownText: cleaned(state.shown.join('')),
    hiddenText: cleaned(state.hidden.join('')),
  }
}

import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'

/** Names in lower case, values with their entities decoded; the first of each name counts. */
export type Attributes = ReadonlyMap<string, string>

/** What a page is read as: never an error, whatever the text. */
export interface TagReader {
  readonly open: (name: string, attributes: Attributes) => void
  readonly close: (name: string) => void
  /** Text in pieces, entities decoded; of scripts and styles as it stands. */
  readonly text: (piece: string) => void
}

const maxAttributes = 100
const maxName = 100
const maxValue = 65_536

const ignore = (): void => undefined

/** The tag that is being read. */
interface Pending {
  name: string
  attributes: Map<string, string>
  attribute: string
  value: string
}

const callbacks = (source: string, reader: TagReader): TokenizerCallbacks => {
  const tag: Pending = { name: '', attributes: new Map(), attribute: '', value: '' }
  const name = (start: number, end: number): string =>
    source.slice(start, Math.min(end, start + maxName)).toLowerCase()
  const append = (piece: string): void => {
    if (tag.value.length < maxValue) tag.value += piece.slice(0, maxValue)
  }
  const opened = (): void => {
    reader.open(tag.name, tag.attributes)
  }
  return {
    onopentagname: (start, end) => {
      tag.name = name(start, end)
      tag.attributes = new Map()
    },
    onattribname: (start, end) => {
      tag.attribute = name(start, end)
      tag.value = ''
    },
    onattribdata: (start, end) => {
      append(source.slice(start, end))
    },
    onattribentity: (codePoint) => {
      append(String.fromCodePoint(codePoint))
    },
    onattribend: () => {
      if (tag.attributes.size < maxAttributes && !tag.attributes.has(tag.attribute))
        tag.attributes.set(tag.attribute, tag.value)
    },
    onopentagend: opened,
    onselfclosingtag: opened,
    onclosetag: (start, end) => {
      reader.close(name(start, end))
    },
    ontext: (start, end) => {
      reader.text(source.slice(start, end))
    },
    ontextentity: (codePoint) => {
      reader.text(String.fromCodePoint(codePoint))
    },
    oncdata: ignore,
    oncomment: ignore,
    ondeclaration: ignore,
    onprocessinginstruction: ignore,
    onend: ignore,
  }
}

/**
 * Reads a page tag by tag, as browsers' tokenizers do (HTML standard §13.2.5). Takes time linear in its length:
 * the library's parser searches all open elements at each end tag, which a hostile page makes quadratic.
 */
export const readTags = (source: string, reader: TagReader): void => {
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks(source, reader))
  tokenizer.write(source)
  tokenizer.end()
}

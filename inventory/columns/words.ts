import { halfWidth } from './half-width.ts'

/** Codes by the words that officials use: the one that is written, or it and those that are understood as well. */
export type Spelled<Code extends string = string> = Readonly<Record<Code, string | readonly string[]>>

const wordKey = (text: string): string => halfWidth(text).toLowerCase()

const spellingsOf = (words: string | readonly string[]): readonly string[] => [words].flat()

/** A word is known without its remark in brackets, too: `特别重大（Ⅰ级）`. */
const keysOf = (word: string): readonly string[] => [wordKey(word), wordKey(word).replace(/\(.*\)$/u, '')]

/** The code that is meant, given as such or by any of its words, in whatever width and case. */
export const codeMeant = <Code extends string>(words: Spelled<Code>, text: string): Code | undefined => {
  const key = wordKey(text)
  const codes = Object.keys(words) as Code[]
  return codes.find((code) => [code, ...spellingsOf(words[code])].flatMap(keysOf).includes(key))
}

/** Every text by which a code is meant. */
export const allSpellings = (words: Spelled): readonly string[] => Object.entries(words).flat(2)

/** `hall (大厅), room (机房)`, for help and for messages. */
export const listed = (words: Spelled): string =>
  Object.entries(words)
    .map(([code, spellings]) => {
      const [written = code] = spellingsOf(spellings)
      return written === code ? code : `${code} (${written})`
    })
    .join(', ')

import { bounded } from '../net/text.ts'

/** Takes the quotes of a shell's word off (os-release(5)). */
const unquoted = (text: string): string => {
  const [, quote, inner] = /^(["'])(.*)\1$/u.exec(text) ?? []
  if (inner === undefined) return text
  return quote === '"' ? inner.replace(/\\(["$`\\])/gu, '$1') : inner
}

/** Names and values of os-release(5), at most 100 of 200 characters. Never throws. */
export const parseOsRelease = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\n', 1000)
      .map((line) => /^([A-Z][A-Z0-9_]*)=(.*)$/u.exec(line.trim()))
      .filter((match) => match !== null)
      .slice(0, 100)
      .map(([, name = '', value = '']) => [name, bounded(unquoted(value), 200)]),
  )

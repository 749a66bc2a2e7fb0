import { codeMeant, listed, type Spelled } from '../../inventory/columns/index.ts'

/**
 * A flag with options that takes the Chinese words for them too, which yiwang prints. The shell completes the codes, and
 * oclif knows no other: the flag itself judges what it is given, see `judgingWords`.
 */
export const takingWords = <Flag extends { readonly summary?: string }>(
  words: Spelled,
  flag: Flag,
): Flag => ({
  ...flag,
  summary: `${flag.summary ?? ''}: ${listed(words)}`,
  parse: (text: string): Promise<string> => {
    const code = codeMeant(words, text)
    return code === undefined
      ? Promise.reject(new Error(`expected one of ${listed(words)}, got ${text}`))
      : Promise.resolve(code)
  },
  takesWords: true,
})

/** The same flags for the parser, which would refuse a word before the flag is asked. */
export const judgingWords = <Flags extends object>(flags: Flags): Flags =>
  Object.fromEntries(
    Object.entries(flags).map(([name, flag]: readonly [string, object]) => [
      name,
      'takesWords' in flag ? { ...flag, options: undefined } : flag,
    ]),
  ) as Flags

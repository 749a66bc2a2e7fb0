import { stripVTControlCharacters } from 'node:util'
import { Errors } from '@oclif/core'
import { type Problem, UsageFault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'

/** What oclif's parser says at the end of each of its refusals. */
const ending = 'See more help with --help'

export interface CommandLine {
  /** As typed: `node list`. */
  readonly command: string
  readonly flags: Readonly<Record<string, { readonly summary?: string | undefined }>>
}

const helpOf = ({ command }: CommandLine): string => `yiwang ${command} --help`

/** `--timeout` for `--timeout-seconds` is further away than any slip. */
const flagMeant = (given: string, known: readonly string[]): string | undefined =>
  known.find((name) => name.startsWith(`${given}-`)) ?? nearest(given, known)

const flagProblem = (flag: string, line: CommandLine): Problem => {
  const meant = flag.startsWith('--') ? flagMeant(flag.slice(2), Object.keys(line.flags)) : undefined
  return {
    where: flag,
    message: `\`${line.command}\` has no such flag`,
    suggestion: meant === undefined ? helpOf(line) : `did you mean --${meant}?`,
  }
}

const argumentProblem = (argument: unknown, line: CommandLine): Problem => {
  if (typeof argument === 'string')
    return { where: argument, message: 'expected no further argument', suggestion: helpOf(line) }
  const { name = '', description = '' } = argument as {
    readonly name?: string
    readonly description?: string
  }
  return {
    where: name.toUpperCase(),
    message: `expected ${description}, got nothing`,
    suggestion: helpOf(line),
  }
}

/** oclif's sentences in our form: where, expected what, got what. */
const sentences: readonly (readonly [
  RegExp,
  (...groups: readonly string[]) => Omit<Problem, 'suggestion'>,
])[] = [
  [
    /^Expected (--[\w-]+)=(.*) to be one of: (.*)$/u,
    (where = '', got = '', options = '') => ({ where, message: `expected one of ${options}, got ${got}` }),
  ],
  [/^Parsing (--[\w-]+) (.*)$/u, (where = '', message = '') => ({ where, message: lowerFirst(message) })],
  [/^Flag (--[\w-]+) (.*)$/u, (where = '', message = '') => ({ where, message })],
]

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

const sentenceProblem = (sentence: string, { flags }: CommandLine): Problem => {
  const [, missing] = /^Missing required flag (\S+)$/u.exec(sentence) ?? []
  if (missing !== undefined) {
    const wanted = flags[missing]?.summary ?? 'a value'
    return { where: `--${missing}`, message: `expected ${wanted}, got nothing` }
  }
  for (const [pattern, problem] of sentences) {
    const match = pattern.exec(sentence)
    if (match !== null) return problem(...match.slice(1))
  }
  return { where: '', message: lowerFirst(sentence) }
}

const textProblems = (message: string, line: CommandLine): readonly Problem[] => {
  const text = message.replace(ending, '').trim()
  const [, list] = /^The following errors? occurred:\s*(.*)$/su.exec(text) ?? []
  const all = list?.split('\n') ?? [text]
  const problems = all.map((each) => sentenceProblem(each.replaceAll(/\s+/gu, ' ').trim(), line))
  return problems.map((problem, at) =>
    at === problems.length - 1 ? { ...problem, suggestion: helpOf(line) } : problem,
  )
}

/**
 * The parser's refusal of a command line as a `UsageFault`; undefined for any other error.
 * It prints a frame, wraps lines and ends with 1 for a missing file: no script could read that.
 */
export const parseFault = (error: Error, line: CommandLine): UsageFault | undefined => {
  const message = stripVTControlCharacters(error.message)
  if (!(error instanceof Errors.CLIError) && !message.endsWith(ending)) return undefined
  const { flags, args } = error as { readonly flags?: readonly string[]; readonly args?: readonly unknown[] }
  const problems =
    flags?.map((flag) => flagProblem(flag, line)) ??
    args?.map((argument) => argumentProblem(argument, line)) ??
    textProblems(message, line)
  return new UsageFault(problems, { cause: error })
}

import type { z } from 'zod'
import { expectation, shown, valueAt } from '../src/core/expectation.ts'
import type { Problem } from '../src/core/fault.ts'
import type { AnyRecord } from './audit/changes.ts'
import { type Collection, collections } from './model.ts'
import { nearest } from '../src/core/nearest.ts'

export type ParsedRecord =
  | { readonly ok: true; readonly record: AnyRecord }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')

const messageOf = (issue: z.core.$ZodIssue): string =>
  expectation(issue.code === 'invalid_union' ? (issue.errors.at(-1)?.[0] ?? issue) : issue)

/** What a rule of our own finds wrong with more than one value says itself what it got. */
const isShown = ({ code }: z.core.$ZodIssue, message: string, got: unknown): boolean =>
  !message.includes(', got ') &&
  (['string', 'number', 'boolean'].includes(typeof got) ||
    code === 'invalid_type' ||
    code === 'invalid_value')

const suggest = (text: unknown, candidates: Iterable<string>): { readonly suggestion?: string } => {
  const best = typeof text === 'string' ? nearest(text, candidates) : undefined
  return best === undefined ? {} : { suggestion: `did you mean ${best}?` }
}

const unknownFields = (
  collection: Collection,
  where: string,
  issue: z.core.$ZodIssueUnrecognizedKeys,
): readonly Problem[] =>
  issue.keys.map((key) => ({
    where: `${where}${pathText([...issue.path, key])}`,
    message: 'expected a field of the record, got an unknown one',
    ...(issue.path.length === 0 && suggest(key, Object.keys(collections[collection].shape))),
  }))

const issueProblems = (
  collection: Collection,
  where: string,
  value: unknown,
  issue: z.core.$ZodIssue,
): readonly Problem[] => {
  if (issue.code === 'unrecognized_keys') return unknownFields(collection, where, issue)
  const got = valueAt(value, issue.path)
  const expected = messageOf(issue)
  // What was given for the hash of a key may be the key itself.
  const message =
    collection !== 'agent' && isShown(issue, expected, got) ? `${expected}, got ${shown(got)}` : expected
  const values = issue.code === 'invalid_value' ? issue.values.map(String) : []
  return [{ where: `${where}${pathText(issue.path)}`, message, ...suggest(got, values) }]
}

const maxRecordCharacters = 262_144
const maxDepth = 16

/** Files hold JSON: what JSON would change must not get in, nor what is too deep to walk. */
const isJson = (value: unknown, depth = 0): boolean => {
  if (value === undefined || value === null) return true
  if (typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth > maxDepth) return false
  return Object.values(value).every((inner) => isJson(inner, depth + 1))
}

const asStored = (where: string, parsed: AnyRecord): ParsedRecord => {
  if (!isJson(parsed))
    return failed({ where, message: `expected JSON values, at most ${maxDepth} levels deep` })
  const text = JSON.stringify(parsed)
  return text.length > maxRecordCharacters
    ? failed({ where, message: `expected at most ${maxRecordCharacters} characters, got ${text.length}` })
    : { ok: true, record: deepFreeze(JSON.parse(text) as AnyRecord) }
}

const failed = (...problems: readonly Problem[]): ParsedRecord => ({ ok: false, problems })

/** Freezes a JSON value and all that is in it. */
export const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null) return value
  // Most of a large store is text: a call for each, or a list of names for a list, would be most of the time.
  if (Array.isArray(value)) {
    for (const inner of value as readonly unknown[]) if (typeof inner === 'object') deepFreeze(inner)
  } else
    for (const key in value) {
      const inner = (value as Readonly<Record<string, unknown>>)[key]
      if (typeof inner === 'object') deepFreeze(inner)
    }
  return Object.freeze(value)
}

/** Parses one record by the model. `where` begins the place of each problem; what comes back is frozen. */
export const parseRecord = (collection: Collection, value: unknown, where: string): ParsedRecord => {
  const parsed = (collections[collection] as z.ZodType<AnyRecord>).safeParse(value)
  return parsed.success
    ? asStored(where, parsed.data)
    : failed(...parsed.error.issues.flatMap((issue) => issueProblems(collection, where, value, issue)))
}

import type { z } from 'zod'
import type { Problem } from '../core/fault.ts'
import { expectation, nextStep, shown } from '../core/expectation.ts'
import { nearest } from '../core/nearest.ts'

/** What a problem needs to know of where the values came from. */
export interface Origin {
  /** `file:line dotted.path`, or the environment variable. */
  readonly where: (path: readonly PropertyKey[]) => string
  readonly valueAt: (path: readonly PropertyKey[]) => unknown
  readonly keysAt: (path: readonly PropertyKey[]) => readonly string[]
}

const suggestion = (key: string, known: readonly string[]): string => {
  const meant = nearest(key, known)
  return meant === undefined ? `known keys: ${known.join(', ')}` : `did you mean ${meant}?`
}

const unknownKeys = (issue: z.core.$ZodIssueUnrecognizedKeys, origin: Origin): readonly Problem[] =>
  issue.keys.map((key) => ({
    where: origin.where([...issue.path, key]),
    message: 'unknown key',
    suggestion: suggestion(key, origin.keysAt(issue.path)),
  }))

const problemsOfIssue = (issue: z.core.$ZodIssue, origin: Origin): readonly Problem[] =>
  issue.code === 'unrecognized_keys'
    ? unknownKeys(issue, origin)
    : [
        {
          where: origin.where(issue.path),
          message: `${expectation(issue)}, got ${shown(origin.valueAt(issue.path))}`,
          ...nextStep(issue),
        },
      ]

/** Every problem of a failed parse: where, expected what, got what, and the next step for a misspelt key. */
export const problemsOf = (error: z.ZodError, origin: Origin): readonly Problem[] =>
  error.issues.flatMap((issue) => problemsOfIssue(issue, origin))

import type { z } from 'zod'
import type { Problem } from './fault.ts'

const maxShown = 60

/** A value as an error message shows it: JSON, cut where it is long, an address without user and password. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value).replaceAll(/\/\/[^/@"]*@/gu, '//…@')
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}

/** zod's sentence without its preface and its own account of the value: `expected number to be <=9`. */
export const expectation = ({ message }: Pick<z.core.$ZodIssue, 'message'>): string =>
  message.replace(/^[^:]+: (?=expected)/u, '').replace(/, received .*$/u, '')

/** What the schema says to do about it, where it does. */
export const nextStep = (issue: z.core.$ZodIssue): Pick<Problem, 'suggestion'> => {
  const suggestion: unknown = issue.code === 'custom' ? issue.params?.['suggestion'] : undefined
  return typeof suggestion === 'string' ? { suggestion } : {}
}

export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )

import { printable } from './printable.ts'

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'

const round = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))

const scalar = (key: string, value: unknown): string => {
  if (typeof value !== 'number') return printable(String(value))
  return key.endsWith('Seconds') && value < 1 ? `${round(value * 1000)} ms` : round(value)
}

const inline = (value: object): string =>
  Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${key}=${isScalar(item) ? scalar(key, item) : printable(JSON.stringify(item))}`)
    .join(' ')

const lines = (key: string, value: unknown): readonly string[] => {
  if (isScalar(value)) return [`${key}: ${scalar(key, value)}`]
  if (!Array.isArray(value)) return [`${key}: ${inline(value as object)}`]
  if (value.every(isScalar)) return [`${key}: ${value.map((item) => scalar(key, item)).join(', ')}`]
  return [`${key}:`, ...value.map((item: object) => `  - ${inline(item)}`)]
}

/** A probe's facts for a person, one a line; milliseconds below a second. */
export const factLines = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => lines(key, value))
    .map((line) => `  ${line}`)
    .join('\n')

import { printable } from './printable.ts'

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'

const round = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))

const scalar = (key: string, value: unknown): string => {
  if (typeof value !== 'number') return printable(String(value))
  return key.endsWith('Seconds') && Math.abs(value) < 1 ? `${round(value * 1000)} ms` : round(value)
}

const inline = (value: object): string =>
  Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => `${key}=${isScalar(item) ? scalar(key, item) : printable(JSON.stringify(item))}`)
    .join(' ')

const mostInline = 100

/** Texts that read well one after the other. */
const areShort = (texts: readonly string[]): boolean =>
  texts.every((text) => !text.includes(', ')) && texts.join(', ').length <= mostInline

const indented = (text: string): string => `  ${text}`

const listLines = (key: string, values: readonly unknown[]): readonly string[] => {
  const isPlain = values.every(isScalar)
  const texts = values.map((item) => (isPlain ? scalar(key, item) : inline(item as object)))
  return isPlain && areShort(texts)
    ? [`${key}: ${texts.join(', ')}`]
    : [`${key}:`, ...texts.map((text) => indented(`- ${text}`))]
}

const lines = (key: string, value: unknown): readonly string[] => {
  if (isScalar(value)) return [`${key}: ${scalar(key, value)}`]
  if (Array.isArray(value)) return listLines(key, value)
  const parts = Object.entries(value as object).filter(([, part]) => part !== undefined)
  return parts.every(([, part]) => isScalar(part))
    ? [`${key}: ${inline(value as object)}`]
    : [`${key}:`, ...parts.flatMap(([name, part]) => lines(name, part)).map(indented)]
}

/** A probe's facts for a person, one a line; milliseconds below a second. */
export const factLines = (facts: Readonly<Record<string, unknown>>): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => lines(key, value))
    .map(indented)
    .join('\n')

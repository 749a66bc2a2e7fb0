/** Parts of facts, read without belief: what is not of the expected kind is not there. */

export type Facts = Readonly<Record<string, unknown>>

const isFacts = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listAt = (facts: Facts, key: string): readonly unknown[] => {
  const value = facts[key]
  return Array.isArray(value) ? value : []
}

export const textAt = (facts: Facts, key: string): string | undefined => {
  const value = facts[key]
  return typeof value === 'string' ? value : undefined
}

export const numberAt = (facts: Facts, key: string): number | undefined => {
  const value = facts[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export const flagAt = (facts: Facts, key: string): boolean | undefined => {
  const value = facts[key]
  return typeof value === 'boolean' ? value : undefined
}

export const factsAt = (facts: Facts, key: string): Facts | undefined => {
  const value = facts[key]
  return isFacts(value) ? value : undefined
}

export const factsIn = (facts: Facts, key: string): readonly Facts[] => listAt(facts, key).filter(isFacts)

export const textsIn = (facts: Facts, key: string): readonly string[] =>
  listAt(facts, key).filter((value) => typeof value === 'string')

export const numbersIn = (facts: Facts, key: string): readonly number[] =>
  listAt(facts, key).filter((value) => typeof value === 'number')

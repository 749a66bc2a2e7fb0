type Mapping = Readonly<Record<string, unknown>>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy of `value` with `leaf` set at `keys`. What stands in the way is left for the schema to refuse. */
export const withValue = (value: unknown, keys: readonly string[], leaf: unknown): unknown => {
  const [key, ...rest] = keys
  if (key === undefined) return leaf
  if (value !== undefined && value !== null && !isMapping(value)) return value
  return { ...value, [key]: withValue(value?.[key], rest, leaf) }
}

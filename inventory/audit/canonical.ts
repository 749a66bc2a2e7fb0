const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const member = (key: string, value: unknown): string => `${JSON.stringify(key)}:${canonicalJson(value)}`

/** One text for equal values, whatever the order of their keys: RFC 8785 over JSON values; absent is `undefined`. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  return `{${keys
    .sort()
    .map((key) => member(key, value[key]))
    .join(',')}}`
}

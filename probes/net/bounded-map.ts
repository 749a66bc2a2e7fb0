/** Values by key, at most so many: the one that was not used for longest goes first. */
export interface BoundedMap<Value> {
  readonly get: (key: string) => Value | undefined
  readonly set: (key: string, value: Value) => void
  readonly delete: (key: string) => void
  readonly size: () => number
}

export const createBoundedMap = <Value>(limit: number): BoundedMap<Value> => {
  const values = new Map<string, Value>()
  const renew = (key: string, value: Value): void => {
    values.delete(key)
    values.set(key, value)
  }
  return {
    get: (key) => {
      const value = values.get(key)
      if (value !== undefined) renew(key, value)
      return value
    },
    set: (key, value) => {
      renew(key, value)
      const [oldest] = values.keys()
      if (values.size > limit && oldest !== undefined) values.delete(oldest)
    },
    delete: (key) => void values.delete(key),
    size: () => values.size,
  }
}

/**
 * A function that remembers what it came to: for a few arguments that are asked for again and again, as long as
 * whoever holds it lasts.
 */
export const remembered = <Key, Value>(of: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new Map<Key, { readonly value: Value }>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before.value
    const value = of(key)
    known.set(key, { value })
    return value
  }
}

/** Where the value of each name is in a list, in the order of the list. */
export type Slots = ReadonlyMap<string, number>

/** The list as a map by its names, which may be more: while the names stay, the next such map costs no hashing. */
export const listed = <Value>(slots: Slots, values: readonly Value[]): ReadonlyMap<string, Value> => {
  const has = (name: string): boolean => (slots.get(name) ?? values.length) < values.length
  const get = (name: string): Value | undefined => values[slots.get(name) ?? values.length]
  const keys = (): MapIterator<string> => slots.keys().take(values.length)
  function* entries(): Generator<[string, Value], undefined> {
    let slot = 0
    for (const name of keys()) yield [name, values[slot++] as Value]
  }
  const map: ReadonlyMap<string, Value> = {
    ...{ size: values.length, has, get, keys, entries },
    values: () => values.values(),
    forEach: (visit) => {
      for (const [name, value] of entries()) visit(value, name, map)
    },
    [Symbol.iterator]: entries,
  }
  return map
}

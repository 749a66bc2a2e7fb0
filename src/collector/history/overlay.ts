/** A map whose changes are staged until they are kept or dropped, as those of a transaction are. */
export interface Overlay<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  keep(): void
  drop(): void
}

export const overlayOn = <Key, Value>(kept: Map<Key, Value>): Overlay<Key, Value> => {
  const staged = new Map<Key, Value>()
  return {
    get: (key) => staged.get(key) ?? kept.get(key),
    set: (key, value) => void staged.set(key, value),
    keep: () => {
      for (const [key, value] of staged) kept.set(key, value)
      staged.clear()
    },
    drop: () => staged.clear(),
  }
}

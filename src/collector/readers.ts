/** What one reader holds of a rendering; to be disposed once it has read it. */
export interface Hold extends Disposable {
  /** Says that the reader must go. */
  readonly signal: AbortSignal
}

/** The renderings that are being read. */
export interface Readers {
  hold(rendering: object): Hold
}

/**
 * No more than `most` renderings are held: each may be as large as everything that is shown. Where a reader is still
 * at an older one when yet another is asked for, it is cut; one that reads as slowly has given up long since.
 */
export const createReaders = (most: number): Readers => {
  const held = new Map<object, Set<AbortController>>()
  const cutOldest = (): void => {
    const [oldest] = held.keys()
    if (oldest === undefined) return
    for (const controller of held.get(oldest) ?? []) controller.abort()
    held.delete(oldest)
  }
  return {
    hold: (rendering) => {
      const readers = held.get(rendering) ?? new Set()
      const controller = new AbortController()
      held.set(rendering, readers.add(controller))
      if (held.size > most) cutOldest()
      return {
        signal: controller.signal,
        [Symbol.dispose]: () => {
          readers.delete(controller)
          if (readers.size === 0) held.delete(rendering)
        },
      }
    },
  }
}

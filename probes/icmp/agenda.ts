/** A binary min-heap by `dueAt` (milliseconds of `performance.now()`) from which items can be taken back. */
export interface Due {
  dueAt: number
  /** So much later is early enough: what is due at about the same time shares a turn of the event loop. */
  slackMs: number
  /** Index in the heap, or -1; only this file writes it. */
  place: number
}

const dueAt = (heap: readonly Due[], index: number): number => heap[index]?.dueAt ?? Infinity

const put = (heap: Due[], index: number, item: Due): void => {
  heap[index] = item
  item.place = index
}

const siftUp = (heap: Due[], from: number, item: Due): void => {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent]
    if (above === undefined || above.dueAt <= item.dueAt) break
    put(heap, index, above)
    index = parent
  }
  put(heap, index, item)
}

const siftDown = (heap: Due[], from: number, item: Due): void => {
  let index = from
  for (;;) {
    const left = index * 2 + 1
    const child = dueAt(heap, left + 1) < dueAt(heap, left) ? left + 1 : left
    const below = heap[child]
    if (below === undefined || below.dueAt >= item.dueAt) break
    put(heap, index, below)
    index = child
  }
  put(heap, index, item)
}

/** Adds an item that is in no heap. */
export const push = <Item extends Due>(heap: Item[], item: Item): void => {
  siftUp(heap, heap.length, item)
}

/** Takes an item out, if it is in. */
export const remove = (heap: Due[], item: Due): void => {
  const index = item.place
  if (index < 0) return
  item.place = -1
  const last = heap.pop()
  if (last === undefined || last === item) return
  if (dueAt(heap, (index - 1) >> 1) > last.dueAt && index > 0) siftUp(heap, index, last)
  else siftDown(heap, index, last)
}

/**
 * What is under way, by a 32-bit serial that names a slot and how often the slot was used.
 * Unlike a Map it leaves no obsolete tables behind where 100,000 entries a second come and go.
 */
export interface Slots<Item> {
  readonly items: (Item | undefined)[]
  /** The last serial of each slot. */
  readonly serials: number[]
  readonly free: number[]
}

const slotBits = 20
const slotMask = (1 << slotBits) - 1
/** So many may be under way at once. */
const mostSlots = 1 << slotBits

export const createSlots = <Item>(): Slots<Item> => ({ items: [], serials: [], free: [] })

/** Gives a slot to the item made for its serial; undefined when all are taken. */
export const occupy = <Item>(
  { items, serials, free }: Slots<Item>,
  create: (serial: number) => Item,
): Item | undefined => {
  const slot = free.pop() ?? items.length
  if (slot >= mostSlots) return undefined
  const serial = ((serials[slot] ?? slot) + mostSlots) >>> 0
  const item = create(serial)
  serials[slot] = serial
  items[slot] = item
  return item
}

/** The item of a serial, unless it has gone, or the slot is another's by now. */
export const find = <Item>({ items, serials }: Slots<Item>, serial: number): Item | undefined => {
  const slot = serial & slotMask
  return serials[slot] === serial ? items[slot] : undefined
}

/** Frees the slot of a serial, once. */
export const release = (slots: Slots<unknown>, serial: number): void => {
  if (find(slots, serial) === undefined) return
  const slot = serial & slotMask
  slots.items[slot] = undefined
  slots.free.push(slot)
}

/** Another version of some bytes in the making, from their beginning to their end. */
export interface Draft {
  /** Asks for the old version where something of it stays, once at most. */
  begin(old: () => Buffer): void
  /** The old version. */
  old(): Buffer
  /** Has `text` (bytes, one a character) for what lies between the two; what lies before them stays. */
  replace(from: number, to: number, text: string): void
  /** How far what follows has moved. */
  shift(): number
  /** The new version, in memory that the next one takes; undefined where it is the same. */
  finish(): Buffer | undefined
}

const firstSize = 256 * 1024

/** Copies what stays in as few goes as there are changes, and into a buffer that is used again and again. */
export const createDraft = (): Draft => {
  let draft = Buffer.allocUnsafeSlow(firstSize)
  let ask: () => Buffer = () => Buffer.alloc(0)
  let asked: Buffer | undefined
  /** So much of the old version is dealt with, and so long is the new one. */
  let [done, length] = [0, 0]

  const reserve = (more: number): void => {
    if (length + more <= draft.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (length + more))
    draft.copy(larger, 0, 0, length)
    draft = larger
  }
  const before = (): Buffer => (asked ??= ask())
  const keepUntil = (end: number): void => {
    if (end <= done) return
    reserve(end - done)
    length += before().copy(draft, length, done, end)
    done = end
  }

  return {
    begin: (old) => {
      ;[ask, asked] = [old, undefined]
      ;[done, length] = [0, 0]
    },
    old: before,
    replace: (from, to, text) => {
      keepUntil(from)
      reserve(text.length)
      length += draft.write(text, length, 'latin1')
      done = to
    },
    shift: () => length - done,
    finish: () => {
      if (done === 0 && length === 0) return undefined
      const old = before()
      keepUntil(old.length)
      const isSame = length === old.length && old.compare(draft, 0, length) === 0
      return isSame ? undefined : draft.subarray(0, length)
    },
  }
}

import { pause } from '../core/pause.ts'

/** Work that was begun and not awaited. */
export interface Work {
  /** Takes note of it until it ends; the work must not reject. */
  follow(work: Promise<void>): Promise<void>
  /** Waits until all has ended, but not longer; returns how much has not. */
  settle(milliseconds: number): Promise<number>
}

export const createWork = (): Work => {
  const active = new Set<Promise<void>>()
  return {
    follow: (work) => {
      active.add(work)
      return work.finally(() => active.delete(work))
    },
    settle: async (milliseconds) => {
      const ended = new AbortController()
      const all = Promise.all(active).finally(() => ended.abort())
      await Promise.race([all, pause(milliseconds, ended.signal)])
      return active.size
    },
  }
}

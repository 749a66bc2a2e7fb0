import type { Log } from '../core/log.ts'

/**
 * `inventory` and `history`: it cannot be read or written, and the collector is not ready.
 * `plan`: the newest inventory cannot be compiled, and the plan before it stays in force.
 */
export interface Trouble {
  readonly with: 'inventory' | 'plan' | 'history'
  readonly message: string
}

export interface Troubles {
  /** Does `work`; what it rejects with is a trouble until it goes well again, and is logged when it is new. */
  watch<T>(about: Trouble['with'], work: () => Promise<T> | T): Promise<T>
  /** Those there are now. */
  now(): readonly Trouble[]
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const createTroubles = (log: Log): Troubles => {
  const troubles = new Map<Trouble['with'], string>()
  return {
    watch: async (about, work) => {
      try {
        const result = await work()
        troubles.delete(about)
        return result
      } catch (error) {
        if (troubles.get(about) !== wordsOf(error)) log('error', `trouble with the ${about}`, { error })
        troubles.set(about, wordsOf(error))
        throw error
      }
    },
    now: () => [...troubles].map(([about, message]) => ({ with: about, message })),
  }
}

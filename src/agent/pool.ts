/** Runs tasks in pools, at most so many at once in each; the rest wait in the order that they came. */
export interface Pools {
  /** Tasks must not reject. */
  add(pool: string, task: () => Promise<void>): void
  /** Forgets what waits. */
  clear(): void
}

type Task = () => Promise<void>

const createPool = (limit: number) => {
  const waiting = new Set<Task>()
  let active = 0
  const startNext = (): void => {
    const [task] = waiting
    if (task === undefined || active >= limit) return
    waiting.delete(task)
    active += 1
    void task().finally(() => {
      active -= 1
      startNext()
    })
  }
  return { waiting, startNext }
}

export const createPools = (limit: number): Pools => {
  const pools = new Map<string, ReturnType<typeof createPool>>()
  return {
    add: (name, task) => {
      const pool = pools.get(name) ?? createPool(limit)
      pools.set(name, pool)
      pool.waiting.add(task)
      pool.startNext()
    },
    clear: () => {
      for (const { waiting } of pools.values()) waiting.clear()
    },
  }
}

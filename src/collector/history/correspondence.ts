import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Parcel } from './parcel.ts'
import { type Order, type Outcome, type Written, valueOf } from './thread.ts'
import type { Horizon } from './writer.ts'

/** What the thread that writes can be asked; it does one thing after the other. */
export interface Correspondence {
  write(parcels: readonly Parcel[]): Promise<Written>
  prune(before: Horizon): Promise<number>
  fold(before: number): Promise<number>
  /** Resolves when its connection is closed. */
  close(): Promise<void>
}

interface Awaited {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** Beside this module, under the ending that it has itself: `.ts`, or `.js` once it is built. */
const script = path.join(import.meta.dirname, `writer-thread${path.extname(import.meta.filename)}`)

const asking = (file: string): ((order: Order) => Promise<unknown>) => {
  const worker = new Worker(script, { workerData: file })
  const awaited: Awaited[] = []
  let ended: Error | undefined
  const end = (error: Error): void => {
    ended ??= error
    for (const { reject } of awaited.splice(0)) reject(ended)
  }
  // It keeps the process alive only while an answer is awaited.
  worker.unref()
  worker.on('message', (answer: unknown) => {
    awaited.shift()?.resolve(answer)
    if (awaited.length === 0) worker.unref()
  })
  worker.on('error', (error: Error) => {
    end(error)
    // A bug of ours: a collector that can store nothing any more must not look alive.
    throw error
  })
  worker.on('exit', () => end(new Error(`${file}: the thread that writes has ended`)))
  return (order) => {
    if (ended !== undefined) return Promise.reject(ended)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    awaited.push({ resolve, reject })
    worker.ref()
    worker.postMessage(order)
    return promise
  }
}

/** Starts the thread. */
export const correspond = (file: string): Correspondence => {
  const ask = asking(file)
  return {
    write: async (parcels) => (await ask({ write: parcels })) as Written,
    prune: async (before) => valueOf((await ask({ prune: before })) as Outcome<number>),
    fold: async (before) => valueOf((await ask({ fold: before })) as Outcome<number>),
    close: async () => void valueOf((await ask({ close: true })) as Outcome<null>),
  }
}

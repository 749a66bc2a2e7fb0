import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Beside this module, under the ending that it has itself: `.ts`, or `.js` once it is built. */
const script = path.join(import.meta.dirname, `check-thread${path.extname(import.meta.filename)}`)

const tickMs = 100

/**
 * SQLite's own check of a file, in a thread, since it takes minutes for gigabytes and nothing ends it: `ok`, or the
 * first thing that is wrong. `onTick` is called every tenth of a second; what it throws is rejected with at once, and
 * whatever the thread still does is nobody's business. Rejects with what SQLite says.
 */
export const checkDatabase = async (file: string, onTick: () => void): Promise<string> => {
  const worker = new Worker(script, { workerData: file })
  const answer = once(worker, 'message') as Promise<[string]>
  try {
    for (;;) {
      const found = await Promise.race([answer, pause(tickMs)])
      if (found !== undefined) return found[0]
      onTick()
    }
  } finally {
    // It ends once SQLite returns; until then it keeps no process.
    worker.unref()
    void worker.terminate()
    answer.catch(() => undefined)
  }
}

import { parentPort, workerData } from 'node:worker_threads'
import { openForWriting } from '../../src/collector/history/schema.ts'
import { openDatabase } from '../../src/database/open.ts'

/** Opens one file after another at the same instant as the others do; says what went wrong. */

export const kinds = {
  database: (file: string): void =>
    openDatabase(file, { schema: 'CREATE TABLE one (id INTEGER) STRICT' })[Symbol.dispose](),
  history: (file: string): void => openForWriting(file).close(),
} as const

export interface Opening {
  readonly gate: SharedArrayBuffer
  readonly files: readonly string[]
  readonly others: number
  readonly kind: keyof typeof kinds
}

const openAll = ({ gate, files, others, kind }: Opening): readonly string[] => {
  const arrived = new Int32Array(gate)
  const faults: string[] = []
  for (const [turn, file] of files.entries()) {
    Atomics.add(arrived, turn, 1)
    while (Atomics.load(arrived, turn) < others);
    try {
      kinds[kind](file)
    } catch (error) {
      faults.push(String(error))
    }
  }
  return faults
}

parentPort?.postMessage(openAll(workerData as Opening))

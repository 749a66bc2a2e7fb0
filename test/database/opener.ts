import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../../src/database/open.ts'

/** Opens one new file after another at the same instant as the others do. */

const { gate, files, others } = workerData as {
  readonly gate: SharedArrayBuffer
  readonly files: readonly string[]
  readonly others: number
}
const arrived = new Int32Array(gate)
const faults: string[] = []
for (const [turn, file] of files.entries()) {
  Atomics.add(arrived, turn, 1)
  while (Atomics.load(arrived, turn) < others);
  try {
    openDatabase(file, { schema: 'CREATE TABLE one (id INTEGER) STRICT' })[Symbol.dispose]()
  } catch (error) {
    faults.push(String(error))
  }
}
parentPort?.postMessage(faults)

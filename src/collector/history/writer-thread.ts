import { parentPort, workerData } from 'node:worker_threads'
import type { Applied } from './apply.ts'
import type { Parcel } from './parcel.ts'
import { openForWriting } from './schema.ts'
import { type Order, type Outcome, outcomeOf, type Written } from './thread.ts'
import { type Writer, writerOf } from './writer.ts'

/** The thread that owns the connection that writes: neither SQLite nor the disk keeps the event loop waiting. */
const file = String(workerData)
let writer: Writer | undefined

const opened = (): Writer => (writer ??= writerOf(openForWriting(file)))

const attempt = <Value>(work: () => Value): Outcome<Value> => outcomeOf(file, work)

const write = (parcels: readonly Parcel[]): readonly Outcome<Applied>[] => {
  const whole = attempt(() => opened().write(parcels))
  if ('value' in whole) return whole.value.map((value) => ({ value }))
  if (parcels.length === 1) return [whole]
  // One that cannot be written must not keep the others waiting for ever.
  return parcels.flatMap((parcel) => write([parcel]))
}

const timed = (parcels: readonly Parcel[]): Written => {
  const startedAt = performance.now()
  const outcomes = write(parcels)
  return { outcomes, seconds: (performance.now() - startedAt) / 1000 }
}

const obey = (order: Order): Written | Outcome<number> | Outcome<null> => {
  if ('write' in order) return timed(order.write)
  if ('prune' in order) return attempt(() => opened().prune(order.prune))
  if ('fold' in order) return attempt(() => opened().fold(order.fold))
  return attempt(() => {
    writer?.close()
    return null
  })
}

parentPort?.on('message', (order: Order) => {
  parentPort?.postMessage(obey(order))
  if ('close' in order) parentPort?.close()
})

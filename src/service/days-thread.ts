import { parentPort, workerData } from 'node:worker_threads'
import { createHoursReader } from '../collector/history/hours.ts'
import { openForReading } from '../collector/history/schema.ts'
import { outcomeOf } from '../collector/history/thread.ts'
import { atOnce } from '../collector/slices.ts'
import type { DaysOrder } from './days-beside.ts'
import { answerDays } from './migration-days.ts'

/** A thread that answers one order and ends. */
const { file, questions, rules } = workerData as DaysOrder

parentPort?.postMessage(
  outcomeOf(file, () => {
    using database = openForReading(file)
    return atOnce(answerDays(createHoursReader(database), questions, rules))
  }),
)

import { once } from 'node:events'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Outcome, valueOf } from '../collector/history/thread.ts'
import type { Answers, DayRules, Questions } from './migration-days.ts'

/** What is asked of a history in a thread of its own; everything that it needs goes there as a copy. */
export interface DaysOrder {
  /** Path of the history. */
  readonly file: string
  readonly questions: Questions
  readonly rules: DayRules
}

/** Beside this module, under the ending that it has itself: `.ts`, or `.js` once it is built. */
const script = path.join(import.meta.dirname, `days-thread${path.extname(import.meta.filename)}`)

/** `answerDays` on another core, where there is one. Rejects with `EnvironmentFault`. */
export const answerBeside = async (order: DaysOrder): Promise<Answers> => {
  const [outcome] = (await once(new Worker(script, { workerData: order }), 'message')) as [Outcome<Answers>]
  return valueOf(outcome)
}

import { type EnvironmentCode, EnvironmentFault } from '../../core/fault.ts'
import type { Applied } from './apply.ts'
import { historyFault } from './fault.ts'
import type { Parcel } from './parcel.ts'
import type { Horizon } from './writer.ts'

/** What the thread that writes is asked: one thing at a time. */
export type Order =
  | { readonly write: readonly Parcel[] }
  | { readonly prune: Horizon }
  | { readonly fold: number }
  | { readonly close: true }

/** A fault as it goes from thread to thread, which errors cannot whole. */
export interface Words {
  readonly message: string
  readonly code?: EnvironmentCode
  readonly suggestion?: string
  readonly stack?: string | undefined
}

export type Outcome<Value> = { readonly value: Value } | { readonly fault: Words }

/** What became of each delivery of a group, and how long the commit took. */
export interface Written {
  readonly outcomes: readonly Outcome<Applied>[]
  readonly seconds: number
}

const wordsOf = (error: Error): Words => ({
  message: error.message,
  stack: error.stack,
  ...(error instanceof EnvironmentFault && {
    code: error.code,
    ...(error.suggestion !== undefined && { suggestion: error.suggestion }),
  }),
})

/** What work on the history's file came to. */
export const outcomeOf = <Value>(file: string, work: () => Value): Outcome<Value> => {
  try {
    return { value: work() }
  } catch (error) {
    return { fault: wordsOf(historyFault(file, error)) }
  }
}

const errorOf = ({ message, code, suggestion, stack }: Words): Error =>
  code === undefined
    ? Object.assign(new Error(message), { stack })
    : new EnvironmentFault(code, message, suggestion === undefined ? {} : { suggestion })

/** The value, or throws the error that the other thread met. */
export const valueOf = <Value>(outcome: Outcome<Value>): Value => {
  if ('fault' in outcome) throw errorOf(outcome.fault)
  return outcome.value
}

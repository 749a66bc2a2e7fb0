import type { EnvironmentFault } from '../core/fault.ts'
import { CollectorRefusal } from '../transport/refusal.ts'
import type { Log } from '../core/log.ts'

/** Tells of a link when its state changes, not at each attempt. */
export interface LinkLog {
  works(): void
  fails(fault: EnvironmentFault): void
}

const levelOf = ({ code }: EnvironmentFault): 'warn' | 'error' =>
  code === 'COLLECTOR_UNREACHABLE' ? 'warn' : 'error'

const stateOf = (fault: EnvironmentFault): string =>
  fault instanceof CollectorRefusal ? `${fault.code} ${fault.reason}` : fault.code

/** `what` names the link: `delivery`, `plan`. */
export const createLinkLog = (what: string, log: Log): LinkLog => {
  let state = 'works'
  return {
    works: () => {
      if (state !== 'works') log('info', `${what}: works again`)
      state = 'works'
    },
    fails: (fault) => {
      const next = stateOf(fault)
      if (next !== state)
        log(levelOf(fault), `${what}: ${fault.message}`, {
          code: fault.code,
          ...(fault.suggestion !== undefined && { suggestion: fault.suggestion }),
        })
      state = next
    },
  }
}

import { EnvironmentFault } from '../core/fault.ts'

/** Why a collector would not take what it was sent, as far as an agent acts on it. */
export const refusalReasons = ['unauthorized', 'too-large', 'malformed', 'other'] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** The collector heard the request and said no: `COLLECTOR_REFUSED` with its words. The same request will not pass. */
export class CollectorRefusal extends EnvironmentFault {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string, suggestion?: string) {
    super('COLLECTOR_REFUSED', message, suggestion === undefined ? {} : { suggestion })
    this.reason = reason
  }
}

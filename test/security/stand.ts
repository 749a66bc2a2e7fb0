import { probeByKind } from '../../probes/index.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import type { LookPlant } from './scene.ts'

/** What stands on real sockets, with a fault and without, and what the real probes see of it. */

export type Stack = AsyncDisposableStack

/** A look, told what the one before it saw. */
export type Measure = (look: Pick<Stand, 'kind' | 'options'>, previous?: unknown) => Promise<Measurement>

/** What to look at, and how; looked at anew each time. */
export interface Stand {
  readonly kind: string
  readonly options: object
  readonly look?: Partial<LookPlant>
  /** By which other agents look at the same. */
  readonly others?: readonly object[]
  /** Of the job, where it must not be answered. */
  readonly expect?: 'unreachable'
  /** Before the look with that number. */
  readonly before?: (turn: number) => void | Promise<void>
  /** Default: from here. */
  readonly measure?: Measure
  /** Where the finding must be, as its id ends; default: anywhere. */
  readonly place?: string
  /** Default: as many looks as the rule needs, and one more. */
  readonly turns?: number
}

export interface SocketPlant {
  readonly rule: string
  readonly stand: (isBad: boolean, stack: Stack) => Promise<Stand>
}

const credential = (name: string) => {
  switch (name) {
    case 'default':
      return { kind: 'snmp-community', community: 'public' } as const
    case 'own':
      return { kind: 'snmp-community', community: 'read-only-word' } as const
    default:
      return {
        ...({ kind: 'snmp-user', user: 'sha256user', authProtocol: 'sha256' } as const),
        ...({
          authPassword: 'authentication-2',
          privProtocol: 'aes128',
          privPassword: 'encryption-2',
        } as const),
      }
  }
}

export const lookAt: Measure = ({ kind, options }, previous) =>
  probeByKind.get(kind)!.bind(options)(probeContext({ credential, previous }))

export const local = { address: '127.0.0.1' } as const

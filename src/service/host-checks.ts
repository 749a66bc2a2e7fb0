import { checkElsewhere } from '../agent/host/elsewhere.ts'
import { hostCheckSource, type HostCheckOptions } from '../agent/host-checks.ts'
import { createLinkLog } from '../agent/link-log.ts'
import { pause } from '../core/pause.ts'
import type { AgentOptions } from '../agent/run.ts'
import type { Source } from '../agent/source.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { CollectorRefusal } from '../transport/refusal.ts'
import { version } from './version.ts'

/** The checks of this machine, where the configuration does not turn them off. */
export const hostCheckSources = (
  { enabled, intervalSeconds }: Config['agent']['hostChecks'],
  surroundings: Omit<HostCheckOptions, 'intervalSeconds' | 'check'>,
): readonly Source[] =>
  enabled
    ? [
        hostCheckSource({
          ...surroundings,
          intervalSeconds,
          check: (signal) => checkElsewhere(version, signal),
        }),
      ]
    : []

const retryMs = 60_000

/** What asking again does not mend. */
const isFinal = (error: EnvironmentFault): boolean =>
  error instanceof CollectorRefusal && error.reason !== 'unauthorized'

/**
 * Tells the collector the signing key at every start, until it has heard of it: an agent that has no such key in the
 * inventory yet gets it there by this. What is signed meanwhile is believed afterwards.
 */
export const announceSigningKey = async (
  send: (signal: AbortSignal) => Promise<unknown>,
  { log, random, signal }: Pick<AgentOptions, 'log' | 'random' | 'signal'>,
): Promise<void> => {
  const link = createLinkLog('signing key', log)
  /** Whether there is nothing more to be done. */
  const tell = async (): Promise<boolean> => {
    try {
      await send(signal)
      return true
    } catch (error) {
      if (signal.aborted) return true
      if (error instanceof UsageFault) {
        log('error', `signing key: ${error.message}`)
        return true
      }
      if (!(error instanceof EnvironmentFault)) throw error
      link.fails(error)
      return isFinal(error)
    }
  }
  while (!(await tell())) await pause(retryMs * (0.5 + random()), signal)
}

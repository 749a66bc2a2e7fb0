import type { Plan } from '../plan/plan.ts'
import type { Acknowledgement, Batch } from './wire.ts'

/** The agent's side of the link to its collector. Adapters: HTTP, and in-process for `yiwang run`. */
export interface Uplink extends AsyncDisposable {
  /** Resolves when the collector has it on disk. Rejects with `EnvironmentFault` (COLLECTOR_UNREACHABLE is worth a retry). */
  deliver(batch: Batch, signal: AbortSignal): Promise<Acknowledgement>
  /** The agent's part of the plan, or undefined where `digest` is still the newest. */
  plan(digest: string | undefined, signal: AbortSignal): Promise<Plan | undefined>
}

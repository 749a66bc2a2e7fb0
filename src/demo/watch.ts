import { setTimeout as pause } from 'node:timers/promises'
import type { StatusReport } from '../collector/status.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { fetchStatus } from '../service/status.ts'
import type { Site } from './site.ts'

export interface Watch {
  readonly site: Site
  readonly config: Config
  readonly signal: AbortSignal
}

const pollMs = 300

/** What is waited for. */
export interface Awaited {
  readonly what: string
  readonly isSo: (report: StatusReport) => boolean
  readonly patienceSeconds?: number
}

/** Polls the collector until the report is as awaited. Rejects with `EnvironmentFault` when it takes too long. */
export const awaitStatus = async (
  { site, config, signal }: Watch,
  { what, isSo, patienceSeconds = 45 }: Awaited,
): Promise<StatusReport> => {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)])
  for (;;) {
    const report = await fetchStatus(config, site.collector, signal)
    if (isSo(report)) return report
    if (deadline.aborted) {
      signal.throwIfAborted()
      throw new EnvironmentFault('COLLECTOR_UNREACHABLE', `waited ${String(patienceSeconds)} s for ${what}`)
    }
    await pause(pollMs)
  }
}

const isComplete = ({ coverage, systems, devices }: StatusReport): boolean =>
  [coverage.all, systems, devices].every(({ unknown }) => unknown === 0)

export const firstLook = { what: 'a first look at everything', isSo: isComplete } satisfies Awaited

/** Name of the scrape job of the collector in Prometheus. */
export const scrapeJob = 'yiwang'

/**
 * `critical`: somebody is called; `warning`: somebody looks today; `info`: seen beside a cause, notified to nobody.
 */
export type Severity = 'critical' | 'warning' | 'info'

export interface AlertRule {
  readonly name: string
  readonly expr: string
  /** How long it must hold, as Prometheus writes it. */
  readonly for: string
  /** How long it goes on after it no longer holds. A cause outlives what it holds back, or that would be told then. */
  readonly keepFor?: string
  readonly severity: Severity
  /** One line; may use `{{ $labels.… }}` and `{{ $value }}`. */
  readonly summary: string
  /** The runbook: what it means, then what to do, in order. */
  readonly meaning: string
  readonly steps: readonly [string, ...string[]]
}

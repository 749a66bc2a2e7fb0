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
  readonly severity: Severity
  /** One line; may use `{{ $labels.… }}` and `{{ $value }}`. */
  readonly summary: string
  /** The runbook: what it means, then what to do, in order. */
  readonly meaning: string
  readonly steps: readonly [string, ...string[]]
}

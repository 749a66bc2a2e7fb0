/** One metric family: what exposition, reference and dashboards are made from. */
export interface MetricDefinition {
  readonly name: string
  readonly help: string
  /** `info`: a gauge that is always 1 and carries its value in labels. */
  readonly type: 'gauge' | 'counter' | 'info'
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  readonly labels: readonly string[]
}

/** One numeric reading. Labels are only those a response may give: interface index and name, mount point (bounded), phase, stat. */
export interface Reading {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

/** A metric that a probe kind can show, and how it is read from the facts of a run (up or down). */
export interface Metric<Facts> {
  /** Full Prometheus name, base units: `yiwang_icmp_rtt_seconds`. */
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  /** Names of the labels that its readings carry beside the target's own. */
  readonly labels?: readonly string[]
  readonly read: (facts: Partial<Facts>) => number | undefined | readonly Reading[]
}

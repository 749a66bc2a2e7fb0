/** What was seen by an instant of the past and is no longer known: it decides nothing. Counted on what assets stand for. */
export interface Unkept {
  /** Jobs of which it is known whether something answered, and not what. */
  readonly statusOnly: number
  /** Jobs that were looked at since and of which nothing of then is on record. */
  readonly nothing: number
  /** Devices whose loads of interfaces are not kept. */
  readonly loads: number
  /** Agents that have checked their machines since: what they had found by then. */
  readonly hosts: number
  /** Devices that have logged since: how their log stood then is not kept. */
  readonly logs: number
}

export const allKept: Unkept = { statusOnly: 0, nothing: 0, loads: 0, hosts: 0, logs: 0 }

/** In words, for whoever reads what came of the rest; undefined where all is known. */
export const unkeptText = ({ statusOnly, nothing, loads, hosts, logs }: Unkept): string | undefined => {
  const parts = [
    statusOnly > 0 && `${statusOnly} 项探测只留有通断`,
    nothing > 0 && `${nothing} 项探测没有当时的记录`,
    loads > 0 && `${loads} 项接口利用率没有留存`,
    hosts > 0 && `${hosts} 台主机没有当时的核查结果`,
    logs > 0 && `${logs} 台设备没有当时的日志状况`,
  ].filter(Boolean)
  return parts.length === 0 ? undefined : `当时所见不全：${parts.join('，')}；所涉测评记录按无法验证计`
}

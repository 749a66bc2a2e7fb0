import type { Rule } from '../rule.ts'
import { boundaryRules } from './boundary.ts'
import { eventRules } from './events.ts'
import { hostRules } from './host-checks.ts'
import { hostProbeRules } from './host-probe.ts'
import { managementRules } from './management.ts'
import { networkRules } from './network.ts'
import { portsRules } from './ports.ts'
import { recordRules } from './records.ts'
import { transportRules } from './transport.ts'
import { webRules } from './web.ts'

/** Every rule, in the order of the table in docs/mlps.md. */
export const rules: readonly Rule[] = [
  ...hostRules,
  ...transportRules,
  ...managementRules,
  ...portsRules,
  ...boundaryRules,
  ...hostProbeRules,
  ...networkRules,
  ...webRules,
  ...eventRules,
  ...recordRules,
]

/** Why an item that could be shown automatically has no rule. */
export const reasons: ReadonlyMap<string, string> = new Map(
  (
    [
      [['L3-PES1-17', 'L2-PES1-12'], '探测不读环境传感器：各厂商的对象不同，尚无可供核对的设备'],
      [['L3-PES1-20'], '探测不读电源与配电单元的状态：各厂商的对象不同，尚无可供核对的设备'],
      [['L3-ABS1-02'], '探测不保存 ARP 与 MAC 表；发现命令的结果不入历史，不作证据'],
      [['L3-ABS1-06', 'L2-ABS1-03'], '命中计数要看防火墙自身的规则表，尚不采集'],
      [['L3-ABS1-08', 'L2-ABS1-05'], '无会话报文的检验要发特制报文，尚不发送；规则表尚不采集'],
      [['L3-CES1-24', 'L2-CES1-17'], '可信根、度量与告警须与可信管理平台对照，单看主机说明不了'],
      [['L3-CES1-30', 'L2-CES1-20'], '复制是否到了异地、延迟多少，要看两端，尚不采集'],
      [['L3-SMC1-11'], '是否由统一平台下发，要看该平台，单看主机说明不了'],
    ] as const
  ).flatMap(([items, reason]) => items.map((item) => [item, reason] as const)),
)

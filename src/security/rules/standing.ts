import { topics } from '../../compliance/evidence/topics.ts'
import { failureText } from '../../facts/failure.ts'
import { listed } from '../../facts/listed.ts'
import type { Target } from '../../core/target.ts'
import { basicLooks } from '../basic.ts'
import { type AgentRule, clear, type Hit, hitIf, type StandingRule, twice } from '../rule.ts'
import type { Standing } from '../seen.ts'

const common = {
  from: 'standing',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: twice,
} as const

/** What fails of its looks, in words. */
const failing = (standing: Standing): readonly string[] =>
  basicLooks(standing)
    .filter(({ status }) => status === 'down')
    .map(({ job, sighting }) => {
      const why = sighting === undefined ? '' : `（${failureText(sighting.observation)}）`
      return `${job.kind.toUpperCase()}${why}`
    })

type Service = 'all' | 'some' | 'none'

/** How much of a target's service fails. An answer to a ping is no service of a system. */
const failureOf = (standing: Standing): Service => {
  const looks = basicLooks(standing)
  const services =
    standing.target.labels.class === 'system' ? looks.filter(({ job }) => job.kind !== 'icmp') : looks
  const counted = services.length > 0 ? services : looks
  const down = counted.filter(({ status }) => status === 'down').length
  if (down === 0) return 'none'
  return down === counted.length ? 'all' : 'some'
}

const sinceOf = ({ since }: Standing): Partial<Hit> => (since === undefined ? {} : { since })

/** Behind a dead uplink it is not its own finding: whatever cuts it off is. */
const downOf =
  (isMine: (target: Target) => boolean): StandingRule['judge'] =>
  (standing) => {
    const { state, target } = standing
    if (!isMine(target) || state === 'unknown' || state === 'unprobed') return undefined
    if (state === 'unreachable') return clear
    return hitIf(
      failureOf(standing) === 'all',
      `全部探测失败：${listed(failing(standing))}`,
      sinceOf(standing),
    )
  }

const node: StandingRule = {
  ...common,
  id: 'node.down',
  title: '节点中断',
  severity: 'high',
  why: '该节点及其下级的部门用不了政务外网。',
  remedy: '核实供电与设备；查上联线路，属线路的向运营商报障；启用备用线路。',
  judge: downOf(({ labels }) => labels.class === 'node' && labels.role !== 'hall'),
}

const hall: StandingRule = {
  ...common,
  id: 'hall.down',
  title: '政务大厅中断',
  severity: 'critical',
  why: '大厅窗口无法办事，群众当场受影响。',
  remedy: '立即通知大厅启用备用线路或手工受理，并按节点中断排查。',
  judge: downOf(({ labels }) => labels.class === 'node' && labels.role === 'hall'),
}

const system: StandingRule = {
  ...common,
  id: 'system.down',
  title: '信息系统无法访问',
  severity: 'high',
  why: '依赖它的业务停止。',
  remedy: '核实服务器、应用与数据库；查看近期变更，必要时回退；按预案通告。',
  judge: downOf(({ labels }) => labels.class === 'system'),
}

const device: StandingRule = {
  ...common,
  id: 'device.down',
  title: '网络设备无应答',
  severity: 'high',
  why: '设备故障会中断其后的全部网络。',
  remedy: '核实供电与运行状态，查看告警灯与控制台；准备备机。',
  judge: downOf(({ labels }) => labels.class === 'device'),
}

const uplink: StandingRule = {
  ...common,
  id: 'uplink.down',
  title: '上联线路中断',
  severity: 'high',
  clauses: topics.redundancy,
  why: '线路一断，没有备用的节点全部中断，有备用的失去冗余。',
  remedy: '凭线路编号向运营商报障，记录报障时间与恢复时间。',
  judge: downOf(({ labels }) => labels.class === 'uplink'),
}

const degraded: StandingRule = {
  ...common,
  id: 'target.degraded',
  title: '部分服务异常',
  severity: 'medium',
  why: '一部分功能用不了；往往是全部中断的先兆。',
  remedy: '查看所列探测的失败原因，处理对应的服务。',
  judge: (standing) => {
    const { state } = standing
    if (state === 'unknown' || state === 'unprobed') return undefined
    if (state === 'unreachable') return clear
    return hitIf(failureOf(standing) === 'some', `部分探测失败：${listed(failing(standing))}`)
  },
}

const redundancy: StandingRule = {
  ...common,
  id: 'node.redundancy-lost',
  // One look more than its cause: by then it is known whether what the dead line leads to is down.
  // It is mended when its cause is, of which two looks were taken.
  policy: { open: [3, 4], close: 1 },
  title: '上联失去冗余',
  severity: 'medium',
  clauses: topics.redundancy,
  why: '剩下的线路再断，该节点即全部中断。',
  remedy: '尽快修复断掉的上联；修复前避免在剩下的线路上施工。',
  judge: ({ state, target, redundancyLost, deadUplinks }) =>
    target.labels.class !== 'node' || state === 'unknown' || state === 'unprobed'
      ? undefined
      : hitIf(redundancyLost, `上联 ${listed(deadUplinks)} 不通`),
}

const silent: AgentRule = {
  from: 'agent',
  id: 'agent.silent',
  title: '探针失联',
  severity: 'high',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: { open: [1, 1], close: 1 },
  why: '只由它监测的对象状态不明：出了事不会告警。',
  remedy: '核实探针主机、其到采集端的线路与证书，查看主机上该服务的状态。',
  judge: ({ agent, state, silent: isSilent, heartbeatAgeSeconds }) => {
    // Nobody waits for one that was revoked, or is invited anew.
    if (state !== 'active') return clear
    // Who was never heard has not begun yet.
    if (heartbeatAgeSeconds === undefined) return undefined
    return hitIf(isSilent, `${agent} 已 ${Math.round(heartbeatAgeSeconds)} 秒没有消息`, {
      cause: `agent:${agent}`,
    })
  },
}

const skew: AgentRule = {
  ...silent,
  id: 'agent.clock',
  title: '探针时钟不准',
  severity: 'medium',
  category: 'hazard',
  clauses: topics.auditContent,
  policy: { open: [3, 5], close: 5 },
  why: '它记录的时间不准，观测与日志难以作为证据。',
  remedy: '在探针主机上启用时间同步，指向本级时间服务器。',
  judge: ({ state, silent: isSilent, clockSkewSeconds }, { thresholds: { agentClockSeconds } }) => {
    if (state !== 'active') return clear
    return isSilent || clockSkewSeconds === undefined
      ? undefined
      : hitIf(
          Math.abs(clockSkewSeconds) > agentClockSeconds,
          `与采集端相差 ${clockSkewSeconds.toFixed(1)} 秒`,
        )
  },
}

export const standingRules = [node, hall, system, device, uplink, degraded, redundancy, silent, skew] as const

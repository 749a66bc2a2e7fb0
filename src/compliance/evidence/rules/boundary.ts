import { areaLabels } from '../../../core/target.ts'
import { contradicts, type Judged, type SegmentationRule, supports, cannotTell, anything } from '../rule.ts'
import type { SegmentationSeen } from '../evidence.ts'
import { topics } from '../topics.ts'
import { managementPorts } from '../../../facts/ports.ts'

const areasWith = ({ sides }: SegmentationSeen, expect: string): string =>
  sides
    .filter((side) => side.expect === expect)
    .map(({ vantage }) => areaLabels[vantage])
    .join('、')

const judge = (seen: SegmentationSeen): Judged => {
  const { endpoint, result, kind, sides } = seen
  const what = `${kind.toUpperCase()} ${endpoint}`
  switch (result) {
    case 'holds':
      return supports(
        `${what}：自${areasWith(seen, 'reachable')}可达，自${areasWith(seen, 'unreachable')}不可达`,
      )
    case 'violated': {
      const breaches = sides.filter((side) => side.expect === 'unreachable' && side.result === 'violated')
      return contradicts(
        `${what}：自${breaches.map(({ vantage }) => areaLabels[vantage]).join('、')}可达，本不应可达`,
      )
    }
    case 'unknown':
      return cannotTell(`${what}：有一侧看不到，或其沉默说明不了什么`)
  }
}

/** The port at the end of `192.0.2.1:443`, `[2001:db8::1]:443`. */
const portOf = (endpoint: string): number | undefined => {
  const port = /^(?:\[[^\]]+\]|[^:]+):(\d+)$/u.exec(endpoint)?.[1]
  return port === undefined ? undefined : Number(port)
}

const zones: SegmentationRule = {
  id: 'segmentation.zones',
  title: '双侧断言：该到的区到得了，不该到的区到不了',
  from: 'segmentation',
  items: [
    ...topics.zoneIsolation,
    ...topics.controlledInterfaces,
    ...topics.defaultDeny,
    ...topics.fiveTuple,
    ...topics.tenantIsolation,
    ...topics.virtualBoundary,
    ...topics.levelBoundary,
  ],
  says: anything,
  judge,
}

const management: SegmentationRule = {
  id: 'segmentation.management',
  title: '双侧断言：管理端口只有管理一侧到得了',
  from: 'segmentation',
  items: [
    ...topics.sourceAddresses,
    ...topics.managementZone,
    ...topics.remoteMaintenance,
    ...topics.managementTraffic,
  ],
  says: anything,
  judge: (seen) => {
    const port = portOf(seen.endpoint)
    return port !== undefined && (managementPorts.has(port) || seen.kind === 'ssh') ? judge(seen) : undefined
  },
}

export const boundaryRules = [zones, management] as const

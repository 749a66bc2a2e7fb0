import type { Device } from '../../inventory/model.ts'
import type { District } from './nodes.ts'
import {
  type BehaviourOf,
  type InterfaceDesign,
  type Service,
  simulated,
  simulatedRemark,
} from './service.ts'

/** A managed device without its SNMP port. */
export interface DeviceDesign {
  readonly service: Service<BehaviourOf<'snmp'>>
  readonly record: Omit<Device, 'snmp'>
}

/** Names of the credentials; the values are made anew at each start. */
export const credentialNames = {
  community: 'demo-v2c',
  sha1: 'demo-v3-sha1',
  sha256: 'demo-v3-sha256',
} as const

interface Plot {
  readonly slug: string
  readonly name: string
  readonly role: Device['role']
  readonly credential: string
  readonly interfaces: readonly InterfaceDesign[]
}

const port = (
  name: string,
  alias: string,
  speedMbps: number,
  overrides: Partial<InterfaceDesign> = {},
): InterfaceDesign => ({
  name,
  alias,
  speedMbps,
  adminUp: true,
  operUp: true,
  inOctetsPerSecond: speedMbps * 12_500,
  outOctetsPerSecond: speedMbps * 5_000,
  inErrorsPerHour: 0,
  ...overrides,
})

const idle = { inOctetsPerSecond: 0, outOctetsPerSecond: 0 }
const down = { ...idle, operUp: false }
const disabled = { ...down, adminUp: false }

const coreInterfaces = (counties: readonly District[]): readonly InterfaceDesign[] => [
  port('TenGigE0/0/0', '至省骨干（模拟）', 10_000),
  port('TenGigE0/0/1', '至政务云（模拟）', 10_000),
  ...counties.map(({ name }, index) => port(`GigE0/1/${index}`, `至${name}方向（模拟）`, 1000)),
  port('GigE0/2/0', '备用（模拟）', 1000, disabled),
]

const cityInterfaces: readonly InterfaceDesign[] = [
  port('GigE0/0/0', '至核心（模拟）', 1000),
  port('GigE0/0/1', '市级城域网（模拟）', 1000),
  port('GigE0/0/2', '未接入（模拟）', 1000, down),
]

/** The near end of a county's two lines: both ports go down when the county is cut off. */
const edgeInterfaces = ({ name, head }: District): readonly InterfaceDesign[] => [
  port('GigE0/0/0', '至核心（模拟）', 1000),
  port('GigE0/0/1', `至${name}电信专线（模拟）`, 1000, { towards: head.id }),
  port('GigE0/0/2', `至${name}移动专线（模拟）`, 500, { towards: head.id, inErrorsPerHour: 720 }),
  port('GigE0/0/3', '未接入（模拟）', 1000, down),
]

const cityPlots = (counties: readonly District[]): readonly Plot[] => [
  {
    slug: 'core',
    name: '市核心路由器',
    role: 'router',
    credential: credentialNames.sha256,
    interfaces: coreInterfaces(counties),
  },
  {
    slug: 'firewall',
    name: '市出口防火墙',
    role: 'firewall',
    credential: credentialNames.sha1,
    interfaces: cityInterfaces,
  },
  {
    slug: 'aggregation',
    name: '市汇聚交换机',
    role: 'switch',
    credential: credentialNames.community,
    interfaces: cityInterfaces,
  },
]

const edgePlot = (county: District): Plot => ({
  slug: `edge-${county.region}`,
  name: `${county.name}方向接入路由器`,
  role: 'router',
  credential: county.ordinal % 2 === 0 ? credentialNames.sha256 : credentialNames.community,
  interfaces: edgeInterfaces(county),
})

const designDevice = (district: District, plot: Plot, index: number): DeviceDesign => {
  const id = `d-demo-${plot.slug}`
  const name = simulated(plot.name)
  const node = district.head.id
  const address = `127.43.${district.ordinal}.${index + 1}`
  const behaviour = { kind: 'snmp', credential: plot.credential, interfaces: plot.interfaces } as const
  return {
    service: { id, name, node, address, behaviour },
    record: {
      id,
      name,
      role: plot.role,
      node,
      address,
      vendor: '模拟',
      contacts: [],
      probes: [],
      state: 'active',
      remark: simulatedRemark,
    },
  }
}

/**
 * Three devices and a router for each county's lines, polled by SNMP v2c and v3; in a quiet city by v3 only, since v2c
 * is a finding. All stand at the city: a device is pinged at its address, which on loopback would answer out of a county
 * that is cut off.
 */
export const designDevices = (
  [city, ...counties]: readonly [District, ...District[]],
  isQuiet = false,
): readonly DeviceDesign[] =>
  [...cityPlots(counties), ...counties.map(edgePlot)].map((plot, index) => {
    const isPlain = plot.credential === credentialNames.community
    return designDevice(
      city,
      isQuiet && isPlain ? { ...plot, credential: credentialNames.sha256 } : plot,
      index,
    )
  })

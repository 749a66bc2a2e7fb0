import type { System, Unit } from '../../inventory/model.ts'
import type { TargetId } from '../core/target.ts'
import type { District } from './nodes.ts'
import {
  type Behaviour,
  type CertificateState,
  type Service,
  simulated,
  simulatedFault,
  simulatedRemark,
} from './service.ts'

/** An information system without its endpoint, which the port completes. */
export interface SystemDesign {
  readonly service: Service
  readonly record: Omit<System, 'endpoints'>
  /** Systems at whose doors it asks. */
  readonly peers?: readonly TargetId[]
  /** What is out of order with it on purpose, in words. */
  readonly fault?: string
}

interface Plot {
  readonly slug: string
  readonly name: string
  readonly kind: System['kind']
  readonly unit: keyof typeof unitNames
  readonly behaviour: Behaviour
  /** What it is instead where things are out of order on purpose. */
  readonly fault?: { readonly name: string; readonly behaviour: Behaviour; readonly what: string } | undefined
}

/** Departments of the plan that answer for the systems below. */
const unitNames = {
  service: '市行政服务中心',
  information: '市信息中心',
  smart: '市智慧办',
  hotline: '市长热线办公室',
  trading: '市公共资源交易管理办公室',
  development: '市发展改革委',
  land: '市不动产登记中心',
  labour: '市人力资源社会保障局',
  audit: '市审计局',
} as const

const unitId = (key: string): string => `u-demo-${key}`

export const designUnits = (city: District): readonly Unit[] =>
  Object.entries(unitNames).map(([key, name]) => ({
    id: unitId(key),
    name: simulated(name),
    kind: 'department',
    region: city.region,
    contacts: [],
    remark: simulatedRemark,
  }))

const page: Behaviour = { kind: 'http', answer: 'page' }
const redirect: Behaviour = { kind: 'http', answer: 'redirect' }
const database: Behaviour = { kind: 'database' }
const https = (certificate: CertificateState): Behaviour => ({ kind: 'https', certificate })

/** Named for what they show. Systems that a work plan names are played beside them, under its ids (`named.ts`). */
const web: readonly Plot[] = [
  { slug: 'portal', name: '样例网站甲', kind: 'platform', unit: 'service', behaviour: https('good') },
  {
    slug: 'exchange',
    name: '样例网站乙',
    kind: 'platform',
    unit: 'smart',
    behaviour: https('good'),
  },
  { slug: 'accounts', name: '样例网站丙', kind: 'application', unit: 'service', behaviour: https('good') },
  {
    slug: 'catalogue',
    name: '样例网站丁',
    kind: 'application',
    unit: 'smart',
    behaviour: https('good'),
  },
  {
    slug: 'supervision',
    name: '样例网站戊',
    kind: 'application',
    unit: 'information',
    behaviour: https('good'),
  },
  { slug: 'cloud', name: '样例网站己', kind: 'platform', unit: 'information', behaviour: https('good') },
  {
    slug: 'trading',
    name: '样例网站庚',
    kind: 'platform',
    unit: 'trading',
    behaviour: https('good'),
    fault: { name: '证书临期的样例网站', behaviour: https('expiring'), what: '证书临期' },
  },
  {
    slug: 'approval',
    name: '样例网站辛',
    kind: 'application',
    unit: 'development',
    behaviour: https('good'),
    fault: { name: '证书过期的样例网站', behaviour: https('expired'), what: '证书已过期' },
  },
  {
    slug: 'credit',
    name: '样例网站壬',
    kind: 'application',
    unit: 'development',
    behaviour: https('good'),
    fault: { name: '证书自签的样例网站', behaviour: https('self-signed'), what: '证书自签' },
  },
  {
    slug: 'estate',
    name: '样例网站癸',
    kind: 'website',
    unit: 'land',
    behaviour: https('good'),
    fault: { name: '证书名称不符的样例网站', behaviour: https('wrong-name'), what: '证书名称不符' },
  },
  { slug: 'hotline', name: '明文的样例网站甲', kind: 'application', unit: 'hotline', behaviour: page },
  { slug: 'conduct', name: '明文的样例网站乙', kind: 'website', unit: 'service', behaviour: page },
  { slug: 'mobile', name: '跳转的样例网站', kind: 'application', unit: 'smart', behaviour: redirect },
  {
    slug: 'card',
    name: '明文的样例网站丙',
    kind: 'application',
    unit: 'labour',
    behaviour: page,
    fault: { name: '缓慢的样例网站', behaviour: { kind: 'http', answer: 'slow' }, what: '半分钟才应答' },
  },
  {
    slug: 'audit',
    name: '明文的样例网站丁',
    kind: 'application',
    unit: 'audit',
    behaviour: page,
    fault: { name: '答非所问的样例服务', behaviour: { kind: 'garbage' }, what: '应答不是 HTTP' },
  },
]

const databases: readonly Plot[] = [
  { slug: 'population', name: '样例数据库甲', kind: 'database', unit: 'smart', behaviour: database },
  { slug: 'legal-persons', name: '样例数据库乙', kind: 'database', unit: 'smart', behaviour: database },
  { slug: 'licences', name: '样例数据库丙', kind: 'database', unit: 'smart', behaviour: database },
  {
    slug: 'geography',
    name: '样例数据库丁',
    kind: 'database',
    unit: 'smart',
    behaviour: database,
    fault: { name: '端口关闭的样例数据库', behaviour: { kind: 'closed' }, what: '端口关闭' },
  },
]

const zone = 'kaifeng.example'
/** The name that the simulated name service is asked for. */
export const portalHost = `portal.${zone}`

const addressOf = (district: District, index: number): string => `127.42.${district.ordinal}.${index + 1}`

/** A host name of `kaifeng.example` for every web system. */
const zoneOf = (city: District): Readonly<Record<string, string>> =>
  Object.fromEntries(web.map(({ slug }, index) => [`${slug}.${zone}`, addressOf(city, index)]))

const nameServers = (city: District): readonly Plot[] => [
  {
    slug: 'name-service',
    name: '外网域名服务',
    kind: 'platform',
    unit: 'information',
    behaviour: { kind: 'dns', zone: zoneOf(city) },
  },
  {
    slug: 'name-service-standby',
    name: '外网域名服务（备用）',
    kind: 'platform',
    unit: 'information',
    behaviour: { kind: 'dns', zone: zoneOf(city) },
    fault: { name: '外网域名服务（备用）', behaviour: { kind: 'dns-silent' }, what: '不应答' },
  },
]

const designSystem = (district: District, plot: Plot, index: number): SystemDesign => {
  const id = `s-demo-${plot.slug}`
  const { fault } = plot
  const name = fault === undefined ? simulated(plot.name) : simulatedFault(fault.name)
  const behaviour = fault?.behaviour ?? plot.behaviour
  const node = district.head.id
  return {
    service: { id, name, node, address: addressOf(district, index), behaviour },
    record: {
      id,
      name,
      unit: unitId(plot.unit),
      region: district.region,
      kind: plot.kind,
      node,
      areas: ['public'],
      contacts: [],
      probes: [],
      state: 'active',
      remark: simulatedRemark,
    },
    ...(fault !== undefined && { fault: fault.what }),
  }
}

const hall = (county: District): Plot => ({
  slug: `hall-${county.region}`,
  name: `${county.name}政务服务大厅办件系统`,
  kind: 'application',
  unit: 'service',
  behaviour: page,
})

/** About 30 information systems: the city's own, and one in the hall of each county. A quiet city has no faults. */
export const designSystems = (
  [city, ...counties]: readonly [District, ...District[]],
  isQuiet = false,
): readonly SystemDesign[] => {
  const plots = [...web, ...databases, ...nameServers(city)]
  const played = isQuiet ? plots.map((plot): Plot => ({ ...plot, fault: undefined })) : plots
  return [
    ...played.map((plot, index) => designSystem(city, plot, index)),
    ...counties.map((county) => designSystem(county, hall(county), 0)),
  ]
}

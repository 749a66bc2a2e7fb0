import type { ClaimKindCode } from '../../inventory/ledger/index.ts'

/**
 * The 38 systems that the plan of Kaifeng (汴政办[2018]45号) names, by the id of the mention: what is asked of the
 * network for each, and what must come back. Where no look can tell, the documents that are wanted.
 */
export interface NamedSystem {
  readonly id: string
  /** What is asked, of whom. */
  readonly request: string
  /** What must come back; of documents only, what they must say. */
  readonly assertion: string
  /** The assertion as kinds of claims, all of which must hold; none: 仅文件可核. */
  readonly checks: readonly ClaimKindCode[]
  /** Whom `linked` is with. */
  readonly peers?: readonly string[]
  /** Documents for what the assertion leaves open. */
  readonly documents: readonly string[]
}

const entry = (
  id: string,
  request: string,
  more: Omit<NamedSystem, 'id' | 'request' | 'checks' | 'assertion'> &
    Partial<Pick<NamedSystem, 'assertion' | 'checks'>>,
): NamedSystem => ({ id, request, checks: ['online'], assertion: '应答符合预期', ...more })

const byDocuments = (id: string, assertion: string, documents: readonly string[]): NamedSystem => ({
  id,
  request: '无：没有可探测的接口',
  assertion,
  checks: [],
  documents,
})

const linkedWith = (id: string, request: string, peers: readonly string[], documents: readonly string[]) =>
  entry(id, request, { checks: ['linked'], peers, documents, assertion: '双向接口健康检查均符合预期' })

const trade = (id: string): NamedSystem =>
  linkedWith(
    id,
    '向市公共资源交易在线监管平台的互联接口发 HTTP 健康检查；平台一侧反向再查一次',
    ['sys-city-trade'],
    ['对接状态、数据条数、对账差异'],
  )

const publicEntry = (id: string): NamedSystem =>
  entry(id, 'HTTP GET 公开入口，TLS 证书', { documents: ['上线日期、对接方式'] })

const database = (id: string): NamedSystem =>
  entry(id, '查询服务的 TCP 连接或 HTTP 健康检查', {
    documents: ['建库验收、数据量、共享授权记录'],
  })

export const namedSystems: readonly NamedSystem[] = [
  entry('net-city-extranet', '自外网探针向登记在用的每个节点 ICMP、TCP', {
    checks: ['connected'],
    assertion: '每个节点均有应答',
    documents: ['节点名录（链路、运营商、接入类别）'],
  }),
  byDocuments('sys-prov-secmon', '接入省级监管且上报被接收', ['省监管系统接入单与回执号']),
  entry('sys-3p-secmon', 'HTTP GET 监管系统入口', { documents: ['处置工单台账、预案与演练记录'] }),
  entry('cloud-city', 'HTTP GET 云管理入口', { documents: ['资源开通单'] }),
  entry('sys-usercenter', 'HTTP GET 认证端点的发现文档', { documents: ['省平台身份认证标准版本号'] }),
  entry('sys-city-portal', 'HTTP GET 平台首页，TLS 证书', { documents: ['事项在线办理台账'] }),
  linkedWith(
    'sys-prov-portal',
    '市平台向省平台接口发 HTTP 健康检查；反向自登记的省侧探测',
    ['sys-city-portal'],
    ['对接接口数、联调日期、上线日期'],
  ),
  byDocuments('sys-prov-app', '客户端提供重点事项的办理', ['应用上架记录、移动端事项清单']),
  entry('sys-hall', '向每个实体大厅名下的节点 ICMP、TCP', {
    checks: ['connected'],
    assertion: '每个大厅均有节点应答',
    documents: ['大厅对接方式、接口地址、联调记录'],
  }),
  entry('sys-county-platform', 'HTTP GET 平台入口', { documents: ['县区开通清单'] }),
  entry('sys-12345', 'HTTP GET 平台接口；向 110 平台的互联接口发健康检查', {
    checks: ['online', 'linked'],
    peers: ['sys-110'],
    assertion: '平台应答，与 110 平台双向互联',
    documents: ['已并入热线清单、一键转接测试记录'],
  }),
  linkedWith(
    'sys-110',
    '向 12345 平台的互联接口发 HTTP 健康检查；反向再查一次',
    ['sys-12345'],
    ['一键转接测试记录'],
  ),
  entry('sys-city-trade', 'HTTP GET 平台入口；向省监管平台的互联接口发健康检查', {
    checks: ['online', 'linked'],
    peers: ['sys-prov-trade'],
    assertion: '平台应答，与省平台双向互联',
    documents: ['对接状态、数据条数、对账差异'],
  }),
  linkedWith(
    'sys-prov-trade',
    '市监管平台向省平台接口发 HTTP 健康检查；反向自登记的省侧探测',
    ['sys-city-trade'],
    ['省平台接入确认'],
  ),
  ...['sys-trade-pub', 'sys-trade-property', 'sys-trade-soe', 'sys-invest', 'sys-credit'].map(trade),
  entry('sys-prov-fiscal', '自市侧探针向对接接口发 HTTP 健康检查', { documents: ['对接里程碑与联调报告'] }),
  entry('sys-prov-wage', '自市侧探针向对接接口发 HTTP 健康检查', { documents: ['对接里程碑与联调报告'] }),
  entry('sys-prov-audit', '自被审计单位一侧探针向审计系统接口发 TCP、HTTP', {
    documents: ['应联网单位名录与联网日期'],
  }),
  ...['sys-police', 'sys-sscard', 'sys-realestate', 'sys-tax', 'sys-ftz'].map(publicEntry),
  entry('sys-city-exchange', 'HTTP GET 交换平台接口的健康检查', { documents: ['接入系统台账'] }),
  entry('sys-frontend', '前置机向省统一交换平台接口发健康检查，反向再查；对旧地址发 TCP', {
    checks: ['linked', 'old-silent'],
    peers: ['sys-prov-exchange'],
    assertion: '与省平台双向互联，旧地址静默',
    documents: ['切换方案、切换时间、回退记录'],
  }),
  linkedWith(
    'sys-prov-exchange',
    '市交换平台向省平台接口发 HTTP 健康检查；反向自登记的省侧探测',
    ['sys-city-exchange'],
    ['省平台接入确认'],
  ),
  entry('sys-city-catalog', 'HTTP GET 目录系统；向省级目录系统的同步接口发健康检查', {
    checks: ['online', 'linked'],
    peers: ['sys-prov-catalog'],
    assertion: '系统应答，与省级目录双向互联',
    documents: ['联调与验收记录、两侧目录条数'],
  }),
  linkedWith(
    'sys-prov-catalog',
    '市目录系统向省级目录接口发 HTTP 健康检查；反向自登记的省侧探测',
    ['sys-city-catalog'],
    ['联调与验收记录'],
  ),
  ...['db-population', 'db-legal', 'db-geo', 'db-license'].map(database),
  byDocuments('sys-vertical', '省级垂直系统按需向本级开放数据', ['垂管系统清单×接口×开放对象']),
  entry('cls-nonsecret', '对名录内每个系统：地址归属、云上服务天数、原址端口', {
    checks: ['migrated'],
    assertion: '每个登记迁移的系统均已上云',
    documents: ['迁移台账、不宜上云的认定依据'],
  }),
]

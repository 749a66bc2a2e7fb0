import { areaLabels } from '../../src/core/target.ts'
import { ledgerLabels, ledgerNestedLabels } from '../ledger/labels.ts'
import { assetLabels, judgementLabels, objectLabels, remediationLabels } from '../mlps/index.ts'
import type { Collection, ProbeRequest, RecordOf, Uplink } from '../model.ts'
import { bulletinLabels } from './bulletin-labels.ts'
import { id, kind, type Labels, levelWords, name, region, remark, unit, wordsOf } from './label.ts'
import { migrationLabels, migrationNestedLabels } from './migration-labels.ts'
import { securityLabels } from './security-labels.ts'

/** The Chinese words of the tables. */

const contacts = { header: '联系人', references: 'contact' } as const
const probes = { header: '探测' } as const
export const areaWords = {
  public: [areaLabels.public, '公用', '公用区', '公共区'],
  private: [areaLabels.private, '专用', '专用区'],
  internet: [areaLabels.internet, '互联网', '互联网区'],
} as const
const stateWords = {
  planned: ['规划', '规划中', '在建'],
  active: ['在用', '运行', '启用', '正常'],
  retired: ['停用', '已停用', '退役'],
} as const

const level = { header: '层级', aliases: ['级别'], words: levelWords } as const
const areas = { header: '接入区域', aliases: ['网络区域'], words: areaWords } as const
const state = { header: '状态', words: stateWords } as const

/** One label a field of each collection. */
export const labels: { readonly [C in Collection]: Labels<RecordOf<C>> } = {
  region: {
    id: { ...id, aliases: [...id.aliases, '行政区划代码', '区划代码'] },
    name,
    level,
    parent: { header: '上级区划', references: 'region' },
    statisticalOnly: { header: '仅统计单位' },
    villages: { header: '村居数', aliases: ['村（社区）数'] },
    remark,
  },
  unit: {
    id,
    name,
    kind: kind({
      department: ['部门', '委办局'],
      hall: ['大厅', '政务大厅', '实体政务大厅', '政务服务大厅'],
      room: ['机房'],
      government: ['政府', '人民政府'],
      group: ['集合', '多个单位'],
    }),
    region,
    parent: { header: '上级单位', references: 'unit' },
    contacts,
    remark,
  },
  node: {
    id,
    name: { ...name, aliases: ['节点名称'] },
    region,
    level,
    kind: kind({
      department: ['部门', '委办局'],
      hall: ['大厅', '政务大厅', '政务服务大厅'],
      room: ['机房'],
      cloud: ['云', '政务云', '云平台'],
      access: ['接入点', '接入'],
    }),
    unit,
    areas,
    accessClass: {
      header: '接入类别',
      words: {
        A: ['A', 'A类'],
        B: ['B', 'B类'],
        C: ['C', 'C类'],
        D: ['D', 'D类'],
        E: ['E', 'E类'],
        F: ['F', 'F类'],
      },
    },
    addresses: { header: '地址', aliases: ['IP地址', 'IP', '设备地址', '管理地址'] },
    uplinks: { header: '上联' },
    contacts,
    probes,
    state,
    remark,
  },
  system: {
    id,
    name: { ...name, aliases: ['系统名称'] },
    unit,
    region,
    kind: kind({
      website: ['网站', '门户网站'],
      application: ['应用系统', '业务系统', '应用'],
      platform: ['平台'],
      database: ['数据库'],
      other: ['其他', '其它'],
    }),
    node: { header: '所在节点', references: 'node' },
    endpoints: { header: '访问地址', aliases: ['网址', '服务地址', 'URL'] },
    secret: { header: '涉密', aliases: ['是否涉密', '涉密系统'] },
    areas,
    contacts,
    probes,
    state,
    remark,
  },
  device: {
    id,
    name: { ...name, aliases: ['设备名称'] },
    role: {
      header: '角色',
      aliases: ['设备类型', '类型'],
      words: {
        router: ['路由器'],
        switch: ['交换机'],
        firewall: ['防火墙'],
        vpn: ['VPN网关', 'VPN'],
        server: ['服务器'],
        other: ['其他', '其它'],
      },
    },
    node: { header: '所在节点', aliases: ['节点'], references: 'node' },
    address: { header: '地址', aliases: ['IP地址', 'IP', '管理地址'] },
    vendor: { header: '厂商', aliases: ['品牌'] },
    model: { header: '型号' },
    snmp: { header: 'SNMP' },
    contacts,
    probes,
    state,
    remark,
  },
  network: {
    id,
    name: { ...name, aliases: ['网段名称'] },
    cidr: { header: '网段', aliases: ['CIDR', '地址段', 'IP地址段', '网络地址'] },
    area: { header: '所属区域', aliases: ['网络区域', '接入区域'], words: areaWords },
    unit,
    region,
    scan: { header: '允许扫描', aliases: ['是否允许扫描', '允许扫描发现'] },
    remark,
  },
  contact: {
    id,
    name: { ...name, aliases: ['姓名'] },
    organisation: { header: '所属机构', aliases: ['单位'] },
    duty: { header: '职责', aliases: ['负责事项'] },
    phone: { header: '电话', aliases: ['联系电话', '手机'] },
    hotline: { header: '服务热线', aliases: ['是否热线'] },
    remark,
  },
  agent: {
    id,
    vantage: { header: '探测区域', words: areaWords },
    regions: { header: '负责区划', references: 'region' },
    state: { header: '状态', words: { invited: ['待接入'], active: ['在用'], revoked: ['已吊销', '吊销'] } },
    keyHash: { header: '密钥摘要' },
    previousKeyHash: { header: '旧密钥摘要' },
    invitationExpiresAt: { header: '邀请有效期至' },
    signingKey: { header: '签名公钥' },
    target: { header: '所在主机', aliases: ['台账记录'] },
    remark,
  },
  signer: {
    id,
    name,
    publicKey: { header: '公钥' },
    state: { header: '状态', words: { active: ['在用'], revoked: ['已吊销', '吊销'] } },
    remark,
  },
  evidence: {
    id,
    bytes: { header: '字节数' },
    key: { header: '签名密钥' },
    hostname: { header: '主机名' },
    machine: { header: '主机标识' },
    target: { header: '台账记录', aliases: ['台账编号'] },
    collectedAt: { header: '采集时间' },
    receivedAt: { header: '导入时间' },
    remark,
  },
  assessment: {
    id,
    name: { ...name, aliases: ['测评名称'] },
    object: { header: '测评对象', words: wordsOf(objectLabels) },
    system: { header: '信息系统', aliases: ['系统'], references: 'system' },
    level: { header: '保护等级', aliases: ['等级'] },
    cloud: { header: '云计算扩展', aliases: ['上云'] },
    filing: { header: '备案号', aliases: ['备案证明编号'] },
    institution: { header: '测评机构' },
    startedOn: { header: '开始日期' },
    finishedOn: { header: '完成日期' },
    previous: { header: '上次测评', references: 'assessment' },
    hazards: { header: '重大隐患' },
    remark,
  },
  asset: {
    id,
    assessment: { header: '测评', references: 'assessment' },
    name: { ...name, aliases: ['资产名称'] },
    kind: kind(wordsOf(assetLabels)),
    target: { header: '台账记录', aliases: ['台账编号'] },
    results: { header: '测评结果' },
    remark,
  },
  waiver: {
    id,
    assessment: { header: '测评', references: 'assessment' },
    item: { header: '测评项' },
    asset: { header: '资产', references: 'asset' },
    why: { header: '理由' },
    approver: { header: '批准人' },
    approvedOn: { header: '批准日期' },
    expiresOn: { header: '有效期至' },
  },
  remediation: {
    id,
    assessment: { header: '测评', references: 'assessment' },
    item: { header: '测评项' },
    asset: { header: '资产', references: 'asset' },
    measure: { header: '整改措施' },
    state: { header: '状态', words: wordsOf(remediationLabels) },
    unit,
    openedOn: { header: '发现日期', aliases: ['提出日期'] },
    deadline: { header: '期限', aliases: ['整改期限'] },
    effortDays: { header: '工作量(人日)', aliases: ['工作量'] },
    remark,
  },
  ...ledgerLabels,
  bulletin: bulletinLabels,
  ...migrationLabels,
  ...securityLabels,
}

/** Fields of the records inside a record; their header follows that of the field that holds them. */
export const nestedLabels: {
  readonly uplinks: Labels<Uplink>
  readonly files: Labels<RecordOf<'bulletin'>['files'][number]>
  readonly probes: Labels<ProbeRequest>
  readonly snmp: Labels<NonNullable<RecordOf<'device'>['snmp']>>
  readonly hazards: Labels<RecordOf<'assessment'>['hazards'][number]>
} & typeof ledgerNestedLabels &
  typeof migrationNestedLabels = {
  ...ledgerNestedLabels,
  files: { hash: { header: 'SHA-256' }, name, bytes: { header: '字节数' } },
  uplinks: {
    id: { header: '编号' },
    kind: {
      header: '类型',
      aliases: ['方式'],
      words: { line: ['专线', '线路'], vpn: ['VPN', '虚拟专网'] },
    },
    to: { header: '上级节点', aliases: ['节点'], references: 'node' },
    operator: { header: '运营商' },
    circuit: { header: '电路编号', aliases: ['电路号', '线路编号'] },
    bandwidthMbps: { header: '带宽(Mbps)', aliases: ['带宽'] },
    address: { header: '探测地址', aliases: ['地址'] },
  },
  probes: {
    kind: { header: '类型' },
    options: { header: '参数' },
    intervalSeconds: { header: '间隔(秒)' },
    vantage: { header: '探测区域', words: areaWords },
    expect: {
      header: '期望',
      words: { reachable: ['可达'], unreachable: ['不可达'] },
    },
    unreachableFrom: { header: '不得可达区域', aliases: ['禁止访问区域', '隔离区域'], words: areaWords },
    control: { header: '对照目标', aliases: ['对照'] },
  },
  snmp: {
    credential: { header: '凭据名称', aliases: ['凭据'] },
    port: { header: '端口' },
    engineId: { header: '引擎编号', aliases: ['引擎ID'] },
  },
  hazards: {
    scenario: { header: '编号' },
    judgement: { header: '判定', words: wordsOf(judgementLabels) },
    rectified: { header: '已整改' },
    by: { header: '判定人' },
    on: { header: '判定日期' },
    note: { header: '说明' },
  },
  ...migrationNestedLabels,
  documents: { ...migrationNestedLabels.documents, ...ledgerNestedLabels.documents },
}

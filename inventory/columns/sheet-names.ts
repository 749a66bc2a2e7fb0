import { ledgerSheets } from '../ledger/labels.ts'
import type { Collection } from '../model.ts'

/** Names of the sheets: the one that is written, then those that are understood as well. */
export const collectionLabels: Readonly<Record<Collection, readonly [string, ...string[]]>> = {
  region: ['行政区划', '区划', 'regions'],
  unit: ['单位', '责任单位', 'units'],
  node: ['节点', '接入节点', '外网节点', 'nodes'],
  system: ['信息系统', '系统', '业务系统', 'systems'],
  device: ['设备', '网络设备', 'devices'],
  network: ['网段', 'IP地址段', '地址规划', 'networks'],
  contact: ['联系人', '通讯录', 'contacts'],
  agent: ['探针', '采集器', 'agents'],
  signer: ['签名密钥', 'signers'],
  evidence: ['主机核查证据', 'evidence'],
  assessment: ['等级测评', 'assessments'],
  asset: ['测评资产', 'assets'],
  waiver: ['豁免', 'waivers'],
  remediation: ['整改', '整改项', 'remediations'],
  cloud: ['政务云', 'clouds'],
  wave: ['迁移批次', '批次', 'waves'],
  migration: ['系统迁移', '迁移台账', '上云迁移', '应用系统迁云工作推进表', 'migrations'],
  readiness: ['迁移评估', '上云评估'],
  bulletin: ['通报', 'bulletins'],
  ...ledgerSheets,
  maintenance: ['维护窗口'],
  exception: ['例外', '规则例外'],
  duty: ['值班表', '值班'],
}

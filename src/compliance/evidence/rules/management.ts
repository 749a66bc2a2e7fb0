import { brokenAmong } from '../../../facts/ssh.ts'
import { listed } from '../../../facts/listed.ts'
import { flagAt, textAt } from '../../../facts/read.ts'
import { cannotTell, contradicts, faultOnly, type ProbeRule, supports, yesOrNo } from '../rule.ts'
import { topics } from '../topics.ts'

const channels = [...topics.remoteSecrecy, ...topics.managementChannel]

const ssh: ProbeRule = {
  id: 'ssh.algorithms',
  title: 'SSH：协议版本与所提供的算法',
  from: 'probe',
  kinds: ['ssh'],
  items: [...channels, ...topics.networkIntegrity],
  says: ['supports', 'contradicts', 'cannot-tell'],
  judge: ({ observation: { status, facts } }) => {
    const version = textAt(facts, 'protocolVersion')
    if (status !== 'up' || version === undefined) return undefined
    if (version !== '2.0') return contradicts(`SSH 协议版本 ${version}，第 1 版已被攻破`)
    if (facts['ciphers'] === undefined) return cannotTell('SSH 2.0，但没有得到算法清单')
    const weak = brokenAmong(facts)
    return weak.length > 0
      ? contradicts(`SSH 提供已被攻破的算法 ${listed(weak)}`)
      : supports('SSH 2.0，未见已被攻破的算法')
  },
}

const snmp: ProbeRule = {
  id: 'snmp.version',
  title: 'SNMP：以 v3（鉴别并加密）还是 v2c（团体名明文）应答',
  from: 'probe',
  kinds: ['snmp', 'snmp-trap'],
  items: channels,
  says: yesOrNo,
  judge: ({ observation: { status, kind, facts } }) => {
    const version = textAt(facts, 'version')
    if (version === undefined || (kind === 'snmp' && status !== 'up')) return undefined
    const what = kind === 'snmp' ? '应答 SNMP' : '发来 SNMP 通知'
    return version === 'v3'
      ? supports(`${what} v3（鉴别并加密）`)
      : contradicts(`${what} ${version}，团体名以明文传送`)
  },
}

const community: ProbeRule = {
  id: 'snmp.default-community',
  title: 'SNMP：以出厂团体名（public、private）应答',
  from: 'probe',
  kinds: ['snmp'],
  items: topics.defaultAccounts,
  says: faultOnly,
  judge: ({ observation: { status, facts } }) => {
    const isDefault = flagAt(facts, 'defaultCommunity')
    if (status !== 'up' || isDefault === undefined) return undefined
    return isDefault
      ? contradicts('以出厂团体名应答 SNMP')
      : cannotTell('所用团体名不是出厂的；是否也接受出厂的须另加探测')
  },
}

export const managementRules = [ssh, snmp, community] as const

import { cannotTell, decide, defineFamily, type HostCheck, type Judgement, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Machine } from '../machine.ts'
import { readSshdSettings, secondsOf, type SshdSettings } from '../sshd-settings.ts'
import { numberOf } from '../texts.ts'

interface RemoteLoginFacts {
  readonly sshd: SshdSettings | undefined
  readonly hostKeys: readonly FileState[]
}

const read = async (machine: Machine): Promise<RemoteLoginFacts> => {
  const keys = (await machine.list('/etc/ssh')).filter((name) => /^ssh_host_.*_key$/u.test(name))
  const states = await Promise.all(keys.map((name) => machine.state(`/etc/ssh/${name}`)))
  return {
    sshd: await readSshdSettings(machine),
    hostKeys: states.filter((state) => state !== undefined),
  }
}

type Keyword = Pick<HostCheck<RemoteLoginFacts>, 'id' | 'title' | 'items' | 'remedy'>

const reads = ['sshd -T', '/etc/ssh/sshd_config', '/etc/ssh/sshd_config.d'] as const

/** Judges one keyword. What is good for all may be undone by a Match block for some. */
const keyword = (
  name: string,
  text: Keyword,
  judge: (value: string, sshd: SshdSettings) => Judgement,
): HostCheck<RemoteLoginFacts> => ({
  ...text,
  reads,
  judge: ({ sshd }) => {
    if (sshd === undefined) return cannotTell('未见可读的 /etc/ssh/sshd_config')
    const value = sshd.values.get(name)
    if (value === undefined) return cannotTell(`${name} 未写明，取决于 sshd 版本的缺省值`)
    const judgement = judge(value, sshd)
    const undone = judgement.verdict === 'supports' && sshd.matched.has(name)
    return undone ? cannotTell(`${judgement.observed}；但 Match 段对部分连接另有设置`) : judgement
  },
})

const isValue =
  (name: string, wanted: readonly string[]) =>
  (value: string): Judgement =>
    decide(wanted.includes(value.toLowerCase()), `${name} ${value}`)

/** Names of a list that fit; in a file, what is added to the build's own list or taken from it is known only. */
const withoutWeak =
  (name: string, weak: RegExp) =>
  (value: string): Judgement => {
    const own = value
      .replace(/^[+^]/u, '')
      .split(',')
      .filter((each) => weak.test(each.trim()))
    if (value.startsWith('-')) return cannotTell(`${name} 只在缺省表上删减`)
    if (own.length === 0 && /^[+^]/u.test(value)) return cannotTell(`${name} 只在缺省表上增加`)
    return noneOf(own, `${name} 含弱算法`, `${name} 不含已知弱算法`)
  }

const authentication: readonly HostCheck<RemoteLoginFacts>[] = [
  keyword(
    'permitrootlogin',
    {
      id: 'ssh.root-login',
      title: '不允许 root 直接远程登录',
      items: [...items.leastPrivilege, ...items.sharedAccounts],
      remedy: '在 sshd_config 设 PermitRootLogin no，用个人账户登录后再提权',
    },
    (value) =>
      ['yes', 'no'].includes(value.toLowerCase())
        ? decide(value.toLowerCase() === 'no', `PermitRootLogin ${value}`)
        : cannotTell(`PermitRootLogin ${value}：root 不能用口令登录，能否用密钥登录须人工核对`),
  ),
  keyword(
    'permitemptypasswords',
    {
      id: 'ssh.empty-passwords',
      title: '不允许空口令远程登录',
      items: items.identification,
      remedy: '在 sshd_config 设 PermitEmptyPasswords no',
    },
    isValue('PermitEmptyPasswords', ['no']),
  ),
  keyword(
    'maxauthtries',
    {
      id: 'ssh.attempts',
      title: '每个连接最多尝试 5 次',
      items: items.failedLogins,
      remedy: '在 sshd_config 设 MaxAuthTries 5 或更小',
    },
    (value) => decide((numberOf(value) ?? Infinity) <= 5, `MaxAuthTries ${value}`),
  ),
  keyword(
    'logingracetime',
    {
      id: 'ssh.grace-time',
      title: '登录须在 2 分钟内完成',
      items: items.failedLogins,
      remedy: '在 sshd_config 设 LoginGraceTime 60',
    },
    (value) => {
      const seconds = secondsOf(value)
      return decide(seconds !== undefined && seconds > 0 && seconds <= 120, `LoginGraceTime ${value}`)
    },
  ),
  keyword(
    'hostbasedauthentication',
    {
      id: 'ssh.host-based',
      title: '不凭来源主机免口令登录',
      items: items.identification,
      remedy: '在 sshd_config 设 HostbasedAuthentication no',
    },
    isValue('HostbasedAuthentication', ['no']),
  ),
  keyword(
    'ignorerhosts',
    {
      id: 'ssh.ignore-rhosts',
      title: '忽略 .rhosts 信任文件',
      items: items.identification,
      remedy: '在 sshd_config 设 IgnoreRhosts yes',
    },
    isValue('IgnoreRhosts', ['yes']),
  ),
  {
    id: 'ssh.two-factors',
    title: '远程登录要求两种鉴别方法',
    items: items.twoFactors,
    reads,
    remedy:
      '在 sshd_config 设 AuthenticationMethods publickey,keyboard-interactive，并接入动态口令等第二因素',
    judge: ({ sshd }) => {
      const methods = sshd?.values.get('authenticationmethods') ?? 'any'
      const all = methods.split(/\s+/u)
      const isTwofold = all.every(
        (list) => new Set(list.split(',').map((each) => each.split(':')[0])).size >= 2,
      )
      if (!isTwofold || sshd?.matched.has('authenticationmethods'))
        return cannotTell(
          `sshd 未对所有人要求两种方法（AuthenticationMethods ${methods}）；堡垒机等其他措施须人工核对`,
        )
      return decide(true, `AuthenticationMethods ${methods}；两种方法是否属不同因素须人工确认`)
    },
  },
]

const channel: readonly HostCheck<RemoteLoginFacts>[] = [
  keyword(
    'ciphers',
    {
      id: 'ssh.ciphers',
      title: '远程登录不用弱加密算法',
      items: [...items.remoteSecrecy, ...items.transferSecrecy],
      remedy: '在 sshd_config 的 Ciphers 中只留 AES-CTR、AES-GCM、ChaCha20 等算法',
    },
    withoutWeak('Ciphers', /(?:cbc|arcfour|3des|blowfish|cast128|none)/u),
  ),
  keyword(
    'macs',
    {
      id: 'ssh.macs',
      title: '远程登录不用弱完整性算法',
      items: [...items.remoteSecrecy, ...items.transferIntegrity],
      remedy: '在 sshd_config 的 MACs 中去掉 md5、96 位等算法',
    },
    withoutWeak('MACs', /(?:md5|-96|ripemd|none)/u),
  ),
  keyword(
    'kexalgorithms',
    {
      id: 'ssh.key-exchange',
      title: '远程登录不用弱密钥交换',
      items: items.remoteSecrecy,
      remedy: '在 sshd_config 的 KexAlgorithms 中去掉以 sha1 结尾的算法',
    },
    withoutWeak('KexAlgorithms', /sha1$/u),
  ),
  {
    id: 'ssh.host-keys',
    title: 'SSH 主机私钥只有系统可读',
    items: [...items.remoteSecrecy, ...items.permissions],
    reads: ['/etc/ssh/ssh_host_*_key'],
    remedy: '对 /etc/ssh/ssh_host_*_key 运行 chmod 600',
    judge: ({ hostKeys }) => {
      if (hostKeys.length === 0) return cannotTell('未见 SSH 主机私钥')
      // 0640 with a group of its own is how the RHEL family ships them.
      const open = hostKeys.filter(({ mode }) => (mode & 0o137) !== 0)
      return noneOf(
        open.map(({ path, mode }) => `${path} ${mode.toString(8)}`),
        '权限过宽的主机私钥',
        `${hostKeys.length} 个主机私钥不对其他用户开放`,
      )
    },
  },
]

const behaviour: readonly HostCheck<RemoteLoginFacts>[] = [
  keyword(
    'clientaliveinterval',
    {
      id: 'ssh.idle',
      title: '远程连接失去响应后自动断开',
      items: items.failedLogins,
      remedy: '在 sshd_config 设 ClientAliveInterval 300 和 ClientAliveCountMax 3',
    },
    (value, sshd) => {
      const interval = secondsOf(value) ?? 0
      const count = numberOf(sshd.values.get('clientalivecountmax')) ?? 3
      const total = interval * count
      const text = `ClientAliveInterval ${value}、ClientAliveCountMax ${count}`
      return decide(total > 0 && total <= 1800, text)
    },
  ),
  keyword(
    'x11forwarding',
    {
      id: 'ssh.x11',
      title: '关闭 X11 转发',
      items: items.unneededServices,
      remedy: '在 sshd_config 设 X11Forwarding no',
    },
    isValue('X11Forwarding', ['no']),
  ),
  keyword(
    'permituserenvironment',
    {
      id: 'ssh.user-environment',
      title: '登录者不能自带环境变量绕过限制',
      items: items.leastPrivilege,
      remedy: '在 sshd_config 设 PermitUserEnvironment no',
    },
    isValue('PermitUserEnvironment', ['no']),
  ),
  keyword(
    'loglevel',
    {
      id: 'ssh.log-level',
      title: '远程登录留有日志',
      items: [...items.auditEnabled, ...items.operationTraces],
      remedy: '在 sshd_config 设 LogLevel INFO 或 VERBOSE',
    },
    (value) => decide(!['QUIET', 'FATAL', 'ERROR'].includes(value.toUpperCase()), `LogLevel ${value}`),
  ),
]

export const remoteLogin = defineFamily<RemoteLoginFacts>({
  name: 'remote-login',
  title: '远程登录',
  read,
  checks: [...authentication, ...channel, ...behaviour],
})

import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Machine } from '../machine.ts'
import { enabledUnits, firstThere, joined, linesOf, readAll, settingsOf, textOf } from '../texts.ts'

interface FirewallFacts {
  /** What filters, or would after a restart: `nftables`, `ufw` … */
  readonly active: readonly string[]
  /** Installed and set up, but not started. */
  readonly idle: readonly string[]
  /** The kernel was asked for its rules. */
  readonly isAsked: boolean
  /** Rules as loaded, else as the files have them: nft's language, or that of iptables-save. */
  readonly rules: readonly string[]
  readonly ufw: ReadonlyMap<string, string>
  readonly zone: string | undefined
  /** TCP wrappers: who is refused. */
  readonly denied: readonly string[]
}

const ruleFiles = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'] as const
const savedFiles = ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6', '/etc/sysconfig/iptables'] as const
const ufwFiles = ['/etc/ufw/ufw.conf', '/etc/default/ufw', '/etc/ufw/user.rules'] as const
const zoneFiles = ['/etc/firewalld/firewalld.conf'] as const
const reads = ['nft list ruleset', 'iptables-save', ...ruleFiles, ...savedFiles, ...ufwFiles, ...zoneFiles]

const filters = (rules: readonly string[]): boolean =>
  rules.some((line) => /\bhook input\b|^:INPUT |^-A INPUT /u.test(line))

interface Firewall {
  readonly name: string
  readonly isSetUp: boolean
  readonly isStarted: boolean
  /** As its files have them. */
  readonly rules: readonly string[]
}

const firewallsOf = async (
  machine: Machine,
  ufw: ReadonlyMap<string, string>,
): Promise<readonly Firewall[]> => {
  const units = await enabledUnits(machine)
  const rulesIn = async (files: readonly string[]): Promise<readonly string[]> =>
    linesOf(joined(await readAll(machine, files)))
  const [nftables, iptables] = [await rulesIn(ruleFiles), await rulesIn(savedFiles)]
  return [
    {
      name: 'nftables',
      isSetUp: filters(nftables),
      isStarted: units.has('nftables.service'),
      rules: nftables,
    },
    {
      name: 'iptables',
      isSetUp: filters(iptables),
      isStarted: ['netfilter-persistent.service', 'iptables.service'].some((unit) => units.has(unit)),
      rules: iptables,
    },
    {
      name: 'ufw',
      isSetUp: ufw.has('enabled'),
      isStarted: ufw.get('enabled') === 'yes',
      rules: await rulesIn(['/etc/ufw/user.rules']),
    },
    {
      name: 'firewalld',
      isSetUp: (await machine.state('/etc/firewalld/firewalld.conf')) !== undefined,
      isStarted: units.has('firewalld.service'),
      rules: [],
    },
  ]
}

const loadedRules = async (machine: Machine): Promise<readonly string[] | undefined> => {
  const dumps = await Promise.all([
    machine.live?.run('nft', ['list', 'ruleset']),
    machine.live?.run('iptables-save', []),
  ])
  const seen = dumps.filter((dump) => dump !== undefined)
  return seen.length === 0 ? undefined : linesOf(seen.join('\n'))
}

const namesOf = (firewalls: readonly Firewall[]): readonly string[] => firewalls.map(({ name }) => name)

const read = async (machine: Machine): Promise<FirewallFacts> => {
  const ufw = settingsOf(joined(await readAll(machine, ['/etc/ufw/ufw.conf', '/etc/default/ufw'])))
  const setUp = (await firewallsOf(machine, ufw)).filter(({ isSetUp }) => isSetUp)
  const started = setUp.filter(({ isStarted }) => isStarted)
  const loaded = await loadedRules(machine)
  const zones = await firstThere(machine, ['/etc/firewalld/firewalld.conf'])
  const isLoaded = loaded !== undefined && filters(loaded)
  return {
    active: [...namesOf(started), ...(isLoaded ? ['内核已加载的规则'] : [])],
    idle: namesOf(setUp.filter(({ isStarted }) => !isStarted)),
    isAsked: loaded !== undefined,
    rules: isLoaded ? loaded : started.flatMap(({ rules }) => rules),
    ufw,
    zone: settingsOf(textOf(zones)).get('defaultzone'),
    denied: linesOf(textOf(await machine.read('/etc/hosts.deny'))),
  }
}

const judgeActive = ({ active, idle, isAsked }: FirewallFacts): Judgement => {
  if (active.length > 0) return decide(true, `${listed(active)} 在过滤入站连接`)
  if (idle.length > 0) return decide(false, `${listed(idle)} 已配置，但未启用`)
  return isAsked
    ? decide(false, '内核中没有过滤入站连接的规则')
    : cannotTell('未见主机防火墙的配置；来源可能由网络设备限定')
}

/** A rule that turns away whatever has come so far. */
const refusesAll = (line: string): boolean =>
  /^(?:-A INPUT -j (?:DROP|REJECT)\b|(?:counter (?:packets \d+ bytes \d+ )?)?(?:drop|reject)(?: with .*)?;?$)/u.test(
    line,
  )

/** Without nft's chains of other hooks; iptables names the chain in each line. */
const inputRules = (rules: readonly string[]): readonly string[] => {
  let isInput = true
  return rules.filter((line) => {
    if (/^chain\s/u.test(line)) isInput = false
    if (/\bhook\s/u.test(line)) isInput = /\bhook input\b/u.test(line)
    return isInput
  })
}

/** What becomes of a connection that no rule speaks of. */
const defaultsOf = ({ rules, ufw, zone, active }: FirewallFacts): readonly string[] => [
  ...rules.flatMap((line) => /\bhook input\b.*?\bpolicy (\w+)/u.exec(line)?.[1] ?? []),
  ...rules.flatMap((line) => /^:INPUT (\w+)/u.exec(line)?.[1]?.toLowerCase() ?? []),
  ...(inputRules(rules).some(refusesAll) ? ['以拒绝规则收尾'] : []),
  ...(active.includes('ufw') ? [ufw.get('default_input_policy')?.toLowerCase() ?? 'drop'] : []),
  ...(active.includes('firewalld') ? [zone === 'trusted' ? 'accept' : 'reject'] : []),
]

const judgeDefault = (facts: FirewallFacts): Judgement => {
  if (facts.active.length === 0) return cannotTell('没有启用的防火墙')
  const policies = defaultsOf(facts)
  if (policies.length === 0) return cannotTell('看不出入站的缺省策略')
  // A packet must pass every chain: one that refuses is enough.
  return decide(
    policies.some((policy) => policy !== 'accept'),
    `入站缺省策略 ${[...new Set(policies)].join('、')}`,
  )
}

const isForSsh = (line: string): boolean =>
  /\b(?:dport|dports|--dport|--dports)\s+(?:\{[^}]*\b(?:22|ssh)\b|(?:[\w,]*,)?(?:22|ssh)\b)/u.test(line) &&
  /\b(?:accept|ACCEPT)\b/u.test(line)
const hasSource = (line: string): boolean => /\bsaddr\b|(?:^|\s)(?:-s|--source|-i|iif|iifname)\s/u.test(line)

const judgeSources = ({ active, rules, denied }: FirewallFacts): Judgement => {
  const ssh = rules.filter(isForSsh)
  if (active.length > 0 && ssh.length > 0)
    return noneOf(
      ssh.filter((line) => !hasSource(line)),
      '放行 SSH 的规则未限定来源',
      `${ssh.length} 条放行 SSH 的规则均限定来源`,
    )
  if (denied.some((line) => /^(?:ALL|sshd)\s*:\s*ALL\b/iu.test(line)))
    return cannotTell('/etc/hosts.deny 拒绝所有来源；sshd 是否使用 TCP Wrappers 须人工核对')
  return cannotTell('未见限定 SSH 来源的规则；来源可能由网络设备限定')
}

export const firewall = defineFamily<FirewallFacts>({
  name: 'firewall',
  title: '主机防火墙',
  read,
  checks: [
    {
      id: 'firewall.active',
      title: '主机防火墙已启用',
      items: [...items.sourceAddresses, ...items.unneededServices],
      reads,
      remedy: '写好 /etc/nftables.conf 后运行 systemctl enable --now nftables',
      judge: judgeActive,
    },
    {
      id: 'firewall.default',
      title: '入站缺省拒绝',
      items: [...items.sourceAddresses, ...items.unneededServices],
      reads,
      remedy: '入站链设 policy drop，只放行业务端口',
      judge: judgeDefault,
    },
    {
      id: 'firewall.ssh-sources',
      title: 'SSH 只放行指定来源',
      items: items.sourceAddresses,
      reads: [...reads, '/etc/hosts.deny'],
      remedy: '在放行 22 端口的规则中写明管理网段（ip saddr）',
      judge: judgeSources,
    },
  ],
})

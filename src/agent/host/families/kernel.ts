import { cannotTell, decide, defineFamily, type HostCheck } from '../check.ts'
import { type ItemId, items } from '../items.ts'
import type { Machine } from '../machine.ts'
import { joined, numberOf, readFolder, settingsOf } from '../texts.ts'

/** A value of the kernel, and where it was seen. */
interface KernelValue {
  readonly value: string
  readonly from: string
}

type KernelFacts = ReadonlyMap<string, KernelValue>

interface Parameter {
  readonly id: string
  readonly title: string
  readonly items: readonly ItemId[]
  readonly name: string
  readonly good: readonly number[]
}

const parameters: readonly Parameter[] = [
  {
    id: 'kernel.address-randomisation',
    title: '内存地址随机化全部开启',
    items: items.vulnerabilities,
    name: 'kernel.randomize_va_space',
    good: [2],
  },
  {
    id: 'kernel.messages',
    title: '普通用户不能读内核日志',
    items: items.leastPrivilege,
    name: 'kernel.dmesg_restrict',
    good: [1],
  },
  {
    id: 'kernel.pointers',
    title: '不向普通用户泄露内核地址',
    items: items.leastPrivilege,
    name: 'kernel.kptr_restrict',
    good: [1, 2],
  },
  {
    id: 'kernel.links',
    title: '防止借硬链接越权',
    items: items.leastPrivilege,
    name: 'fs.protected_hardlinks',
    good: [1],
  },
  {
    id: 'kernel.symbolic-links',
    title: '防止借符号链接越权',
    items: items.leastPrivilege,
    name: 'fs.protected_symlinks',
    good: [1],
  },
  {
    id: 'kernel.core-dumps',
    title: '特权程序崩溃时不留内存转储',
    items: items.residualSecrets,
    name: 'fs.suid_dumpable',
    good: [0],
  },
  {
    id: 'kernel.syn-cookies',
    title: '启用 SYN Cookie',
    items: items.vulnerabilities,
    name: 'net.ipv4.tcp_syncookies',
    good: [1],
  },
  {
    id: 'kernel.accept-redirects',
    title: '不接受 ICMP 重定向',
    items: items.unneededServices,
    name: 'net.ipv4.conf.all.accept_redirects',
    good: [0],
  },
  {
    id: 'kernel.send-redirects',
    title: '不发送 ICMP 重定向',
    items: items.unneededServices,
    name: 'net.ipv4.conf.all.send_redirects',
    good: [0],
  },
  {
    id: 'kernel.source-route',
    title: '不接受源路由报文',
    items: items.unneededServices,
    name: 'net.ipv4.conf.all.accept_source_route',
    good: [0],
  },
  {
    id: 'kernel.broadcasts',
    title: '不应答广播 ICMP',
    items: items.unneededServices,
    name: 'net.ipv4.icmp_echo_ignore_broadcasts',
    good: [1],
  },
  {
    id: 'kernel.martians',
    title: '记录来源地址异常的报文',
    items: items.auditEnabled,
    name: 'net.ipv4.conf.all.log_martians',
    good: [1],
  },
  {
    id: 'kernel.reverse-path',
    title: '核对报文来源地址（反向路径过滤）',
    items: items.unneededServices,
    name: 'net.ipv4.conf.all.rp_filter',
    good: [1, 2],
  },
  {
    id: 'kernel.tracing',
    title: '普通用户不能跟踪他人的进程',
    items: items.leastPrivilege,
    name: 'kernel.yama.ptrace_scope',
    good: [1, 2, 3],
  },
  {
    id: 'kernel.regular-files',
    title: '防止借公共目录中的他人文件越权',
    items: items.leastPrivilege,
    name: 'fs.protected_regular',
    good: [1, 2],
  },
  {
    id: 'kernel.programs',
    title: '普通用户不能装载 BPF 程序',
    items: items.leastPrivilege,
    name: 'kernel.unprivileged_bpf_disabled',
    good: [1, 2],
  },
]

/** As sysctl.d(5) reads them: of two files of the same name the one in /etc counts. */
const configured = async (machine: Machine): Promise<ReadonlyMap<string, string>> => {
  const folders = ['/usr/lib/sysctl.d', '/etc/sysctl.d']
  const found = (await Promise.all(folders.map((folder) => readFolder(machine, folder, /\.conf$/u)))).flat()
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const byName = new Map(found.map((file) => [nameOf(file.path), file]))
  const ordered = [...byName].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, file]) => file)
  const settings = settingsOf(joined([...ordered, await machine.read('/etc/sysctl.conf')]))
  // Both separators are allowed; ours have no dot inside a name.
  return new Map([...settings].map(([name, value]) => [name.replaceAll('/', '.'), value]))
}

const read = async (machine: Machine): Promise<KernelFacts> => {
  const files = await configured(machine)
  const values = await Promise.all(
    parameters.map(async ({ name }): Promise<readonly [string, KernelValue] | undefined> => {
      const running = await machine.read(`/proc/sys/${name.replaceAll('.', '/')}`)
      if (running.state === 'read') return [name, { value: running.text.trim(), from: '运行值' }]
      const value = files.get(name)
      return value === undefined ? undefined : [name, { value, from: '配置值' }]
    }),
  )
  return new Map(values.filter((each) => each !== undefined))
}

const check = ({ id, title, items: own, name, good }: Parameter): HostCheck<KernelFacts> => ({
  id,
  title,
  items: own,
  reads: [`/proc/sys/${name.replaceAll('.', '/')}`, '/etc/sysctl.d', '/etc/sysctl.conf'],
  remedy: `在 /etc/sysctl.d/90-security.conf 设 ${name} = ${good.join(' 或 ')}，再运行 sysctl --system`,
  judge: (facts) => {
    const found = facts.get(name)
    if (found === undefined) return cannotTell(`${name} 未见运行值，也未见配置`)
    return decide(good.includes(numberOf(found.value) ?? NaN), `${name} ${found.from} ${found.value}`)
  },
})

export const kernel = defineFamily<KernelFacts>({
  name: 'kernel',
  title: '内核参数',
  read,
  checks: parameters.map(check),
})

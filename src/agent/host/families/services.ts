import type { ListeningSocket } from '../../../../probes/host/facts.ts'
import { cannotTell, decide, defineFamily, type HostCheck, noneOf } from '../check.ts'
import { type ItemId, items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { enabledUnits, linesOf, readFolder, textOf } from '../texts.ts'

interface ServiceFacts {
  /** Absent where the running system cannot be asked. */
  readonly listening: readonly ListeningSocket[] | undefined
  readonly units: ReadonlySet<string>
  /** Names of services that inetd or xinetd starts. */
  readonly started: readonly string[]
  readonly hasUnits: boolean
  readonly snmp: Found
  readonly exports: Found
  readonly trust: Found
  /** Nothing absent says anything where there is no /etc at all. */
  readonly hasSettings: boolean
}

interface Plain {
  readonly id: string
  readonly title: string
  readonly items: readonly ItemId[]
  readonly names: readonly string[]
  readonly units: RegExp
  readonly protocol: 'tcp' | 'udp'
  readonly ports: readonly number[]
}

const plaintext = [...items.remoteSecrecy, ...items.unneededServices]

const plain: readonly Plain[] = [
  {
    id: 'services.telnet',
    title: '不提供 Telnet',
    items: plaintext,
    names: ['telnet'],
    units: /^(?:inetutils-)?telnetd?[.@]/u,
    protocol: 'tcp',
    ports: [23],
  },
  {
    id: 'services.ftp',
    title: '不提供 FTP',
    items: [...items.transferSecrecy, ...items.unneededServices],
    names: ['ftp'],
    units: /^(?:vsftpd|proftpd|pure-ftpd)[.@]/u,
    protocol: 'tcp',
    ports: [21],
  },
  {
    id: 'services.rsh',
    title: '不提供 rsh、rlogin、rexec',
    items: plaintext,
    names: ['shell', 'login', 'exec', 'rsh', 'rlogin', 'rexec'],
    units: /^(?:rsh|rlogin|rexec)[.@]/u,
    protocol: 'tcp',
    ports: [512, 513, 514],
  },
  {
    id: 'services.tftp',
    title: '不提供 TFTP',
    items: items.unneededServices,
    names: ['tftp'],
    units: /^(?:tftp|tftpd-hpa|atftpd)[.@]/u,
    protocol: 'udp',
    ports: [69],
  },
  {
    id: 'services.finger',
    title: '不提供 finger、talk',
    items: items.unneededServices,
    names: ['finger', 'talk', 'ntalk'],
    units: /^(?:finger|talk|ntalk)[.@]/u,
    protocol: 'tcp',
    ports: [79],
  },
  {
    id: 'services.small',
    title: '不提供 echo、discard、chargen 等测试服务',
    items: items.unneededServices,
    names: ['echo', 'discard', 'chargen', 'daytime'],
    units: /^(?:echo|discard|chargen|daytime)[.@]/u,
    protocol: 'tcp',
    ports: [7, 9, 13, 19],
  },
  {
    id: 'services.portmapper',
    title: '不提供 rpcbind、NIS',
    items: items.unneededServices,
    names: ['sunrpc'],
    units: /^(?:rpcbind|ypserv|ypbind)[.@]/u,
    protocol: 'tcp',
    ports: [111],
  },
]

/** Names of services in inetd.conf(5), and in files of xinetd.conf(5) that are not disabled. */
const startedOf = (inetd: Found, xinetd: readonly Found[]): readonly string[] => [
  ...linesOf(textOf(inetd)).map((line) => line.split(/\s+/u, 1)[0] ?? ''),
  ...xinetd.flatMap((found) => {
    const text = textOf(found)
    const [, name] = /^\s*service\s+(\S+)/mu.exec(text) ?? []
    return name === undefined || /^\s*disable\s*=\s*yes/mu.test(text) ? [] : [name]
  }),
]

const read = async (machine: Machine): Promise<ServiceFacts> => {
  const xinetd = await readFolder(machine, '/etc/xinetd.d', /^[^.~]+$/u)
  return {
    listening: await machine.live?.listening(),
    units: await enabledUnits(machine),
    started: startedOf(await machine.read('/etc/inetd.conf'), xinetd),
    hasUnits: (await machine.list('/etc/systemd/system')).length > 0,
    snmp: await machine.read('/etc/snmp/snmpd.conf'),
    exports: await machine.read('/etc/exports'),
    trust: await machine.read('/etc/hosts.equiv'),
    hasSettings: (await machine.list('/etc')).length > 0,
  }
}

const seenOf = (service: Plain, { listening = [], units, started }: ServiceFacts): readonly string[] => [
  ...listening
    .filter(({ protocol, port }) => protocol === service.protocol && service.ports.includes(port))
    .map(({ protocol, address, port }) => `${protocol} ${address} 端口 ${port} 在监听`),
  ...[...units].filter((unit) => service.units.test(unit)).map((unit) => `${unit} 开机启动`),
  ...started.filter((name) => service.names.includes(name)).map((name) => `inetd 启动 ${name}`),
]

const absent = (service: Plain): HostCheck<ServiceFacts> => ({
  id: service.id,
  title: service.title,
  items: service.items,
  reads: ['/proc/net', '/etc/systemd/system', '/etc/inetd.conf', '/etc/xinetd.d'],
  remedy: '停用并卸载该服务；远程管理改用 SSH，文件传输改用 SFTP',
  judge: (facts) => {
    const seen = seenOf(service, facts)
    if (seen.length === 0 && facts.listening === undefined && !facts.hasUnits)
      return cannotTell('看不到监听端口，也看不到开机启动的服务')
    const ways =
      facts.listening === undefined ? '开机启动的服务中未见（未看监听端口）' : '未在监听，也不开机启动'
    return noneOf(seen, '发现', ways)
  },
})

export const services = defineFamily<ServiceFacts>({
  name: 'services',
  title: '服务与端口',
  read,
  checks: [
    ...plain.map(absent),
    {
      id: 'services.snmp-community',
      title: 'SNMP 不用缺省团体名',
      items: [...items.defaultAccounts, ...items.remoteSecrecy],
      reads: ['/etc/snmp/snmpd.conf'],
      remedy: '改用 SNMPv3（authPriv），删除 public、private 团体名',
      judge: ({ snmp }) => {
        if (snmp.state !== 'read') return cannotTell('未见可读的 /etc/snmp/snmpd.conf')
        const usual = linesOf(snmp.text).some((line) =>
          /^(?:r[ow]community6?|com2sec6?)\s.*\b(?:public|private)\b/u.test(line),
        )
        return decide(!usual, usual ? '使用 public 或 private 团体名' : '未见 public、private 团体名')
      },
    },
    {
      id: 'services.nfs-root',
      title: 'NFS 不把远端 root 当作 root',
      items: items.leastPrivilege,
      reads: ['/etc/exports'],
      remedy: '去掉 /etc/exports 中的 no_root_squash',
      judge: ({ exports }) => {
        if (exports.state !== 'read') return cannotTell('未见可读的 /etc/exports')
        const shared = linesOf(exports.text).filter((line) => line.includes('no_root_squash'))
        return noneOf(
          shared.map((line) => line.split(/\s+/u, 1)[0] ?? ''),
          '带 no_root_squash 的共享',
          '没有 no_root_squash',
        )
      },
    },
    {
      id: 'services.trusted-hosts',
      title: '没有免口令信任主机',
      items: items.identification,
      reads: ['/etc/hosts.equiv'],
      remedy: '删除 /etc/hosts.equiv',
      judge: ({ trust, hasSettings }) => {
        if (trust.state === 'unreadable' || !hasSettings) return cannotTell('无法读取 /etc/hosts.equiv')
        const count = linesOf(textOf(trust)).length
        return decide(count === 0, count === 0 ? '没有信任主机' : `/etc/hosts.equiv 有 ${count} 行`)
      },
    },
  ],
})

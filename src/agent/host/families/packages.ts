import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { compareVersions } from '../debian-version.ts'
import { items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { installedPackages, outdated, type Package, type SecurityLists, securityLists } from '../packages.ts'
import { linesOf, textOf } from '../texts.ts'

interface PackageFacts {
  readonly now: number
  readonly installed: readonly Package[] | undefined
  readonly lists: SecurityLists
  readonly outdated: readonly Package[]
  /** When the version of the longest outdated package was installed. */
  readonly outdatedSince: number | undefined
  /** When the package manager last changed its database. */
  readonly changed: FileState | undefined
  readonly restart: Found
  readonly runningKernel: string
  readonly kernels: readonly string[]
  readonly baseline: Found
}

const dayMs = 86_400_000
const freshDays = 30
const idleDays = 90
const baselineFile = '/etc/yiwang/packages'
const databases = [
  '/var/lib/dpkg/status',
  '/var/lib/rpm/rpmdb.sqlite',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite',
  '/var/lib/rpm/Packages',
] as const

const daysSince = (now: number, at: number): number => Math.floor((now - at) / dayMs)

/** A version's list of files is written when it is installed. */
const installedAt = async (machine: Machine, { name, architecture }: Package): Promise<number> => {
  const files = [`${name}.list`, `${name}:${architecture}.list`].map((file) => `/var/lib/dpkg/info/${file}`)
  const states = await Promise.all(files.map(machine.state))
  return states.find((state) => state !== undefined)?.modifiedAt ?? Infinity
}

const read = async (machine: Machine): Promise<PackageFacts> => {
  const installed = await installedPackages(machine)
  const lists = await securityLists(machine)
  const late = outdated(installed ?? [], lists.packages)
  const since = Math.min(...(await Promise.all(late.map((each) => installedAt(machine, each)))))
  const changes = await Promise.all(databases.map(machine.state))
  return {
    now: machine.now,
    installed,
    lists,
    outdated: late,
    outdatedSince: Number.isFinite(since) ? since : undefined,
    changed: changes.find((state) => state !== undefined),
    restart: await machine.read('/run/reboot-required'),
    runningKernel: textOf(await machine.read('/proc/sys/kernel/osrelease')).trim(),
    kernels: (await machine.list('/boot'))
      .filter((name) => /^vmlinuz-\d/u.test(name))
      .map((name) => name.slice('vmlinuz-'.length)),
    baseline: await machine.read(baselineFile),
  }
}

/** Why the lists do not show that nothing is outstanding; undefined where they do. */
const doubtOf = ({ lists, now }: PackageFacts): string | undefined => {
  if (lists.read === 0 && lists.unread.length === 0) return '未见安全更新源的软件包列表'
  if (lists.unread.length > 0) return `读不出 ${listed(lists.unread)}（压缩或过大）`
  const days = daysSince(now, lists.madeAt ?? -Infinity)
  if (days < 0) return '软件包列表的时间在将来'
  return days > freshDays ? `安全更新列表为 ${days} 天前，不足以判断` : undefined
}

const judgeUpdates = (facts: PackageFacts): Judgement => {
  if (facts.installed === undefined) return cannotTell('未见可读的 dpkg 数据库')
  if (facts.outdated.length > 0) {
    const age =
      facts.outdatedSince === undefined
        ? ''
        : `；其中最久的版本装于 ${daysSince(facts.now, facts.outdatedSince)} 天前`
    return decide(
      false,
      `${facts.outdated.length} 个软件包有安全更新未装：${listed(facts.outdated.map(({ name }) => name))}${age}`,
    )
  }
  const doubt = doubtOf(facts)
  return doubt === undefined
    ? decide(true, `已装 ${facts.installed.length} 个软件包，安全更新列表中没有更新的版本`)
    : cannotTell(doubt)
}

const judgeChanges = (facts: PackageFacts): Judgement => {
  if (facts.changed === undefined) return cannotTell('未见软件包数据库')
  const days = daysSince(facts.now, facts.changed.modifiedAt)
  if (days < 0) return cannotTell('软件包数据库的时间在将来')
  const text = `${facts.changed.path} 最近变动于 ${days} 天前`
  if (days <= idleDays) return decide(true, text)
  const isUpToDate = facts.installed !== undefined && doubtOf(facts) === undefined
  return decide(isUpToDate && facts.outdated.length === 0, text)
}

const judgeRestart = ({ restart, runningKernel, kernels }: PackageFacts): Judgement => {
  if (restart.state !== 'absent') return decide(false, '系统标记为更新后须重启')
  const newest = kernels.toSorted(compareVersions).at(-1)
  if (newest === undefined || runningKernel === '') return cannotTell('看不到运行中的内核或已装内核')
  return decide(newest === runningKernel, `运行内核 ${runningKernel}，已装最新 ${newest}`)
}

const legacy =
  /^(?:telnetd(?:-ssl)?|inetutils-telnetd|rsh-(?:redone-)?server|rlinetd|nis|ypserv|talkd|inetutils-talkd|tftpd|fingerd|efingerd|xinetd|openbsd-inetd)$/u

const judgeBaseline = ({ installed, baseline }: PackageFacts): Judgement => {
  if (installed === undefined) return cannotTell('未见可读的 dpkg 数据库')
  if (baseline.state !== 'read')
    return cannotTell(`已装 ${installed.length} 个软件包；未见可读的清单 ${baselineFile}`)
  const declared = new Set(linesOf(baseline.text))
  return noneOf(
    installed.map(({ name }) => name).filter((name) => !declared.has(name)),
    '清单之外的软件包',
    `已装 ${installed.length} 个软件包均在清单内`,
  )
}

export const packages = defineFamily<PackageFacts>({
  name: 'packages',
  title: '软件包与补丁',
  read,
  checks: [
    {
      id: 'packages.security-updates',
      title: '没有未装的安全更新',
      items: items.vulnerabilities,
      reads: ['/var/lib/dpkg/status', '/var/lib/apt/lists/*security*_Packages'],
      remedy: '先在测试环境验证，再运行 apt-get update 和 apt-get upgrade 装上安全更新',
      judge: judgeUpdates,
    },
    {
      id: 'packages.changes',
      title: '软件包 90 天内有过变动，或没有未装的安全更新',
      items: items.vulnerabilities,
      reads: databases,
      remedy: '按月安排补丁验证与安装；离线环境用内网镜像',
      judge: judgeChanges,
    },
    {
      id: 'packages.restart',
      title: '更新后已重启，运行的是最新已装内核',
      items: items.vulnerabilities,
      reads: ['/run/reboot-required', '/proc/sys/kernel/osrelease', '/boot'],
      remedy: '安排窗口重启主机，使已装的内核和库生效',
      judge: judgeRestart,
    },
    {
      id: 'packages.legacy',
      title: '未装明文远程服务的软件包',
      items: [...items.minimalInstallation, ...items.unneededServices],
      reads: ['/var/lib/dpkg/status'],
      remedy: '用 apt-get purge 卸载所列软件包',
      judge: ({ installed }) =>
        installed === undefined
          ? cannotTell('未见可读的 dpkg 数据库')
          : noneOf(
              installed.map(({ name }) => name).filter((name) => legacy.test(name)),
              '已装',
              `已装 ${installed.length} 个软件包，其中没有明文远程服务`,
            ),
    },
    {
      id: 'packages.baseline',
      title: '已装软件包都在清单内',
      items: items.minimalInstallation,
      reads: ['/var/lib/dpkg/status', baselineFile],
      remedy: `核定后把软件包名逐行写入 ${baselineFile}（dpkg-query -W -f '\${Package}\\n'），卸载清单之外的`,
      judge: judgeBaseline,
    },
  ],
})

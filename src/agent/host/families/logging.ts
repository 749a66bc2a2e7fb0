import { cannotTell, decide, defineFamily, type Judgement, withText } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { joined, linesOf, numberOf, readFolder, settingsOf, textOf } from '../texts.ts'

interface LoggingFacts {
  readonly rsyslog: Found
  readonly rsyslogAll: string
  readonly hasOtherDaemon: boolean
  readonly journal: ReadonlyMap<string, string>
  readonly hasJournalFolder: boolean
  readonly rotation: Found
  readonly rotations: readonly Found[]
}

const read = async (machine: Machine): Promise<LoggingFacts> => {
  const rsyslog = await machine.read('/etc/rsyslog.conf')
  const settings = [
    await machine.read('/etc/systemd/journald.conf'),
    ...(await readFolder(machine, '/etc/systemd/journald.conf.d', /\.conf$/u)),
  ]
  return {
    rsyslog,
    rsyslogAll: joined([rsyslog, ...(await readFolder(machine, '/etc/rsyslog.d', /\.conf$/u))]),
    hasOtherDaemon: (await machine.state('/etc/syslog-ng')) !== undefined,
    journal: settingsOf(joined(settings)),
    hasJournalFolder: (await machine.state('/var/log/journal')) !== undefined,
    rotation: await machine.read('/etc/logrotate.conf'),
    rotations: await readFolder(machine, '/etc/logrotate.d', /syslog/u),
  }
}

const isForwarding = (text: string): boolean =>
  linesOf(text).some((line) => /^[^$:&].*\s@@?[\w.[:]/u.test(line) || /type="om(?:fwd|relp)"/u.test(line))

const daysOfPeriod: Readonly<Record<string, number>> = { daily: 1, weekly: 7, monthly: 30, yearly: 365 }

/** How long a rotation keeps a log: rotations times their period, or `maxage` where that is shorter. */
const keptDays = (text: string, defaults: string): number | undefined => {
  const words = [...linesOf(defaults), ...linesOf(text)]
  const last = (name: string): number | undefined =>
    numberOf(words.findLast((line) => line.startsWith(`${name} `))?.slice(name.length + 1))
  const period = words.findLast((line) => line in daysOfPeriod)
  const [count, most] = [last('rotate'), last('maxage')]
  const isBySize = words.some((line) => /^size\s/u.test(line))
  if (count === undefined || period === undefined || isBySize) return most
  return Math.min(count * (daysOfPeriod[period] ?? 0), most ?? Infinity)
}

const byRsyslog =
  (judge: (facts: LoggingFacts) => Judgement) =>
  (facts: LoggingFacts): Judgement => {
    if (facts.rsyslog.state === 'absent' && facts.hasOtherDaemon)
      return cannotTell('使用 syslog-ng，须人工核对')
    return withText(facts.rsyslog, () => judge(facts))
  }

const judgeRotation = ({ rotation, rotations, rsyslogAll }: LoggingFacts): Judgement => {
  const globals = textOf(rotation)
  const seen = rotations.flatMap((found) => {
    const days = keptDays(textOf(found), globals)
    return days === undefined ? [] : [{ path: found.path, days }]
  })
  const [least] = seen.toSorted((left, right) => left.days - right.days)
  if (least === undefined) return cannotTell('未见可判断留存时间的系统日志轮转设置')
  const text = `${least.path} 留存约 ${least.days} 天`
  const isLong = least.days >= 180
  if (!isLong && isForwarding(rsyslogAll)) return cannotTell(`${text}；日志已外发，留存时间须在接收端核对`)
  return decide(isLong, text)
}

export const logging = defineFamily<LoggingFacts>({
  name: 'logging',
  title: '日志',
  read,
  checks: [
    {
      id: 'logging.forwarding',
      title: '日志外发到其他主机',
      items: [...items.auditProtection, ...items.centralLogs],
      reads: ['/etc/rsyslog.conf', '/etc/rsyslog.d'],
      remedy: '在 /etc/rsyslog.d 配置 omfwd，把日志发往日志服务器',
      judge: byRsyslog(({ rsyslogAll }) => {
        const isSent = isForwarding(rsyslogAll)
        return decide(isSent, isSent ? 'rsyslog 已配置外发' : 'rsyslog 未配置外发')
      }),
    },
    {
      id: 'logging.authentication',
      title: '登录与提权写入日志',
      items: items.auditEnabled,
      reads: ['/etc/rsyslog.conf', '/etc/rsyslog.d'],
      remedy: '在 rsyslog 中保留 auth,authpriv.* 的去向',
      judge: byRsyslog(({ rsyslogAll }) => {
        const isKept = linesOf(rsyslogAll).some((line) =>
          /^[^$]*(?:\bauthpriv\b|\*)[\w,]*\.(?:\*|info|debug)/u.test(line),
        )
        return decide(isKept, isKept ? 'rsyslog 收集 authpriv' : 'rsyslog 未收集 authpriv')
      }),
    },
    {
      id: 'logging.retention',
      title: '系统日志留存 6 个月以上',
      items: [...items.auditProtection, ...items.centralLogs],
      reads: ['/etc/logrotate.conf', '/etc/logrotate.d'],
      remedy: '在 /etc/logrotate.d 的系统日志设置中写 weekly 和 rotate 27，或外发到留存 6 个月的日志服务器',
      judge: judgeRotation,
    },
    {
      id: 'logging.journal',
      title: '系统日志在重启后仍在',
      items: items.auditProtection,
      reads: ['/etc/systemd/journald.conf', '/var/log/journal', '/etc/rsyslog.conf'],
      remedy: '在 /etc/systemd/journald.conf 设 Storage=persistent',
      judge: ({ journal, hasJournalFolder, rsyslog, hasOtherDaemon }) => {
        const storage = journal.get('storage') ?? 'auto'
        if (rsyslog.state === 'read' || hasOtherDaemon)
          return cannotTell(`journald Storage=${storage}；另有日志服务写盘`)
        if (['volatile', 'none'].includes(storage)) return decide(false, `journald Storage=${storage}`)
        return storage === 'persistent' || hasJournalFolder
          ? decide(true, `journald Storage=${storage}，日志写盘`)
          : cannotTell('未见 /var/log/journal，也未见其他日志服务')
      },
    },
  ],
})

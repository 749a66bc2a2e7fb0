import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import { jobPlaces, readJobs } from '../jobs.ts'
import type { FileState, Machine } from '../machine.ts'
import { newestFirst } from '../texts.ts'

interface Tool {
  readonly name: string
  readonly settings: readonly string[]
  /** A word of a job or a unit that makes backups with it. */
  readonly job: RegExp
  /** Written at each backup. One `*` stands for any folder. */
  readonly traces: readonly string[]
}

const tools: readonly Tool[] = [
  {
    name: 'borg',
    settings: ['/etc/borgmatic/config.yaml', '/etc/borgmatic.d', '/root/.config/borg/security'],
    job: /\bborg(?:matic)?\b/u,
    traces: ['/root/.config/borg/security/*/manifest-timestamp'],
  },
  {
    name: 'restic',
    settings: ['/etc/restic', '/etc/default/restic', '/root/.cache/restic'],
    job: /\brestic\b/u,
    traces: ['/root/.cache/restic/*/snapshots'],
  },
  {
    name: 'rsnapshot',
    settings: ['/etc/rsnapshot.conf'],
    job: /\brsnapshot\b/u,
    traces: ['/var/log/rsnapshot.log', '/var/cache/rsnapshot/daily.0'],
  },
  {
    name: 'Bacula',
    settings: ['/etc/bacula/bacula-fd.conf', '/etc/bareos/bareos-fd.d'],
    job: /\bba(?:cula|reos)-(?:fd|filedaemon)\b/u,
    traces: ['/var/lib/bacula/bacula-fd.9102.state', '/var/lib/bareos/bareos-fd.9102.state'],
  },
  {
    name: 'pgBackRest',
    settings: ['/etc/pgbackrest.conf', '/etc/pgbackrest/pgbackrest.conf'],
    job: /\bpgbackrest\b/u,
    traces: ['/var/lib/pgbackrest/backup/*/backup.info'],
  },
  {
    name: 'backupninja',
    settings: ['/etc/backupninja.conf'],
    job: /\bbackupninja\b/u,
    traces: ['/var/log/backupninja.log'],
  },
  {
    name: 'automysqlbackup',
    settings: ['/etc/default/automysqlbackup'],
    job: /\bautomysqlbackup\b/u,
    traces: ['/var/lib/automysqlbackup/daily/*'],
  },
]

/** Programs that copy data without a setting of their own; what they copy only a person can say. */
const plainPrograms =
  /\b(?:mysqldump|mariadb-dump|mariabackup|xtrabackup|pg_dump(?:all)?|pg_basebackup|duplicity|rdiff-backup)\b/u

interface SeenTool {
  readonly name: string
  readonly settings: readonly FileState[]
  readonly isScheduled: boolean
}

interface BackupFacts {
  readonly now: number
  readonly tools: readonly SeenTool[]
  readonly plainJobs: readonly string[]
  readonly last: FileState | undefined
}

const dayMs = 86_400_000

const statesOf = async (machine: Machine, places: readonly string[]): Promise<readonly FileState[]> =>
  (await Promise.all(places.map(machine.state))).filter((state) => state !== undefined)

const read = async (machine: Machine): Promise<BackupFacts> => {
  const jobs = await readJobs(machine)
  const seen = await Promise.all(
    tools.map(async ({ name, settings, job }) => ({
      name,
      settings: await statesOf(machine, settings),
      isScheduled: jobs.some((each) => job.test(each)),
    })),
  )
  const [last] = await newestFirst(
    machine,
    tools.flatMap(({ traces }) => traces),
  )
  return {
    now: machine.now,
    tools: seen.filter((tool) => tool.settings.length > 0 || tool.isScheduled),
    plainJobs: [...new Set(jobs.flatMap((job) => plainPrograms.exec(job)?.[0] ?? []))],
    last,
  }
}

const judgeSchedule = ({ tools: seen, plainJobs }: BackupFacts): Judgement => {
  const scheduled = [...seen.filter(({ isScheduled }) => isScheduled).map(({ name }) => name), ...plainJobs]
  if (scheduled.length > 0) return decide(true, `${listed(scheduled)} 有定期任务`)
  if (seen.length > 0) return decide(false, `${listed(seen.map(({ name }) => name))} 已配置，但没有定期任务`)
  return cannotTell('本机未见备份工具；备份可能由平台或备份服务器发起')
}

export const backups = defineFamily<BackupFacts>({
  name: 'backups',
  title: '数据备份',
  read,
  checks: [
    {
      id: 'backups.schedule',
      title: '备份定期运行',
      items: items.backups,
      reads: [...tools.flatMap(({ settings }) => settings), ...jobPlaces],
      remedy: '为备份工具设每日的 systemd 定时器或 cron 任务',
      judge: judgeSchedule,
    },
    {
      id: 'backups.recent',
      title: '7 天内做过备份',
      items: items.backups,
      reads: tools.flatMap(({ traces }) => traces),
      remedy: '查明备份为何没有运行，手动备份一次并试恢复',
      judge: ({ last, now }) => {
        if (last === undefined) return cannotTell('未见备份工具留下的时间')
        const days = Math.floor((now - last.modifiedAt) / dayMs)
        if (days < 0) return cannotTell(`${last.path} 的时间在将来`)
        return decide(days <= 7, `${last.path} 为 ${days} 天前`)
      },
    },
    {
      id: 'backups.settings-mode',
      title: '备份工具的设置（含仓库口令）不对其他用户开放',
      items: [...items.permissions, ...items.storageSecrecy],
      reads: tools.flatMap(({ settings }) => settings),
      remedy: '对备份工具的设置运行 chmod 600',
      judge: ({ tools: seen }) => {
        const settings = seen.flatMap((tool) => tool.settings)
        if (settings.length === 0) return cannotTell('未见备份工具的设置')
        return noneOf(
          settings
            .filter(({ path, mode }) => !path.startsWith('/root/') && (mode & 0o007) !== 0)
            .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
          '其他用户可读',
          `${settings.length} 处设置不对其他用户开放`,
        )
      },
    },
  ],
})

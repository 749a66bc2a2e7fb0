import { cannotTell, decide, defineFamily, type HostCheck, noneOf } from '../check.ts'
import { type ItemId, items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { joined, linesOf, readFolder } from '../texts.ts'

interface FileFacts {
  readonly states: ReadonlyMap<string, FileState>
  readonly limits: readonly Found[]
}

interface Guarded {
  readonly id: string
  readonly title: string
  readonly items: readonly ItemId[]
  readonly files: readonly string[]
  /** No bit beyond these. */
  readonly widest: number
}

const guarded: readonly Guarded[] = [
  {
    id: 'files.passwd',
    title: '账户文件只有 root 可写',
    items: items.permissions,
    files: ['/etc/passwd', '/etc/group'],
    widest: 0o644,
  },
  {
    id: 'files.shadow',
    title: '口令文件不对其他用户开放',
    items: [...items.permissions, ...items.storageSecrecy],
    files: ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-'],
    widest: 0o640,
  },
  {
    id: 'files.schedules',
    title: '计划任务只有 root 可写',
    items: items.permissions,
    files: ['/etc/crontab', '/etc/cron.d', '/etc/cron.hourly', '/etc/cron.daily', '/etc/cron.weekly'],
    widest: 0o755,
  },
  {
    id: 'files.remote-login',
    title: '远程登录设置只有 root 可写',
    items: items.permissions,
    files: ['/etc/ssh/sshd_config'],
    widest: 0o644,
  },
  {
    id: 'files.authentication',
    title: '鉴别设置只有 root 可写',
    items: items.permissions,
    files: ['/etc/pam.d', '/etc/login.defs', '/etc/security', '/etc/profile'],
    widest: 0o755,
  },
  {
    id: 'files.logs',
    title: '日志不对其他用户开放',
    items: items.auditProtection,
    files: [
      '/var/log/auth.log',
      '/var/log/secure',
      '/var/log/syslog',
      '/var/log/messages',
      '/var/log/audit/audit.log',
    ],
    widest: 0o640,
  },
]

const read = async (machine: Machine): Promise<FileFacts> => {
  const files = guarded.flatMap((each) => each.files)
  const states = (await Promise.all(files.map(machine.state))).filter((state) => state !== undefined)
  return {
    states: new Map(states.map((state) => [state.path, state])),
    limits: [
      await machine.read('/etc/security/limits.conf'),
      ...(await readFolder(machine, '/etc/security/limits.d', /\.conf$/u)),
    ],
  }
}

const guard = ({ id, title, items: own, files, widest }: Guarded): HostCheck<FileFacts> => ({
  id,
  title,
  items: own,
  reads: files,
  remedy: `用 chmod 把权限收到 ${widest.toString(8)} 以内`,
  judge: ({ states }) => {
    const seen = files.map((file) => states.get(file)).filter((state) => state !== undefined)
    if (seen.length === 0) return cannotTell(`未见 ${files.join('、')}`)
    return noneOf(
      seen
        .filter(({ mode }) => (mode & 0o777 & ~widest) !== 0)
        .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
      '权限过宽',
      seen.map(({ path, mode }) => `${path} ${mode.toString(8)}`).join('、'),
    )
  },
})

export const files = defineFamily<FileFacts>({
  name: 'files',
  title: '文件权限',
  read,
  checks: [
    ...guarded.map(guard),
    {
      id: 'files.core-dumps',
      title: '不留程序内存转储',
      items: items.residualSecrets,
      reads: ['/etc/security/limits.conf', '/etc/security/limits.d'],
      remedy: '在 /etc/security/limits.d/core.conf 写入 * hard core 0',
      judge: ({ limits }) => {
        if (limits.every(({ state }) => state !== 'read')) return cannotTell('未见可读的 limits.conf')
        const isOff = linesOf(joined(limits)).some((line) => /^\*\s+(?:hard|-)\s+core\s+0\s*$/u.test(line))
        return decide(isOff, isOff ? '已设 * hard core 0' : '未设 * hard core 0')
      },
    },
  ],
})

import { cannotTell, decide, defineFamily, type HostCheck, noneOf } from '../check.ts'
import { type ItemId, items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { joined, linesOf, readFolder, textOf } from '../texts.ts'

interface FileFacts {
  readonly states: ReadonlyMap<string, FileState>
  readonly limits: readonly Found[]
  /** Who owns the root folder: root itself, or whoever made a copy of the files. */
  readonly rootId: number | undefined
  readonly homes: readonly FileState[]
  readonly temporary: readonly FileState[]
}

interface Guarded {
  readonly id: string
  readonly title: string
  readonly items: readonly ItemId[]
  readonly files: readonly string[]
  /** No bit beyond these. */
  readonly widest: number
}

const firstPerson = 1000
const nobody = 65_534

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

/** Of people, by their account's home folder; a folder of the system is not one of theirs. */
const homesOf = async (machine: Machine): Promise<readonly FileState[]> => {
  const folders = linesOf(textOf(await machine.read('/etc/passwd'))).flatMap((line) => {
    const [, , id = '', , , home = ''] = line.split(':')
    return Number(id) === 0 || (Number(id) >= firstPerson && Number(id) < nobody) ? [home] : []
  })
  return statesOf(
    machine,
    [...new Set(folders)].filter((home) => home.startsWith('/') && home !== '/'),
  )
}

const statesOf = async (machine: Machine, files: readonly string[]): Promise<readonly FileState[]> =>
  (await Promise.all(files.map(machine.state))).filter((state) => state !== undefined)

const read = async (machine: Machine): Promise<FileFacts> => {
  const files = guarded.flatMap((each) => each.files)
  const states = await statesOf(machine, files)
  return {
    rootId: (await machine.state('/'))?.ownerId,
    homes: await homesOf(machine),
    temporary: await statesOf(machine, ['/tmp', '/var/tmp']),
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
      seen.filter(({ mode }) => (mode & 0o777 & ~widest) !== 0).map(withMode),
      '权限过宽',
      seen.map(withMode).join('、'),
    )
  },
})

const withMode = ({ path, mode }: FileState): string => `${path} ${mode.toString(8)}`

/** Files that root alone may change are root's. Logs belong to whoever writes them. */
const owned = guarded.filter(({ id }) => id !== 'files.logs').flatMap((each) => each.files)

const others: readonly HostCheck<FileFacts>[] = [
  {
    id: 'files.owners',
    title: '账户、鉴别与计划任务的文件属于 root',
    items: items.permissions,
    reads: owned,
    remedy: '用 chown root 改回属主',
    judge: ({ states, rootId }) => {
      const seen = owned.map((file) => states.get(file)).filter((state) => state !== undefined)
      if (seen.length === 0) return cannotTell('未见所列文件')
      return noneOf(
        seen.filter(({ ownerId }) => ownerId !== rootId).map(({ path, ownerId }) => `${path} 属 ${ownerId}`),
        '属主不对',
        `${seen.length} 个文件属主正确`,
      )
    },
  },
  {
    id: 'files.homes',
    title: '个人目录不对其他用户开放',
    items: items.permissions,
    reads: ['/etc/passwd', '/home'],
    remedy: '对所列目录运行 chmod 750',
    judge: ({ homes }) =>
      homes.length === 0
        ? cannotTell('未见个人目录')
        : noneOf(
            homes.filter(({ mode }) => (mode & 0o027) !== 0).map(withMode),
            '权限过宽',
            `${homes.length} 个目录不对其他用户开放`,
          ),
  },
  {
    id: 'files.temporary',
    title: '公共临时目录中不能删改他人的文件',
    items: items.permissions,
    reads: ['/tmp', '/var/tmp'],
    remedy: '运行 chmod 1777 /tmp /var/tmp',
    judge: ({ temporary }) =>
      temporary.length === 0
        ? cannotTell('未见 /tmp、/var/tmp')
        : noneOf(
            temporary.filter(({ mode }) => (mode & 0o002) !== 0 && (mode & 0o1000) === 0).map(withMode),
            '没有粘滞位',
            temporary.map(withMode).join('、'),
          ),
  },
]

export const files = defineFamily<FileFacts>({
  name: 'files',
  title: '文件权限',
  read,
  checks: [
    ...guarded.map(guard),
    ...others,
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

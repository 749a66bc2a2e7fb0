import { cannotTell, decide, defineFamily, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Machine } from '../machine.ts'
import { joined, linesOf, readFolder, textOf } from '../texts.ts'

interface ScheduleFacts {
  readonly hasCron: boolean
  readonly allowed: FileState | undefined
  readonly denied: FileState | undefined
  /** Tables of users, and files of /etc/cron.d. */
  readonly tables: readonly FileState[]
  /** Programs that cron starts as root. */
  readonly programs: readonly FileState[]
}

const userTables = ['/var/spool/cron/crontabs', '/var/spool/cron'] as const
const dropIns = '/etc/cron.d'
const scriptFolders = [
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
] as const
const mostPrograms = 200

const statesIn = async (machine: Machine, folder: string): Promise<readonly FileState[]> => {
  const names = (await machine.list(folder)).filter((name) => !['.placeholder', 'crontabs'].includes(name))
  const states = await Promise.all(names.map((name) => machine.state(`${folder}/${name}`)))
  return states.filter((state) => state !== undefined)
}

const isProgram = (word: string): boolean => /^\/(?!dev\/|proc\/|tmp\/|$)/u.test(word)

/** First word of each command that is a path: five fields or one `@word`, in system tables the user as well. */
const commandsOf = (lines: readonly string[], hasUser: boolean): readonly string[] =>
  lines.flatMap((line) => {
    const words = line.split(/\s+/u).slice(line.startsWith('@') ? 1 : 5)
    return hasUser && words[0] !== 'root'
      ? []
      : words
          .slice(hasUser ? 1 : 0)
          .filter(isProgram)
          .slice(0, 1)
  })

const programsOf = async (machine: Machine): Promise<readonly FileState[]> => {
  const system = [await machine.read('/etc/crontab'), ...(await readFolder(machine, dropIns, /^[\w-]+$/u))]
  const own = await Promise.all(userTables.map((folder) => machine.read(`${folder}/root`)))
  const paths = new Set([
    ...commandsOf(linesOf(joined(system)), true),
    ...commandsOf(linesOf(own.map(textOf).join('\n')), false),
  ])
  const named = await Promise.all([...paths].slice(0, mostPrograms).map(machine.state))
  const scripts = await Promise.all(scriptFolders.map((folder) => statesIn(machine, folder)))
  return [...named.filter((state) => state !== undefined), ...scripts.flat()]
}

const read = async (machine: Machine): Promise<ScheduleFacts> => {
  const tables = await Promise.all([...userTables, dropIns].map((folder) => statesIn(machine, folder)))
  return {
    hasCron: (await machine.state('/etc/crontab')) !== undefined,
    allowed: await machine.state('/etc/cron.allow'),
    denied: await machine.state('/etc/cron.deny'),
    tables: tables.flat(),
    programs: await programsOf(machine),
  }
}

const withMode = ({ path, mode }: FileState): string => `${path} ${mode.toString(8)}`
const isWritableByOthers = ({ mode }: FileState): boolean => (mode & 0o022) !== 0

export const schedules = defineFamily<ScheduleFacts>({
  name: 'schedules',
  title: '计划任务',
  read,
  checks: [
    {
      id: 'schedules.allowed',
      title: '只有指定用户可以设计划任务',
      items: items.leastPrivilege,
      reads: ['/etc/cron.allow', '/etc/cron.deny'],
      remedy: '建立 /etc/cron.allow（640），逐行写明可用计划任务的用户',
      judge: ({ hasCron, allowed, denied }) => {
        if (allowed !== undefined) return decide(!isWritableByOthers(allowed), withMode(allowed))
        if (!hasCron) return cannotTell('未见 cron')
        return decide(
          false,
          denied === undefined
            ? '未见 /etc/cron.allow，用户均可设计划任务'
            : '只有 /etc/cron.deny，未列出的用户均可设计划任务',
        )
      },
    },
    {
      id: 'schedules.tables',
      title: '计划任务表只有属主可写',
      items: items.permissions,
      reads: [...userTables, dropIns],
      remedy: '对用户的任务表运行 chmod 600，对 /etc/cron.d 中的文件运行 chmod 644',
      judge: ({ tables }) =>
        tables.length === 0
          ? cannotTell('未见计划任务表')
          : noneOf(
              tables.filter(isWritableByOthers).map(withMode),
              '其他用户可写',
              `${tables.length} 个计划任务表只有属主可写`,
            ),
    },
    {
      id: 'schedules.programs',
      title: 'root 的计划任务所运行的程序只有属主可写',
      items: items.leastPrivilege,
      reads: ['/etc/crontab', dropIns, ...userTables, ...scriptFolders],
      remedy: '用 chmod go-w 收紧所列程序的权限',
      judge: ({ programs }) =>
        programs.length === 0
          ? cannotTell('未见 root 的计划任务所运行的程序')
          : noneOf(
              programs.filter(isWritableByOthers).map(withMode),
              '其他用户可写',
              `${programs.length} 个程序只有属主可写，如 ${listed(programs.slice(0, 2).map(({ path }) => path))}`,
            ),
    },
  ],
})

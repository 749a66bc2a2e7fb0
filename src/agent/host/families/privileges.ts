import { cannotTell, decide, defineFamily, type Judgement, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { linesOf, readFolder, textOf } from '../texts.ts'

interface PrivilegeFacts {
  readonly sudoers: Found
  readonly included: readonly Found[]
  readonly states: readonly FileState[]
  readonly su: Found
}

const mainFile = '/etc/sudoers'

const read = async (machine: Machine): Promise<PrivilegeFacts> => {
  const sudoers = await machine.read(mainFile)
  // sudo passes over names with a dot and those that end in ~ (sudoers(5)).
  const included = await readFolder(machine, '/etc/sudoers.d', /^[^.]*[^.~]$/u)
  const states = await Promise.all([mainFile, ...included.map(({ path }) => path)].map(machine.state))
  return {
    sudoers,
    included,
    states: states.filter((state) => state !== undefined),
    su: await machine.read('/etc/pam.d/su'),
  }
}

const isInclude = (line: string): boolean => /^[#@]includedir\s+\/etc\/sudoers\.d\/?\s*$/u.test(line.trim())

const rulesOf = ({ sudoers, included }: PrivilegeFacts): readonly string[] => {
  const text = textOf(sudoers)
  const isRead = text.split('\n').some(isInclude)
  return [text, ...(isRead ? included.map(textOf) : [])].flatMap(linesOf)
}

/** Lines that grant, with who is granted. */
const grantsOf = (facts: PrivilegeFacts): readonly (readonly [string, string])[] =>
  rulesOf(facts)
    .filter((line) => !/^(?:Defaults|\w+_Alias\b|[@#]include)/u.test(line) && line.includes('='))
    .map((line) => [line.split(/\s+/u, 1)[0] ?? '', line])

const bySudoers =
  (judge: (facts: PrivilegeFacts) => Judgement) =>
  (facts: PrivilegeFacts): Judgement => {
    const missing = [facts.sudoers, ...facts.included].find(({ state }) => state === 'unreadable')
    if (missing !== undefined) return cannotTell(`无法读取 ${missing.path}`)
    return facts.sudoers.state === 'absent' ? cannotTell('未见 /etc/sudoers，可能未安装 sudo') : judge(facts)
  }

const defaultsSay = (facts: PrivilegeFacts, word: RegExp): boolean =>
  rulesOf(facts).some((line) => line.startsWith('Defaults') && word.test(line))

const administrators = new Set(['root', '%sudo', '%wheel', '%admin'])
const isEverything = (line: string): boolean => /=\s*(?:\([^)]*\)\s*)?(?:[A-Z_]+:\s*)*ALL\s*$/u.test(line)

export const privileges = defineFamily<PrivilegeFacts>({
  name: 'privileges',
  title: '提权与权限分离',
  read,
  checks: [
    {
      id: 'sudo.password',
      title: 'sudo 提权须再次鉴别',
      items: [...items.leastPrivilege, ...items.identification],
      reads: [mainFile, '/etc/sudoers.d'],
      remedy: '去掉 sudoers 中的 NOPASSWD 和 !authenticate',
      judge: bySudoers((facts) => {
        const free = grantsOf(facts).filter(([, line]) => /\bNOPASSWD\s*:/u.test(line))
        const names = [
          ...free.map(([who]) => who),
          ...(defaultsSay(facts, /!authenticate\b/u) ? ['Defaults'] : []),
        ]
        return noneOf([...new Set(names)], '免口令提权', '没有免口令提权')
      }),
    },
    {
      id: 'sudo.everything',
      title: '全部权限只授予管理组',
      items: items.leastPrivilege,
      reads: [mainFile, '/etc/sudoers.d'],
      remedy: '按岗位列出所需命令，去掉对个人或其他组的 ALL 授权',
      judge: bySudoers((facts) => {
        const own = grantsOf(facts).filter(([who, line]) => !administrators.has(who) && isEverything(line))
        return noneOf(
          own.map(([who]) => who),
          '被授予全部命令',
          '除 root 和管理组外没有 ALL 授权',
        )
      }),
    },
    {
      id: 'sudo.log',
      title: 'sudo 操作留有记录',
      items: [...items.auditEnabled, ...items.operationTraces],
      reads: [mainFile, '/etc/sudoers.d'],
      remedy: '去掉 Defaults !syslog，或另设 Defaults logfile',
      judge: bySudoers((facts) => {
        const off = defaultsSay(facts, /!syslog\b/u) && !defaultsSay(facts, /\blogfile\s*=/u)
        return decide(!off, off ? '已关闭 syslog 且未设 logfile' : '未关闭 sudo 日志')
      }),
    },
    {
      id: 'sudo.file-mode',
      title: 'sudoers 只有 root 可读写',
      items: [...items.permissions, ...items.leastPrivilege],
      reads: [mainFile, '/etc/sudoers.d'],
      remedy: '对 sudoers 各文件运行 chmod 440',
      judge: ({ states }) => {
        if (states.length === 0) return cannotTell('未见 sudoers 文件')
        return noneOf(
          states
            .filter(({ mode }) => (mode & 0o027) !== 0)
            .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
          '权限过宽',
          `${states.length} 个文件权限合适`,
        )
      },
    },
    {
      id: 'su.wheel',
      title: '只有管理组可以 su 到 root',
      items: items.leastPrivilege,
      reads: ['/etc/pam.d/su'],
      remedy: '在 /etc/pam.d/su 启用 auth required pam_wheel.so use_uid',
      judge: ({ su }) => {
        if (su.state !== 'read') return cannotTell('未见可读的 /etc/pam.d/su')
        const isLimited = linesOf(su.text).some(
          (line) =>
            /^auth\s+(?:required|requisite)\s+\S*pam_wheel\.so/u.test(line) && !/\bdeny\b/u.test(line),
        )
        return decide(isLimited, isLimited ? '已启用 pam_wheel' : '未启用 pam_wheel')
      },
    },
  ],
})

import {
  cannotTell,
  decide,
  defineFamily,
  type HostCheck,
  type Judgement,
  noneOf,
  withText,
} from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { joined, linesOf, numberOf, readAll, readFolder, settingsOf, textOf } from '../texts.ts'
import { hasPassword, shadowsOf } from './accounts.ts'

interface PasswordFacts {
  readonly definitions: Found
  readonly shadow: Found
  /** Stacks that every login shares: Debian's, or those of the RHEL family. */
  readonly authentication: readonly Found[]
  readonly changes: readonly Found[]
  readonly quality: ReadonlyMap<string, string>
  readonly lock: ReadonlyMap<string, string>
  readonly history: ReadonlyMap<string, string>
}

interface Module {
  readonly kind: string
  readonly name: string
  readonly options: ReadonlyMap<string, string>
}

const moduleOf = (line: string): readonly Module[] => {
  const [, kind = '', name = '', rest = ''] =
    /^-?(auth|account|password|session)\s+(?:\[[^\]]*\]|\w+)\s+(?:\S*\/)?(pam_\w+)\.so\s*(.*)$/u.exec(line) ??
    []
  if (name === '') return []
  const options = rest.split(/\s+/u).map((option): [string, string] => {
    const [key = '', value = ''] = option.split('=', 2)
    return [key, value]
  })
  return [{ kind, name, options: new Map(options) }]
}

const modulesOf = (found: Found): readonly Module[] => linesOf(textOf(found)).flatMap(moduleOf)

const there = (found: readonly Found[]): readonly Found[] => found.filter(({ state }) => state === 'read')

const read = async (machine: Machine): Promise<PasswordFacts> => ({
  definitions: await machine.read('/etc/login.defs'),
  shadow: await machine.read('/etc/shadow'),
  authentication: there(
    await readAll(machine, ['/etc/pam.d/common-auth', '/etc/pam.d/system-auth', '/etc/pam.d/password-auth']),
  ),
  changes: there(
    await readAll(machine, [
      '/etc/pam.d/common-password',
      '/etc/pam.d/system-auth',
      '/etc/pam.d/password-auth',
    ]),
  ),
  quality: settingsOf(
    joined([
      await machine.read('/etc/security/pwquality.conf'),
      ...(await readFolder(machine, '/etc/security/pwquality.conf.d', /\.conf$/u)),
    ]),
  ),
  lock: settingsOf(textOf(await machine.read('/etc/security/faillock.conf'))),
  history: settingsOf(textOf(await machine.read('/etc/security/pwhistory.conf'))),
})

const qualityNames = ['pam_pwquality', 'pam_cracklib', 'pam_passwdqc']
const lockNames = ['pam_faillock', 'pam_tally2', 'pam_tally']

/** The first such module of each stack; undefined where a stack has none. */
const inEach = (
  stacks: readonly Found[],
  kind: string,
  names: readonly string[],
): readonly (Module | undefined)[] =>
  stacks.map((stack) => modulesOf(stack).find((each) => each.kind === kind && names.includes(each.name)))

/** What keeps old passwords. pam_pwhistory has a file of its own as well, and a default (pam_pwhistory(8)). */
const rememberingIn = (stack: Found): Module | undefined => {
  const modules = modulesOf(stack).filter(({ kind }) => kind === 'password')
  return (
    modules.find(({ options }) => options.has('remember')) ??
    modules.find(({ name }) => name === 'pam_pwhistory')
  )
}

const noStack = cannotTell('未见可读的 PAM 公共配置（common-auth、system-auth 等）')

const byModules = (
  found: readonly (Module | undefined)[],
  absent: string,
  judge: (modules: readonly Module[]) => Judgement,
): Judgement => {
  if (found.length === 0) return noStack
  const modules = found.filter((module) => module !== undefined)
  return modules.length < found.length ? decide(false, absent) : judge(modules)
}

const byQuality =
  (judge: (setting: (name: string) => number | undefined) => Judgement) =>
  ({ changes, quality }: PasswordFacts): Judgement =>
    byModules(inEach(changes, 'password', qualityNames), '未启用口令强度模块', (modules) => {
      if (modules.some(({ name }) => name === 'pam_passwdqc'))
        return cannotTell('pam_passwdqc 的规则须人工核对')
      // Options of the stack outrank the file (pam_pwquality(8)).
      return judge((name) => numberOf(modules[0]?.options.get(name) ?? quality.get(name)))
    })

const byLock =
  (judge: (setting: (name: string) => string | undefined) => Judgement) =>
  ({ authentication, lock }: PasswordFacts): Judgement =>
    byModules(inEach(authentication, 'auth', lockNames), '未启用登录失败锁定模块', (modules) => {
      const file = modules[0]?.name === 'pam_faillock' ? lock : new Map<string, string>()
      return judge((name) => modules[0]?.options.get(name) ?? file.get(name))
    })

const definition = (
  name: string,
  isGood: (days: number) => boolean,
  text: Pick<HostCheck<PasswordFacts>, 'id' | 'title' | 'remedy'>,
): HostCheck<PasswordFacts> => ({
  ...text,
  items: items.identification,
  reads: ['/etc/login.defs'],
  judge: ({ definitions }) =>
    withText(definitions, (content) => {
      const days = numberOf(settingsOf(content).get(name.toLowerCase()))
      return decide(days !== undefined && isGood(days), `${name} ${days ?? '未设'}`)
    }),
})

const credits = ['dcredit', 'ucredit', 'lcredit', 'ocredit']

const aging: readonly HostCheck<PasswordFacts>[] = [
  definition('PASS_MAX_DAYS', (days) => days > 0 && days <= 90, {
    id: 'passwords.maximum-age',
    title: '新账户口令有效期不超过 90 天',
    remedy: '在 /etc/login.defs 设 PASS_MAX_DAYS 90',
  }),
  definition('PASS_MIN_DAYS', (days) => days >= 1, {
    id: 'passwords.minimum-age',
    title: '新账户口令至少隔 1 天才能再改',
    remedy: '在 /etc/login.defs 设 PASS_MIN_DAYS 1',
  }),
  definition('PASS_WARN_AGE', (days) => days >= 7, {
    id: 'passwords.warning',
    title: '口令到期前至少 7 天提醒',
    remedy: '在 /etc/login.defs 设 PASS_WARN_AGE 7',
  }),
  {
    id: 'passwords.accounts-age',
    title: '现有账户口令有效期不超过 90 天',
    items: items.identification,
    reads: ['/etc/shadow'],
    remedy: '用 chage -M 90 逐个账户设置',
    judge: ({ shadow }) =>
      withText(shadow, (text) => {
        const own = shadowsOf(text).filter(hasPassword)
        if (own.length === 0) return cannotTell('没有设口令的账户')
        const long = own.filter(({ maximumDays: days }) => days === undefined || days < 1 || days > 90)
        return noneOf(
          long.map(({ name }) => name),
          '有效期未设或超过 90 天的账户',
          `${own.length} 个账户的有效期均不超过 90 天`,
        )
      }),
  },
]

const quality: readonly HostCheck<PasswordFacts>[] = [
  {
    id: 'passwords.length',
    title: '口令长度至少 8 位',
    items: items.identification,
    reads: ['/etc/pam.d', '/etc/security/pwquality.conf'],
    remedy: '启用 pam_pwquality，并在 /etc/security/pwquality.conf 设 minlen = 8 或更大',
    judge: byQuality((setting) => {
      const length = setting('minlen')
      return length === undefined
        ? cannotTell('minlen 未设，取决于模块的缺省值')
        : decide(length >= 8, `minlen ${length}`)
    }),
  },
  {
    id: 'passwords.classes',
    title: '口令至少含三类字符',
    items: items.identification,
    reads: ['/etc/pam.d', '/etc/security/pwquality.conf'],
    remedy: '在 /etc/security/pwquality.conf 设 minclass = 3',
    judge: byQuality((setting) => {
      const required = credits.filter((name) => (setting(name) ?? 0) < 0).length
      const classes = Math.max(setting('minclass') ?? 0, required)
      return decide(classes >= 3, `要求的字符类别 ${classes} 种`)
    }),
  },
  {
    id: 'passwords.history',
    title: '不能重复使用最近 5 个口令',
    items: items.identification,
    reads: ['/etc/pam.d', '/etc/security/pwhistory.conf'],
    remedy: '在口令栈加入 pam_pwhistory.so remember=5',
    judge: ({ changes, history }) =>
      byModules(changes.map(rememberingIn), '未设 remember', ([first]) => {
        const count = numberOf(first?.options.get('remember') ?? history.get('remember'))
        return count === undefined
          ? cannotTell('remember 未设，取决于模块的缺省值')
          : decide(count >= 5, `remember=${count}`)
      }),
  },
  {
    id: 'passwords.hashing',
    title: '新口令用强散列存放',
    items: [...items.identification, ...items.storageSecrecy],
    reads: ['/etc/pam.d'],
    remedy: '口令栈的 pam_unix.so 使用 sha512、yescrypt 或 sm3',
    judge: ({ changes }) =>
      byModules(inEach(changes, 'password', ['pam_unix']), '口令栈中没有 pam_unix', ([first]) => {
        const strong = ['sha512', 'sha256', 'yescrypt', 'gost_yescrypt', 'blowfish', 'sm3']
        const own = strong.find((name) => first?.options.has(name))
        const weak = ['md5', 'bigcrypt'].find((name) => first?.options.has(name))
        if (weak !== undefined) return decide(false, `pam_unix 使用 ${weak}`)
        return own === undefined
          ? cannotTell('pam_unix 未写明散列算法')
          : decide(true, `pam_unix 使用 ${own}`)
      }),
  },
  {
    id: 'passwords.no-nullok',
    title: '不允许空口令登录',
    items: items.identification,
    reads: ['/etc/pam.d'],
    remedy: '去掉认证栈 pam_unix.so 的 nullok',
    judge: ({ authentication }) =>
      byModules(inEach(authentication, 'auth', ['pam_unix']), '认证栈中没有 pam_unix', (modules) => {
        const allowed = modules.some(({ options }) => options.has('nullok') || options.has('nullok_secure'))
        return decide(!allowed, allowed ? 'pam_unix 带 nullok' : 'pam_unix 不带 nullok')
      }),
  },
]

const locking: readonly HostCheck<PasswordFacts>[] = [
  {
    id: 'lockout.attempts',
    title: '登录失败不超过 5 次即锁定',
    items: items.failedLogins,
    reads: ['/etc/pam.d', '/etc/security/faillock.conf'],
    remedy: '认证栈启用 pam_faillock，并在 /etc/security/faillock.conf 设 deny = 5',
    judge: byLock((setting) => {
      const count = numberOf(setting('deny'))
      if (count === undefined) return cannotTell('deny 未设，取决于模块的缺省值')
      return decide(count > 0 && count <= 5, `deny ${count}`)
    }),
  },
  {
    id: 'lockout.duration',
    title: '锁定至少 10 分钟',
    items: items.failedLogins,
    reads: ['/etc/pam.d', '/etc/security/faillock.conf'],
    remedy: '在 /etc/security/faillock.conf 设 unlock_time = 600 或更长',
    judge: byLock((setting) => {
      const seconds = setting('unlock_time') === 'never' ? 0 : numberOf(setting('unlock_time'))
      if (seconds === undefined) return cannotTell('unlock_time 未设，取决于模块的缺省值')
      return decide(
        seconds === 0 || seconds >= 600,
        seconds === 0 ? '锁定至管理员解锁' : `unlock_time ${seconds} 秒`,
      )
    }),
  },
  {
    id: 'lockout.root',
    title: 'root 同样受登录失败锁定',
    items: items.failedLogins,
    reads: ['/etc/pam.d', '/etc/security/faillock.conf'],
    remedy: '在 /etc/security/faillock.conf 加 even_deny_root 和 root_unlock_time',
    judge: byLock((setting) => {
      const own = setting('even_deny_root') !== undefined
      return decide(own, own ? '已设 even_deny_root' : '未设 even_deny_root')
    }),
  },
]

export const passwords = defineFamily<PasswordFacts>({
  name: 'passwords',
  title: '口令与登录失败处理',
  read,
  checks: [...aging, ...quality, ...locking],
})

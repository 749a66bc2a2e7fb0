import { cannotTell, decide, defineFamily, type Judgement, noneOf, withText } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { numberOf, settingsOf, textOf } from '../texts.ts'

export interface Account {
  readonly name: string
  readonly password: string
  readonly uid: string
  readonly shell: string
}

/** Of /etc/shadow. The hash stays in here: judgements say its kind at most. */
export interface Shadow {
  readonly name: string
  readonly hash: string
  readonly maximumDays: number | undefined
}

interface AccountFacts {
  readonly passwd: Found
  readonly shadow: Found
  readonly group: Found
  readonly firstUserId: number
}

const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))

export const accountsOf = (text: string): readonly Account[] =>
  rowsOf(text).map(([name = '', password = '', uid = '', , , , shell = '']) => ({
    name,
    password,
    uid,
    shell,
  }))

export const shadowsOf = (text: string): readonly Shadow[] =>
  rowsOf(text).map(([name = '', hash = '', , , maximum]) => ({ name, hash, maximumDays: numberOf(maximum) }))

/** Somebody could log in by password: not empty, not locked, not impossible. */
export const hasPassword = ({ hash }: Shadow): boolean => /^[^!*]/u.test(hash)

const repeated = (values: readonly string[]): readonly string[] => [
  ...new Set(values.filter((value, at) => values.indexOf(value) !== at)),
]

const isLoginShell = (shell: string): boolean => /\/(?:ba|da|z|k|c|tc|fi|a)?sh$/u.test(shell) || shell === ''

const read = async (machine: Machine): Promise<AccountFacts> => ({
  passwd: await machine.read('/etc/passwd'),
  shadow: await machine.read('/etc/shadow'),
  group: await machine.read('/etc/group'),
  firstUserId: numberOf(settingsOf(textOf(await machine.read('/etc/login.defs'))).get('uid_min')) ?? 1000,
})

const byAccounts =
  (judge: (accounts: readonly Account[], facts: AccountFacts) => Judgement) =>
  (facts: AccountFacts): Judgement =>
    withText(facts.passwd, (text) => judge(accountsOf(text), facts))

const byShadow =
  (judge: (shadows: readonly Shadow[]) => Judgement) =>
  ({ shadow }: AccountFacts): Judgement =>
    withText(shadow, (text) => judge(shadowsOf(text)))

const namesOf = (accounts: readonly { readonly name: string }[]): readonly string[] =>
  accounts.map(({ name }) => name)

const usualNames = new Set([
  'test',
  'guest',
  'demo',
  'temp',
  'tmp',
  'user',
  'admin',
  'public',
  'share',
  'common',
])

const weakHash = ({ hash }: Shadow): boolean => !/^\$(?:5|6|y|gy|2[abxy]|7|sm3)\$/u.test(hash)

export const accounts = defineFamily<AccountFacts>({
  name: 'accounts',
  title: '账户',
  read,
  checks: [
    {
      id: 'accounts.empty-password',
      title: '没有空口令账户',
      items: items.identification,
      reads: ['/etc/shadow'],
      remedy: '为账户设置口令，或用 passwd -l 锁定',
      judge: byShadow((shadows) =>
        noneOf(namesOf(shadows.filter(({ hash }) => hash === '')), '口令为空的账户', '没有口令为空的账户'),
      ),
    },
    {
      id: 'accounts.shadowed',
      title: '口令不存放在 /etc/passwd',
      items: items.identification,
      reads: ['/etc/passwd'],
      remedy: '运行 pwconv，把口令移入 /etc/shadow',
      judge: byAccounts((all) =>
        noneOf(
          namesOf(all.filter(({ password }) => !['x', '*', '!', '!!'].includes(password))),
          '口令字段在 /etc/passwd 中的账户',
          '口令字段均不在 /etc/passwd',
        ),
      ),
    },
    {
      id: 'accounts.single-root',
      title: 'UID 0 只有一个账户',
      items: [...items.leastPrivilege, ...items.sharedAccounts],
      reads: ['/etc/passwd'],
      remedy: '删除或改用其他 UID：UID 0 只留 root，管理操作经 sudo',
      judge: byAccounts((all) => {
        const own = namesOf(all.filter(({ uid }) => numberOf(uid) === 0))
        return decide(own.length === 1, `UID 0 的账户：${own.join('、') || '无'}`)
      }),
    },
    {
      id: 'accounts.unique-names',
      title: '用户名不重复',
      items: items.identification,
      reads: ['/etc/passwd'],
      remedy: '删除重复的行，每个用户名只留一行',
      judge: byAccounts((all) =>
        noneOf(repeated(namesOf(all)), '重复的用户名', `${all.length} 个用户名各不相同`),
      ),
    },
    {
      id: 'accounts.unique-ids',
      title: 'UID 不重复',
      items: [...items.identification, ...items.sharedAccounts],
      reads: ['/etc/passwd'],
      remedy: '用 usermod -u 给共用 UID 的账户各自的 UID',
      judge: byAccounts((all) =>
        noneOf(repeated(all.map(({ uid }) => uid)), '被共用的 UID', `${all.length} 个 UID 各不相同`),
      ),
    },
    {
      id: 'accounts.unique-groups',
      title: '组名和 GID 不重复',
      items: items.permissions,
      reads: ['/etc/group'],
      remedy: '用 groupmod 给每个组各自的名称和 GID',
      judge: ({ group }) =>
        withText(group, (text) => {
          const rows = rowsOf(text)
          const twice = [
            ...repeated(rows.map(([name = '']) => name)),
            ...repeated(rows.map(([, , id = '']) => `GID ${id}`)),
          ]
          return noneOf(twice, '重复的组', `${rows.length} 个组各不相同`)
        }),
    },
    {
      id: 'accounts.system-shells',
      title: '系统账户不能登录',
      items: [...items.defaultAccounts, ...items.sharedAccounts],
      reads: ['/etc/passwd', '/etc/login.defs'],
      remedy: '用 usermod -s /usr/sbin/nologin 去掉系统账户的登录外壳；确需使用的（如 postgres）书面说明',
      judge: byAccounts((all, { firstUserId }) =>
        noneOf(
          namesOf(
            all.filter(
              ({ uid, shell }) => Number(uid) > 0 && Number(uid) < firstUserId && isLoginShell(shell),
            ),
          ),
          '有登录外壳的系统账户',
          '系统账户均无登录外壳',
        ),
      ),
    },
    {
      id: 'accounts.usual-names',
      title: '没有可用口令登录的通用或测试账户',
      items: [...items.defaultAccounts, ...items.sharedAccounts],
      reads: ['/etc/shadow'],
      remedy: '删除或锁定测试、共用账户，改为每人一个账户',
      judge: byShadow((shadows) =>
        noneOf(
          namesOf(shadows.filter((each) => usualNames.has(each.name) && hasPassword(each))),
          '设有口令的通用账户',
          '未见设有口令的通用或测试账户（按常见名称）',
        ),
      ),
    },
    {
      id: 'accounts.password-hash',
      title: '已存口令的散列算法不弱',
      items: [...items.identification, ...items.storageSecrecy],
      reads: ['/etc/shadow'],
      remedy: '登录定义改用 SHA512、yescrypt 或 SM3 后，请这些账户更换口令',
      judge: byShadow((shadows) => {
        const own = shadows.filter(hasPassword)
        if (own.length === 0) return cannotTell('没有设口令的账户')
        return noneOf(namesOf(own.filter(weakHash)), '散列算法过弱的账户', `${own.length} 个口令均为强散列`)
      }),
    },
    {
      id: 'accounts.inherited',
      title: '没有 NIS 继承行',
      items: items.identification,
      reads: ['/etc/passwd'],
      remedy: '删除 /etc/passwd 中以 + 或 - 开头的行',
      judge: byAccounts((all) =>
        noneOf(
          namesOf(all.filter(({ name }) => /^[+-]/u.test(name))),
          '以 + 或 - 开头的行',
          '没有以 + 或 - 开头的行',
        ),
      ),
    },
  ],
})

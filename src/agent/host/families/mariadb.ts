import { cannotTell, decide, defineFamily, type Judgement, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Found, Machine } from '../machine.ts'
import { linesOf, numberOf, readFolder, unquoted, withoutRemark } from '../texts.ts'

interface MariadbFacts {
  /** Of the server's groups, names with `-` as `_`, in lower case; absent where there is no server. */
  readonly settings: ReadonlyMap<string, string> | undefined
  readonly secrets: readonly FileState[]
}

const mainFiles = ['/etc/mysql/my.cnf', '/etc/my.cnf'] as const
const secretFiles = ['/etc/mysql/debian.cnf', '/root/.my.cnf'] as const
const reads = [...mainFiles, '/etc/mysql/conf.d', '/etc/mysql/mariadb.conf.d', '/etc/my.cnf.d'] as const
const mostDepth = 4

/** The main file and what it includes, in the server's order (my.cnf, !includedir). */
const filesFrom = async (machine: Machine, found: Found, depth = 0): Promise<readonly string[]> => {
  if (found.state !== 'read' || depth > mostDepth) return []
  const texts = [found.text]
  for (const line of linesOf(found.text)) {
    const [, kind, target = ''] = /^!(include|includedir)\s+(\S+)$/u.exec(line) ?? []
    const next =
      kind === 'include'
        ? [await machine.read(target)]
        : kind === 'includedir'
          ? await readFolder(machine, target.replace(/\/+$/u, ''), /\.cnf$/u)
          : []
    for (const each of next) texts.push(...(await filesFrom(machine, each, depth + 1)))
  }
  return texts
}

const isServers = (group: string): boolean => /^(?:mysqld|server|mariadbd?)(?:-[\d.]+)?$/u.test(group)

/** undefined where no group of a server is there: clients bring settings of their own. */
const serverSettings = (texts: readonly string[]): ReadonlyMap<string, string> | undefined => {
  const settings = new Map<string, string>()
  let isSeen = false
  for (const text of texts) {
    let group = ''
    for (const line of linesOf(text).map(withoutRemark)) {
      const [, header] = /^\[([\w.-]+)\]/u.exec(line) ?? []
      group = header ?? group
      if (!isServers(group)) continue
      isSeen = true
      const [, name, value = ''] = /^([\w.-]+)\s*(?:=\s*(.*))?$/u.exec(line) ?? []
      if (name !== undefined)
        settings.set(
          name
            .toLowerCase()
            .replaceAll('-', '_')
            .replace(/^loose_/u, ''),
          unquoted(value),
        )
    }
  }
  return isSeen ? settings : undefined
}

const read = async (machine: Machine): Promise<MariadbFacts> => {
  const mains = await Promise.all(mainFiles.map((file) => machine.read(file)))
  const texts = await Promise.all(mains.map((main) => filesFrom(machine, main)))
  const secrets = await Promise.all(secretFiles.map(machine.state))
  return { settings: serverSettings(texts.flat()), secrets: secrets.filter((state) => state !== undefined) }
}

const byServer =
  (judge: (settings: ReadonlyMap<string, string>) => Judgement) =>
  ({ settings }: MariadbFacts): Judgement =>
    settings === undefined ? cannotTell('未见可读的 MariaDB 或 MySQL 服务端设置') : judge(settings)

/** A name alone switches it on. */
const isOn = (settings: ReadonlyMap<string, string>, name: string): boolean =>
  /^(?:|1|on|true|yes)$/iu.test(settings.get(name) ?? 'off')

const leastLength = 8
/** Of MariaDB's simple_password_check, MySQL's component and its older plugin. */
const lengthNames = [
  'simple_password_check_minimal_length',
  'validate_password.length',
  'validate_password_length',
] as const

export const mariadb = defineFamily<MariadbFacts>({
  name: 'mariadb',
  title: 'MariaDB 与 MySQL',
  read,
  checks: [
    {
      id: 'mariadb.grants',
      title: 'MariaDB 或 MySQL 没有关闭鉴别',
      items: items.identification,
      reads,
      remedy: '去掉 skip-grant-tables 后重启',
      judge: byServer((settings) => {
        const isSkipped = isOn(settings, 'skip_grant_tables')
        return decide(!isSkipped, isSkipped ? '已设 skip-grant-tables' : '未设 skip-grant-tables')
      }),
    },
    {
      id: 'mariadb.exposure',
      title: 'MariaDB 或 MySQL 不对所有地址开放',
      items: [...items.sourceAddresses, ...items.unneededServices],
      reads,
      remedy: '用 bind-address 写明业务地址，或设 skip-networking',
      judge: byServer((settings) => {
        if (isOn(settings, 'skip_networking')) return decide(true, '已设 skip-networking')
        const address = settings.get('bind_address')
        const isOpen =
          address === undefined ||
          address.split(',').some((each) => /^(?:|\*|0\.0\.0\.0|::)$/u.test(each.trim()))
        return decide(!isOpen, `bind-address ${address ?? '未设'}`)
      }),
    },
    {
      id: 'mariadb.tls',
      title: 'MariaDB 或 MySQL 的远程连接须用 TLS',
      items: [...items.transferSecrecy, ...items.transferIntegrity],
      reads,
      remedy: '配置证书并设 require_secure_transport = ON',
      judge: byServer((settings) => {
        if (isOn(settings, 'skip_networking')) return decide(true, '已设 skip-networking，没有远程连接')
        const isRequired = isOn(settings, 'require_secure_transport')
        return decide(isRequired, `require_secure_transport ${isRequired ? '已' : '未'}开启`)
      }),
    },
    {
      id: 'mariadb.audit',
      title: 'MariaDB 或 MySQL 记录登录与操作',
      items: items.auditEnabled,
      reads,
      remedy: '装载 server_audit（MySQL 为 audit_log）并设 server_audit_logging = ON',
      judge: byServer((settings) => {
        const logging = settings.get('server_audit_logging')
        if (logging !== undefined)
          return decide(isOn(settings, 'server_audit_logging'), `server_audit_logging ${logging}`)
        return isOn(settings, 'general_log')
          ? decide(true, 'general_log 已开启')
          : cannotTell('设置中未见审计；审计插件可能由 INSTALL PLUGIN 装载')
      }),
    },
    {
      id: 'mariadb.passwords',
      title: 'MariaDB 或 MySQL 的口令至少 8 位',
      items: items.identification,
      reads,
      remedy:
        '装载 simple_password_check 并设 simple_password_check_minimal_length = 8（MySQL 为 validate_password.length）',
      judge: byServer((settings) => {
        const length = lengthNames.map((name) => settings.get(name)).find((value) => value !== undefined)
        return length === undefined
          ? cannotTell('设置中未见口令强度；检查插件可能由 INSTALL PLUGIN 装载')
          : decide((numberOf(length) ?? 0) >= leastLength, `口令至少 ${length} 位`)
      }),
    },
    {
      id: 'mariadb.local-files',
      title: 'MariaDB 或 MySQL 不读客户端本地文件',
      items: items.unneededServices,
      reads,
      remedy: '设 local-infile = 0',
      judge: byServer((settings) => {
        const isOff = settings.has('local_infile') && !isOn(settings, 'local_infile')
        return settings.has('local_infile')
          ? decide(isOff, `local-infile ${settings.get('local_infile') ?? ''}`)
          : cannotTell('未设 local-infile，缺省值随版本而异')
      }),
    },
    {
      id: 'mariadb.secrets',
      title: '存有数据库口令的文件只有属主可读',
      items: [...items.permissions, ...items.storageSecrecy],
      reads: secretFiles,
      remedy: '对所列文件运行 chmod 600',
      judge: ({ secrets }) =>
        secrets.length === 0
          ? cannotTell(`未见 ${secretFiles.join('、')}`)
          : noneOf(
              secrets
                .filter(({ mode }) => (mode & 0o077) !== 0)
                .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
              '权限过宽',
              secrets.map(({ path, mode }) => `${path} ${mode.toString(8)}`).join('、'),
            ),
    },
  ],
})

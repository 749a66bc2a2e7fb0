import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { FileState, Machine } from '../machine.ts'
import { type Directive, everywhere, readNginx } from '../nginx-settings.ts'

interface NginxFacts {
  readonly all: readonly Directive[] | undefined
  readonly keys: readonly FileState[]
}

const reads = ['/etc/nginx/nginx.conf', '/etc/nginx/conf.d', '/etc/nginx/sites-enabled'] as const

const read = async (machine: Machine): Promise<NginxFacts> => {
  const all = await readNginx(machine)
  const paths = everywhere(all ?? [], 'ssl_certificate_key').flatMap(({ values }) => values)
  const keys = await Promise.all(paths.filter((path) => path.startsWith('/')).map(machine.state))
  return { all, keys: keys.filter((state) => state !== undefined) }
}

const byNginx =
  (judge: (all: readonly Directive[], facts: NginxFacts) => Judgement) =>
  (facts: NginxFacts): Judgement =>
    facts.all === undefined ? cannotTell('未见可读的 /etc/nginx/nginx.conf') : judge(facts.all, facts)

const first = (directives: readonly Directive[], name: string): string | undefined =>
  everywhere(directives, name)[0]?.values[0]

const old = new Set(['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1'])

const judgeVersions = (all: readonly Directive[]): Judgement => {
  const named = everywhere(all, 'ssl_protocols').flatMap(({ values }) => values)
  if (named.length === 0) return cannotTell('未设 ssl_protocols，缺省值随版本而异')
  return noneOf(
    [...new Set(named.filter((version) => old.has(version)))],
    '仍启用',
    `ssl_protocols ${listed([...new Set(named)])}`,
  )
}

const isLocal = (address: string): boolean => /^(?:unix:|127\.|localhost\b|\[::1\])/u.test(address)

/** `ssl on` is how a server was put behind TLS before nginx 1.15. */
const isAllTls = (block: readonly Directive[]): boolean =>
  block.some(({ name, values }) => name === 'ssl' && values[0] === 'on')

/** Where a server takes connections in the clear from other hosts. A server without `listen` does so on 80. */
const plainListens = ({ block }: Directive): readonly string[] => {
  if (isAllTls(block)) return []
  const listens = block.filter(({ name }) => name === 'listen').map(({ values }) => values)
  return (listens.length === 0 ? [['80']] : listens)
    .filter((values) => !values.includes('ssl') && !values.includes('quic') && !isLocal(values[0] ?? ''))
    .map(([address = '']) => address)
}

const sendsToTls = ({ block }: Directive): boolean =>
  [...everywhere(block, 'return'), ...everywhere(block, 'rewrite')].some(({ values }) =>
    values.some((value) => value.startsWith('https://')),
  )

const nameOf = ({ block }: Directive): string =>
  block.find(({ name }) => name === 'server_name')?.values.find((value) => value !== '_') ?? '缺省站点'

const serversOf = (all: readonly Directive[]): readonly Directive[] =>
  everywhere(all, 'http').flatMap(({ block }) => block.filter(({ name }) => name === 'server'))

const judgePlain = (all: readonly Directive[]): Judgement => {
  const servers = serversOf(all)
  if (servers.length === 0) return cannotTell('未见 server 段')
  const open = servers.filter((server) => plainListens(server).length > 0 && !sendsToTls(server))
  return noneOf(
    open.map((server) => `${nameOf(server)}（${plainListens(server).join('、')}）`),
    '明文提供、且不转到 HTTPS 的站点',
    `${servers.length} 个站点均用 TLS 或转到 HTTPS`,
  )
}

export const nginx = defineFamily<NginxFacts>({
  name: 'nginx',
  title: 'nginx',
  read,
  checks: [
    {
      id: 'nginx.tls-versions',
      title: 'nginx 不用 TLS 1.1 及更早版本',
      items: [...items.transferSecrecy, ...items.transferIntegrity],
      reads,
      remedy: '设 ssl_protocols TLSv1.2 TLSv1.3',
      judge: byNginx(judgeVersions),
    },
    {
      id: 'nginx.plaintext',
      title: 'nginx 的站点都用 TLS',
      items: [...items.transferSecrecy, ...items.remoteSecrecy],
      reads,
      remedy: '明文站点用 return 301 https://$host$request_uri 转到 HTTPS',
      judge: byNginx(judgePlain),
    },
    {
      id: 'nginx.version',
      title: 'nginx 不显示版本',
      items: items.vulnerabilities,
      reads,
      remedy: '在 http 段设 server_tokens off',
      judge: byNginx((all) => {
        const shown = everywhere(all, 'server_tokens').map(({ values }) => values[0] ?? '')
        const isHidden = shown.length > 0 && shown.every((value) => value === 'off')
        return decide(isHidden, `server_tokens ${shown.length === 0 ? '未设，缺省显示版本' : listed(shown)}`)
      }),
    },
    {
      id: 'nginx.listing',
      title: 'nginx 不列出目录',
      items: [...items.permissions, ...items.unneededServices],
      reads,
      remedy: '去掉 autoindex on',
      judge: byNginx((all) => {
        const count = everywhere(all, 'autoindex').filter(({ values }) => values[0] === 'on').length
        return decide(count === 0, count === 0 ? '没有开启 autoindex' : `${count} 处开启 autoindex`)
      }),
    },
    {
      id: 'nginx.access-log',
      title: 'nginx 记录访问',
      items: items.auditEnabled,
      reads,
      remedy: '去掉 access_log off，或只对静态资源关闭',
      judge: byNginx((all) => {
        // A location may be quiet (health checks, images); a whole server or all of them may not.
        const wide = [...everywhere(all, 'http'), ...serversOf(all)].flatMap(({ block }) =>
          block.filter(({ name, values }) => name === 'access_log' && values[0] === 'off'),
        )
        return decide(
          wide.length === 0,
          wide.length === 0 ? '没有整站关闭访问日志' : `${wide.length} 处整站关闭访问日志`,
        )
      }),
    },
    {
      id: 'nginx.user',
      title: 'nginx 的工作进程不是 root',
      items: items.leastPrivilege,
      reads,
      remedy: '设 user www-data（或 nginx）',
      judge: byNginx((all) => {
        const user = first(all, 'user')
        return user === undefined
          ? cannotTell('未设 user，缺省值随编译而异')
          : decide(user !== 'root', `user ${user}`)
      }),
    },
    {
      id: 'nginx.keys',
      title: 'nginx 的私钥不对其他用户开放',
      items: [...items.permissions, ...items.storageSecrecy],
      reads,
      remedy: '对私钥运行 chmod 600',
      judge: byNginx((_, { keys }) =>
        keys.length === 0
          ? cannotTell('未见私钥文件')
          : noneOf(
              keys
                .filter(({ mode }) => (mode & 0o007) !== 0)
                .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
              '其他用户可读',
              `${keys.length} 个私钥不对其他用户开放`,
            ),
      ),
    },
  ],
})

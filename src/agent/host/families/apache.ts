import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { linesOf, readFolder, textOf } from '../texts.ts'

/** A directive, its arguments in one text. */
interface Directive {
  readonly name: string
  readonly value: string
}

interface ApacheFacts {
  /** In the order in which the packages' main files include them; undefined where there is no Apache. */
  readonly directives: readonly Directive[] | undefined
}

const layouts = [
  {
    main: '/etc/apache2/apache2.conf',
    added: ['/etc/apache2/mods-enabled', '/etc/apache2/conf-enabled', '/etc/apache2/sites-enabled'],
  },
  { main: '/etc/httpd/conf/httpd.conf', added: ['/etc/httpd/conf.d'] },
] as const
const reads = layouts.flatMap(({ main, added }) => [main, ...added])

const directivesOf = (found: readonly Found[]): readonly Directive[] =>
  found.flatMap((each) =>
    linesOf(textOf(each)).flatMap((line) => {
      const [, name, value = ''] = /^([A-Za-z]\w*)(?:\s+(.*))?$/u.exec(line) ?? []
      return name === undefined ? [] : [{ name: name.toLowerCase(), value: value.replaceAll('"', '') }]
    }),
  )

const read = async (machine: Machine): Promise<ApacheFacts> => {
  for (const { main, added } of layouts) {
    const found = await machine.read(main)
    if (found.state !== 'read') continue
    const files = await Promise.all(added.map((folder) => readFolder(machine, folder, /\.(?:conf|load)$/u)))
    return { directives: directivesOf([found, ...files.flat()]) }
  }
  return { directives: undefined }
}

const byApache =
  (judge: (directives: readonly Directive[]) => Judgement) =>
  ({ directives }: ApacheFacts): Judgement =>
    directives === undefined ? cannotTell('未见可读的 Apache 设置') : judge(directives)

const valuesOf = (directives: readonly Directive[], name: string): readonly string[] =>
  directives.filter((each) => each.name === name).map(({ value }) => value)

const hasModule = (directives: readonly Directive[], name: string): boolean =>
  valuesOf(directives, 'loadmodule').some((value) => value.startsWith(`${name} `))

const oldVersions = ['SSLv3', 'TLSv1', 'TLSv1.1'] as const

/** Those switched on by one SSLProtocol. `all` is every TLS that the build has. */
const versionsOf = (value: string): readonly string[] => {
  const words = value.split(/\s+/u)
  return oldVersions.filter((version) => {
    const together = version.startsWith('TLS') ? ['all', '+all', '-all'] : ['-all']
    const last = words.findLast((word) => [...together, version, `+${version}`, `-${version}`].includes(word))
    return last !== undefined && !last.startsWith('-')
  })
}

/** The last one counts for the server; a site may say otherwise, so none may show more. */
const quiet = (name: string, good: readonly string[], fallback: string) =>
  byApache((directives) => {
    const values = valuesOf(directives, name.toLowerCase())
    const shown = values.length === 0 ? [fallback] : values
    return decide(
      shown.every((value) => good.includes(value.toLowerCase())),
      `${name} ${values.length === 0 ? `未设，缺省 ${fallback}` : listed(values)}`,
    )
  })

export const apache = defineFamily<ApacheFacts>({
  name: 'apache',
  title: 'Apache',
  read,
  checks: [
    {
      id: 'apache.tls-versions',
      title: 'Apache 不用 TLS 1.1 及更早版本',
      items: [...items.transferSecrecy, ...items.transferIntegrity],
      reads,
      remedy: '设 SSLProtocol -all +TLSv1.2 +TLSv1.3',
      judge: byApache((directives) => {
        const values = valuesOf(directives, 'sslprotocol')
        if (values.length === 0)
          return cannotTell(hasModule(directives, 'ssl_module') ? '未设 SSLProtocol' : '未装载 ssl 模块')
        return noneOf([...new Set(values.flatMap(versionsOf))], '仍启用', `SSLProtocol ${listed(values)}`)
      }),
    },
    {
      id: 'apache.version',
      title: 'Apache 不显示版本与模块',
      items: items.vulnerabilities,
      reads,
      remedy: '设 ServerTokens Prod',
      judge: quiet('ServerTokens', ['prod', 'productonly'], 'Full'),
    },
    {
      id: 'apache.trace',
      title: 'Apache 关闭 TRACE',
      items: items.unneededServices,
      reads,
      remedy: '设 TraceEnable Off',
      judge: quiet('TraceEnable', ['off'], 'On'),
    },
    {
      id: 'apache.listing',
      title: 'Apache 不列出目录',
      items: [...items.permissions, ...items.unneededServices],
      reads,
      remedy: '把 Options Indexes 改为 Options -Indexes，或停用 autoindex 模块',
      judge: byApache((directives) => {
        if (valuesOf(directives, 'loadmodule').length > 0 && !hasModule(directives, 'autoindex_module'))
          return decide(true, '未装载 autoindex 模块')
        const open = valuesOf(directives, 'options').filter((value) =>
          /(?:^|\s)\+?(?:Indexes|All)\b/iu.test(value),
        )
        return decide(
          open.length === 0,
          open.length === 0 ? '没有 Options Indexes' : `${open.length} 处 Options Indexes`,
        )
      }),
    },
    {
      id: 'apache.access-log',
      title: 'Apache 记录访问',
      items: items.auditEnabled,
      reads,
      remedy: '在站点设置中写 CustomLog',
      judge: byApache((directives) => {
        const count = ['customlog', 'transferlog'].flatMap((name) => valuesOf(directives, name)).length
        return decide(count > 0, count > 0 ? `${count} 处 CustomLog` : '没有 CustomLog')
      }),
    },
  ],
})

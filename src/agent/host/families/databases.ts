import { cannotTell, decide, defineFamily, type HostCheck, type Judgement, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Machine } from '../machine.ts'
import { linesOf, readFolder, settingsOf, textOf } from '../texts.ts'

interface Cluster {
  /** `15/main`, or the folder of the RHEL family. */
  readonly name: string
  readonly settings: ReadonlyMap<string, string>
  readonly access: readonly string[]
}

interface DatabaseFacts {
  readonly clusters: readonly Cluster[]
  readonly redis: ReadonlyMap<string, string> | undefined
}

const clusterIn = async (machine: Machine, folder: string): Promise<readonly Cluster[]> => {
  const main = await machine.read(`${folder}/postgresql.conf`)
  const access = await machine.read(`${folder}/pg_hba.conf`)
  if (main.state !== 'read' || access.state !== 'read') return []
  const added = await readFolder(machine, `${folder}/conf.d`, /\.conf$/u)
  const changed = await machine.read(`${folder}/postgresql.auto.conf`)
  const all = [main, ...added, changed].map(textOf).join('\n')
  return [{ name: folder, settings: settingsOf(all), access: linesOf(access.text) }]
}

const readClusters = async (machine: Machine): Promise<readonly Cluster[]> => {
  const versions = await machine.list('/etc/postgresql')
  const folders = await Promise.all(
    versions.map(async (version) =>
      (await machine.list(`/etc/postgresql/${version}`)).map((name) => `/etc/postgresql/${version}/${name}`),
    ),
  )
  const all = [...folders.flat(), '/var/lib/pgsql/data']
  return (await Promise.all(all.map((folder) => clusterIn(machine, folder)))).flat()
}

const readRedis = async (machine: Machine): Promise<ReadonlyMap<string, string> | undefined> => {
  for (const file of ['/etc/redis/redis.conf', '/etc/redis.conf']) {
    const found = await machine.read(file)
    if (found.state === 'read') return settingsOf(found.text)
  }
  return undefined
}

const read = async (machine: Machine): Promise<DatabaseFacts> => ({
  clusters: await readClusters(machine),
  redis: await readRedis(machine),
})

const clusterReads = ['/etc/postgresql/*/*', '/var/lib/pgsql/data'] as const

const byClusters =
  (judge: (clusters: readonly Cluster[]) => Judgement) =>
  ({ clusters }: DatabaseFacts): Judgement =>
    clusters.length === 0 ? cannotTell('未见可读的 PostgreSQL 配置') : judge(clusters)

const isMethod = (line: string, methods: readonly string[]): boolean =>
  line.split(/\s+/u).some((word) => methods.includes(word))

/** None of the clusters may have such a line in pg_hba.conf. */
const noAccess = (methods: readonly string[], otherwise: string) =>
  byClusters((clusters) =>
    noneOf(
      clusters.filter(({ access }) => access.some((line) => isMethod(line, methods))).map(({ name }) => name),
      `pg_hba.conf 使用 ${methods.join('、')}`,
      otherwise,
    ),
  )

/** Both are off where nothing is said; from PostgreSQL 18 on `log_connections` may be a list as well. */
const isOn = (value: string | undefined): boolean =>
  !['', 'off', 'false', 'no', '0'].includes(value?.toLowerCase() ?? '')

/** All clusters must have it switched on. */
const switchedOn = (name: string) =>
  byClusters((clusters) =>
    noneOf(
      clusters.filter(({ settings }) => !isOn(settings.get(name))).map((cluster) => cluster.name),
      `${name} 未开启`,
      `${name} 已开启`,
    ),
  )

const postgresql: readonly HostCheck<DatabaseFacts>[] = [
  {
    id: 'postgresql.trust',
    title: 'PostgreSQL 没有免鉴别登录',
    items: items.identification,
    reads: clusterReads,
    remedy: '把 pg_hba.conf 中的 trust 改为 scram-sha-256 或 peer',
    judge: noAccess(['trust'], 'pg_hba.conf 不含 trust'),
  },
  {
    id: 'postgresql.weak-methods',
    title: 'PostgreSQL 不用明文或弱口令鉴别',
    items: [...items.identification, ...items.remoteSecrecy],
    reads: clusterReads,
    remedy: '把 pg_hba.conf 中的 password、md5 改为 scram-sha-256',
    judge: noAccess(['password', 'md5'], 'pg_hba.conf 不含 password、md5'),
  },
  {
    id: 'postgresql.tls',
    title: 'PostgreSQL 开启 TLS',
    items: [...items.transferSecrecy, ...items.transferIntegrity],
    reads: clusterReads,
    remedy: '在 postgresql.conf 设 ssl = on 并配置证书',
    judge: switchedOn('ssl'),
  },
  {
    id: 'postgresql.connections',
    title: 'PostgreSQL 记录登录',
    items: items.auditEnabled,
    reads: clusterReads,
    remedy: '在 postgresql.conf 设 log_connections = on',
    judge: switchedOn('log_connections'),
  },
]

const byRedis =
  (judge: (settings: ReadonlyMap<string, string>) => Judgement) =>
  ({ redis }: DatabaseFacts): Judgement =>
    redis === undefined ? cannotTell('未见可读的 Redis 配置') : judge(redis)

const redisReads = ['/etc/redis/redis.conf', '/etc/redis.conf'] as const

const redis: readonly HostCheck<DatabaseFacts>[] = [
  {
    id: 'redis.password',
    title: 'Redis 要求口令',
    items: items.identification,
    reads: redisReads,
    remedy: '在 redis.conf 设 requirepass，或用 aclfile 管理账户',
    judge: byRedis((settings) => {
      if (settings.has('aclfile')) return cannotTell('使用 aclfile，须人工核对')
      const isSet = (settings.get('requirepass') ?? '') !== ''
      return decide(isSet, isSet ? '已设 requirepass' : '未设 requirepass')
    }),
  },
  {
    id: 'redis.exposure',
    title: 'Redis 不对所有地址开放',
    items: [...items.sourceAddresses, ...items.unneededServices],
    reads: redisReads,
    remedy: '在 redis.conf 用 bind 写明业务地址，保持 protected-mode yes',
    judge: byRedis((settings) => {
      const bind = settings.get('bind')
      const isOpen =
        bind === undefined || bind.split(/\s+/u).some((each) => /^-?(?:0\.0\.0\.0|\*|::\*?)$/u.test(each))
      return decide(!isOpen, `bind ${bind ?? '未设'}`)
    }),
  },
  {
    id: 'redis.protected-mode',
    title: 'Redis 保护模式未关闭',
    items: items.sourceAddresses,
    reads: redisReads,
    remedy: '在 redis.conf 设 protected-mode yes',
    judge: byRedis((settings) => {
      const mode = settings.get('protected-mode') ?? 'yes'
      return decide(mode === 'yes', `protected-mode ${mode}`)
    }),
  },
]

export const databases = defineFamily<DatabaseFacts>({
  name: 'databases',
  title: '数据库',
  read,
  checks: [...postgresql, ...redis],
})

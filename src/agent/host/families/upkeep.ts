import type { ClockFacts } from '../../../../probes/host/facts.ts'
import { cannotTell, decide, defineFamily, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { linesOf, readAll, readFolder, textOf } from '../texts.ts'

interface UpkeepFacts {
  readonly now: number
  readonly timeSettings: readonly Found[]
  readonly clock: ClockFacts | undefined
  /** When the newest list of packages was fetched. */
  readonly listsAt: number | undefined
  readonly sources: readonly Found[]
}

const dayMs = 86_400_000
const mostLists = 200

const newestList = async (machine: Machine): Promise<number | undefined> => {
  const folder = '/var/lib/apt/lists'
  const names = (await machine.list(folder))
    .filter((name) => /(?:In)?Release$/u.test(name))
    .slice(0, mostLists)
  const states = await Promise.all(names.map((name) => machine.state(`${folder}/${name}`)))
  const times = states.flatMap((state) => (state === undefined ? [] : [state.modifiedAt]))
  return times.length === 0 ? undefined : Math.max(...times)
}

const read = async (machine: Machine): Promise<UpkeepFacts> => ({
  now: machine.now,
  timeSettings: await readAll(machine, [
    '/etc/chrony/chrony.conf',
    '/etc/chrony.conf',
    '/etc/ntp.conf',
    '/etc/ntpsec/ntp.conf',
    '/etc/systemd/timesyncd.conf',
  ]),
  clock: await machine.live?.clock(),
  listsAt: await newestList(machine),
  sources: [
    await machine.read('/etc/apt/sources.list'),
    ...(await readFolder(machine, '/etc/apt/sources.list.d', /\.(?:list|sources)$/u)),
    ...(await readFolder(machine, '/etc/apt/apt.conf.d', /^[\w.-]+$/u)),
    ...(await readFolder(machine, '/etc/yum.repos.d', /\.repo$/u)),
  ],
})

const unsigned =
  /\btrusted\s*[=:]\s*yes|\ballow-insecure\s*[=:]\s*yes|^\s*(?:repo_)?gpgcheck\s*=\s*0|^\s*(?:APT::Get::AllowUnauthenticated|Acquire::AllowInsecureRepositories)\s+"?(?:true|yes|1)\b/imu

export const upkeep = defineFamily<UpkeepFacts>({
  name: 'upkeep',
  title: '时间与软件源',
  read,
  checks: [
    {
      id: 'time.source',
      title: '设有时间源',
      items: items.auditContent,
      reads: ['/etc/chrony/chrony.conf', '/etc/ntp.conf', '/etc/systemd/timesyncd.conf'],
      remedy: '在 chrony.conf 用 server 写明内网时间服务器',
      judge: ({ timeSettings }) => {
        const seen = timeSettings.filter(({ state }) => state === 'read')
        if (seen.length === 0) return cannotTell('未见时间同步软件的配置')
        const named = seen.filter((found) =>
          linesOf(textOf(found)).some((line) => /^(?:server|pool|peer|NTP\s*=|sourcedir)\s*\S/u.test(line)),
        )
        const paths = (named.length > 0 ? named : seen).map(({ path }) => path).join('、')
        // timesyncd has servers of its own where none is named.
        if (named.length === 0 && seen.some(({ path }) => path.endsWith('timesyncd.conf')))
          return cannotTell('timesyncd 未写明时间源，使用发行版缺省值')
        return decide(named.length > 0, `${paths} ${named.length > 0 ? '设有' : '未设'}时间源`)
      },
    },
    {
      id: 'time.synchronised',
      title: '时钟已同步',
      items: items.auditContent,
      reads: ['adjtimex(2)'],
      remedy: '启动 chronyd 或 systemd-timesyncd，并确认能到达时间服务器',
      judge: ({ clock }) =>
        clock === undefined
          ? cannotTell('看不到内核时钟')
          : decide(clock.synchronised, clock.synchronised ? '内核时钟已同步' : '内核时钟未同步'),
    },
    {
      id: 'updates.lists-age',
      title: '软件包列表 30 天内更新过',
      items: items.vulnerabilities,
      reads: ['/var/lib/apt/lists'],
      remedy: '运行 apt-get update，并设每日自动更新列表',
      judge: ({ listsAt, now }) => {
        if (listsAt === undefined) return cannotTell('未见 apt 的软件包列表')
        const days = Math.floor((now - listsAt) / dayMs)
        return days < 0
          ? cannotTell('软件包列表的时间在将来')
          : decide(days <= 30, `最近的列表为 ${days} 天前`)
      },
    },
    {
      id: 'updates.signed',
      title: '软件源须验签名',
      items: items.vulnerabilities,
      reads: ['/etc/apt/sources.list', '/etc/apt/sources.list.d', '/etc/apt/apt.conf.d', '/etc/yum.repos.d'],
      remedy: '去掉 trusted=yes、allow-insecure=yes；yum 源设 gpgcheck=1',
      judge: ({ sources }) => {
        const seen = sources.filter(({ state }) => state === 'read')
        if (seen.length === 0) return cannotTell('未见软件源设置')
        const bad = seen.filter((found) => unsigned.test(linesOf(textOf(found)).join('\n')))
        return noneOf(
          bad.map(({ path }) => path),
          '不验签名的软件源',
          `${seen.length} 个软件源设置均未关闭验签`,
        )
      },
    },
  ],
})

import type { ListeningSocket } from '../../../../probes/host/facts.ts'
import { cannotTell, defineFamily, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import type { Found, Machine } from '../machine.ts'
import { linesOf } from '../texts.ts'

interface ListeningFacts {
  /** Those that other hosts can reach; undefined where the running system cannot be asked. */
  readonly reachable: readonly ListeningSocket[] | undefined
  readonly baseline: Found
}

const baselineFile = '/etc/yiwang/listening'

const isLoopback = ({ address }: ListeningSocket): boolean => /^(?:127\.|::1$|::ffff:127\.)/u.test(address)

const read = async (machine: Machine): Promise<ListeningFacts> => ({
  reachable: (await machine.live?.listening())?.filter((socket) => !isLoopback(socket)),
  baseline: await machine.read(baselineFile),
})

const portOf = ({ protocol, port }: ListeningSocket): string => `${protocol} ${port}`
const withProcess = (socket: ListeningSocket): string =>
  socket.process === undefined ? portOf(socket) : `${portOf(socket)}（${socket.process}）`
const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)]

/** Services that are not meant for other hosts, or that ask nobody who he is. */
const risky: ReadonlyMap<string, string> = new Map([
  ['tcp 139', 'NetBIOS'],
  ['tcp 445', 'SMB'],
  ['udp 137', 'NetBIOS'],
  ['tcp 2375', 'Docker 明文接口'],
  ['tcp 2379', 'etcd'],
  ['tcp 3389', '远程桌面'],
  ['tcp 5900', 'VNC'],
  ['tcp 6000', 'X11'],
  ['tcp 9200', 'Elasticsearch'],
  ['tcp 11211', 'memcached'],
  ['udp 11211', 'memcached'],
  ['tcp 27017', 'MongoDB'],
])

export const listening = defineFamily<ListeningFacts>({
  name: 'listening',
  title: '监听端口',
  read,
  checks: [
    {
      id: 'listening.baseline',
      title: '对外监听的端口都在清单内',
      items: items.unneededServices,
      reads: ['/proc/net', baselineFile],
      remedy: `停用清单之外的服务；核定后把业务端口逐行写入 ${baselineFile}（如 tcp 22）`,
      judge: ({ reachable, baseline }) => {
        if (reachable === undefined) return cannotTell('看不到监听端口')
        const seen = distinct(reachable.map(portOf))
        if (baseline.state !== 'read')
          return cannotTell(`未见可读的清单 ${baselineFile}；现有 ${seen.length === 0 ? '无' : listed(seen)}`)
        const declared = new Set(
          linesOf(baseline.text).map((line) => line.split(/\s+/u).slice(0, 2).join(' ')),
        )
        return noneOf(
          distinct(reachable.filter((socket) => !declared.has(portOf(socket))).map(withProcess)),
          '清单之外的端口',
          seen.length === 0 ? '没有对外监听的端口' : `${listed(seen)} 均在清单内`,
        )
      },
    },
    {
      id: 'listening.risky',
      title: '高危端口不对外监听',
      items: items.unneededServices,
      reads: ['/proc/net'],
      remedy: '停用所列服务，或改为只监听 127.0.0.1 并由防火墙限制来源',
      judge: ({ reachable }) => {
        if (reachable === undefined) return cannotTell('看不到监听端口')
        const seen = reachable.filter((socket) => risky.has(portOf(socket)))
        return noneOf(
          distinct(seen.map((socket) => `${portOf(socket)} ${risky.get(portOf(socket)) ?? ''}`)),
          '对外监听',
          `对外监听的 ${distinct(reachable.map(portOf)).length} 个端口中没有高危端口`,
        )
      },
    },
  ],
})

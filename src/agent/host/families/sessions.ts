import { cannotTell, decide, defineFamily } from '../check.ts'
import { items } from '../items.ts'
import type { Machine } from '../machine.ts'
import { joined, linesOf, readAll, readFolder, settingsOf, textOf } from '../texts.ts'

interface SessionFacts {
  /** What login shells of everybody read. */
  readonly profile: string
  readonly hasProfile: boolean
  readonly umask: string | undefined
}

const files = ['/etc/profile', '/etc/bash.bashrc', '/etc/bashrc'] as const
const reads = [...files, '/etc/profile.d/*.sh'] as const

const read = async (machine: Machine): Promise<SessionFacts> => {
  const found = [
    ...(await readAll(machine, files)),
    ...(await readFolder(machine, '/etc/profile.d', /\.sh$/u)),
  ]
  return {
    profile: joined(found),
    hasProfile: found.some(({ state }) => state === 'read'),
    umask: settingsOf(textOf(await machine.read('/etc/login.defs'))).get('umask'),
  }
}

const timeoutsOf = (profile: string): readonly number[] =>
  linesOf(profile).flatMap((line) => {
    const [, seconds] =
      /^(?:(?:export|readonly|declare|typeset)\s+(?:-\w+\s+)*)?TMOUT=(\d{1,9})\b/u.exec(line) ?? []
    return seconds === undefined ? [] : [Number(seconds)]
  })

const isFixed = (profile: string): boolean =>
  linesOf(profile).some((line) =>
    /(?:^|[;&]\s*)(?:readonly|(?:declare|typeset)\s+-\w*r\w*)\s+(?:\w+\s+)*TMOUT\b/u.test(line),
  )

const masksOf = ({ profile, umask }: SessionFacts): readonly string[] => [
  ...(umask === undefined ? [] : [umask]),
  ...linesOf(profile).flatMap((line) => /^umask\s+(0?[0-7]{3})\b/u.exec(line)?.[1] ?? []),
]

export const sessions = defineFamily<SessionFacts>({
  name: 'sessions',
  title: '会话',
  read,
  checks: [
    {
      id: 'sessions.timeout',
      title: '闲置会话 30 分钟内自动退出',
      items: items.failedLogins,
      reads,
      remedy: '在 /etc/profile.d/timeout.sh 写入 readonly TMOUT=600; export TMOUT',
      judge: ({ profile, hasProfile }) => {
        if (!hasProfile) return cannotTell('未见可读的公共登录脚本')
        const seconds = timeoutsOf(profile)
        if (seconds.length === 0) return decide(false, '公共登录脚本未设 TMOUT')
        return decide(
          seconds.every((each) => each > 0 && each <= 1800),
          `TMOUT ${seconds.join('、')} 秒`,
        )
      },
    },
    {
      id: 'sessions.timeout-fixed',
      title: '用户不能自行取消会话超时',
      items: items.failedLogins,
      reads,
      remedy: '在公共登录脚本中写 readonly TMOUT',
      judge: ({ profile }) => {
        if (timeoutsOf(profile).length === 0) return cannotTell('公共登录脚本未设 TMOUT')
        return decide(isFixed(profile), isFixed(profile) ? 'TMOUT 为只读' : 'TMOUT 未设为只读')
      },
    },
    {
      id: 'sessions.umask',
      title: '新文件缺省不对其他用户开放（umask 027）',
      items: items.permissions,
      reads: [...reads, '/etc/login.defs'],
      remedy: '在 /etc/login.defs 设 UMASK 027，公共登录脚本中如有 umask 一并改为 027',
      judge: (facts) => {
        const masks = masksOf(facts)
        if (masks.length === 0) return cannotTell('未见 umask 设置')
        return decide(
          masks.every((mask) => (Number.parseInt(mask, 8) & 0o027) === 0o027),
          `umask ${[...new Set(masks)].join('、')}`,
        )
      },
    },
  ],
})

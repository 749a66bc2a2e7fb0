import { cannotTell, decide, defineFamily, type Judgement, listed, noneOf } from '../check.ts'
import { items } from '../items.ts'
import { jobPlaces, readJobs } from '../jobs.ts'
import type { FileState, Machine } from '../machine.ts'
import { newestFirst } from '../texts.ts'

interface Tool {
  readonly name: string
  readonly settings: readonly string[]
  /** What it compares with: any of these. One `*` stands for any name. */
  readonly baselines: readonly string[]
  readonly traces: readonly string[]
  /** A name of a job or a unit that runs it. */
  readonly job: RegExp
}

const tools: readonly Tool[] = [
  {
    name: 'AIDE',
    settings: ['/etc/aide/aide.conf', '/etc/aide.conf'],
    baselines: ['/var/lib/aide/aide.db', '/var/lib/aide/aide.db.gz'],
    traces: ['/var/log/aide/aide.log', '/var/log/aide/aide.log.0', '/var/log/aide/aidereport.log'],
    job: /\baide\b|\bdailyaidecheck\b|\baidecheck\b/u,
  },
  {
    name: 'Tripwire',
    settings: ['/etc/tripwire/tw.cfg'],
    baselines: ['/var/lib/tripwire/*'],
    traces: ['/var/lib/tripwire/report/*'],
    job: /\btripwire(?:-check)?\b/u,
  },
  {
    name: 'Samhain',
    settings: ['/etc/samhain/samhainrc', '/etc/samhainrc'],
    baselines: ['/var/lib/samhain/samhain_file', '/var/state/samhain/samhain_file'],
    traces: ['/var/log/samhain/samhain.log'],
    job: /\bsamhain\b/u,
  },
  {
    name: 'Wazuh',
    settings: ['/var/ossec/etc/ossec.conf'],
    baselines: ['/var/ossec/queue/fim/db/fim.db'],
    traces: ['/var/ossec/logs/ossec.log'],
    job: /\b(?:wazuh-agent|ossec(?:-hids)?)\b/u,
  },
]

interface SeenTool extends Tool {
  readonly baseline: FileState | undefined
  readonly lastTrace: FileState | undefined
  readonly isScheduled: boolean
}

interface IntegrityFacts {
  readonly now: number
  readonly tools: readonly SeenTool[]
}

const dayMs = 86_400_000
/** A database of Tripwire bears the name of its host; its reports lie in a folder beside it. */
const isBaseline = ({ path }: FileState): boolean => !/^\/var\/lib\/tripwire\/(?!.*\.twd$)/u.test(path)

const look = async (machine: Machine, tool: Tool, jobs: readonly string[]): Promise<readonly SeenTool[]> => {
  const [setting] = await newestFirst(machine, tool.settings)
  if (setting === undefined) return []
  return [
    {
      ...tool,
      baseline: (await newestFirst(machine, tool.baselines)).find(isBaseline),
      lastTrace: (await newestFirst(machine, tool.traces))[0],
      isScheduled: jobs.some((job) => tool.job.test(job)),
    },
  ]
}

const read = async (machine: Machine): Promise<IntegrityFacts> => {
  const jobs = await readJobs(machine)
  return {
    now: machine.now,
    tools: (await Promise.all(tools.map((tool) => look(machine, tool, jobs)))).flat(),
  }
}

const names = tools.map(({ name }) => name)
const settings = tools.flatMap((tool) => tool.settings)
const baselines = tools.flatMap((tool) => tool.baselines)
const traces = tools.flatMap((tool) => tool.traces)

/** One tool that does is enough: another may be left over from its package. */
const byTools =
  (isDone: (tool: SeenTool) => boolean, done: string, otherwise: string) =>
  ({ tools: seen }: IntegrityFacts): Judgement => {
    if (seen.length === 0) return cannotTell(`未见 ${names.join('、')} 的配置；其他产品须人工核对`)
    const good = seen.filter(isDone).map(({ name }) => name)
    return decide(
      good.length > 0,
      good.length > 0 ? `${listed(good)} ${done}` : `${listed(seen.map(({ name }) => name))} ${otherwise}`,
    )
  }

export const integrity = defineFamily<IntegrityFacts>({
  name: 'integrity',
  title: '完整性监测',
  read,
  checks: [
    {
      id: 'integrity.baseline',
      title: '完整性监测已建立基线库',
      items: [...items.storageIntegrity, ...items.intrusionAlarm],
      reads: [...settings, ...baselines],
      remedy: '运行 aideinit 建立基线库，并把副本存到其他主机',
      judge: byTools(({ baseline }) => baseline !== undefined, '已有基线库', '已配置，但没有基线库'),
    },
    {
      id: 'integrity.schedule',
      title: '完整性检查定期运行',
      items: [...items.storageIntegrity, ...items.intrusionAlarm],
      reads: jobPlaces,
      remedy: '启用 dailyaidecheck.timer，或在 /etc/cron.daily 放置检查任务',
      judge: byTools(({ isScheduled }) => isScheduled, '有定期任务', '已配置，但没有定期任务'),
    },
    {
      id: 'integrity.recent',
      title: '完整性检查 7 天内运行过',
      items: [...items.storageIntegrity, ...items.intrusionAlarm],
      reads: traces,
      remedy: '查明检查任务为何没有运行，手动运行一次并核对报告',
      judge: ({ tools: seen, now }) => {
        const [last] = seen
          .flatMap(({ lastTrace }) => lastTrace ?? [])
          .toSorted((left, right) => right.modifiedAt - left.modifiedAt)
        if (last === undefined) return cannotTell('未见完整性检查的记录')
        const days = Math.floor((now - last.modifiedAt) / dayMs)
        if (days < 0) return cannotTell(`${last.path} 的时间在将来`)
        return decide(days <= 7, `${last.path} 为 ${days} 天前`)
      },
    },
    {
      id: 'integrity.baseline-mode',
      title: '基线库只有 root 可写',
      items: items.storageIntegrity,
      reads: baselines,
      remedy: '对基线库运行 chmod 600',
      judge: ({ tools: seen }) => {
        const there = seen.flatMap(({ baseline }) => baseline ?? [])
        if (there.length === 0) return cannotTell('未见基线库')
        return noneOf(
          there
            .filter(({ mode }) => (mode & 0o022) !== 0)
            .map(({ path, mode }) => `${path} ${mode.toString(8)}`),
          '其他用户可写',
          there.map(({ path, mode }) => `${path} ${mode.toString(8)}`).join('、'),
        )
      },
    },
  ],
})

import { readdir, readFile } from 'node:fs/promises'
import { execFile, spawn } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namedSystems } from '../../src/verify/index.ts'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { latinWords, textsIn } from '../support/latin.ts'
import { startChild, until } from './child.ts'

/** The demo with a folder for temporary files of its own. */
const startDemo = (folder: string, ...args: readonly string[]) =>
  startChild([launcher, 'demo', '--port', '0', ...args], {
    spawn: ([command, ...rest], options) =>
      spawn(command, rest, { ...options, env: { ...process.env, NODE_ENV: undefined, TMPDIR: folder } }),
  })

/** Process ids by that of their parent: fields 1 and 4 of /proc/<pid>/stat (proc_pid_stat(5)). */
const childrenByParent = async (): Promise<ReadonlyMap<number, readonly number[]>> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      return [pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const
    }),
  )
  return new Map(
    Map.groupBy(parents, ([, parent]) => parent)
      .entries()
      .map(([parent, group]) => [parent, group.map(([pid]) => pid)]),
  )
}

const commandLine = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (line) => line.replaceAll('\0', ' '),
    () => '',
  )

const demoFolders = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('yiwang-demo-'))

describe('told to the end', () => {
  const stack = new AsyncDisposableStack()
  let folder: string
  let said: string
  let left: readonly string[]
  beforeAll(async () => {
    folder = stack.use(await temporaryFolder()).path
    await using demo = startDemo(folder, '--once')
    const ended = await demo.ended
    expect(demo.log).toEqual([])
    expect(ended).toEqual([0, null])
    said = demo.output.join('\n')
    left = await readdir(folder)
  }, 120_000)
  afterAll(() => stack.disposeAsync())

  test('an outage, a recovery, nothing lost, and nothing left but the week', () => {
    expect(said).toMatch(/one outage: 杞县.*;\s+behind it \d+ targets unreachable \(upstream\), not down/u)
    expect(said).toMatch(/made \d+ observations: \d+ are in the collector, 0 missing, 0 twice/u)
    expect(said).toMatch(/^down: \d+, outages: \d+$/mu)
    expect(left).toEqual([expect.stringMatching(/^yiwang-week-/u)])
  })

  /** The verdicts of the three rounds, as the table has them. */
  const roundsOf = (id: string): readonly string[] => {
    const words = '(相符|矛盾|过期|无法)'
    return new RegExp(`^${id} .* ${words} +${words} +${words}$`, 'mu').exec(said)?.slice(1) ?? []
  }

  test.each(namedSystems.filter(({ checks }) => checks.length > 0))(
    '$id: a true claim is 相符, a false one 矛盾',
    ({ id }) => {
      expect(new Set(roundsOf(id))).toEqual(new Set(['相符', '矛盾']))
    },
  )

  test.each(namedSystems.filter(({ checks }) => checks.length === 0))('$id: only documents', ({ id }) => {
    expect(roundsOf(id)).toEqual(['无法', '无法', '无法'])
  })

  const week = (): string => path.join(folder, left[0] ?? '')
  const bulletin = (): Promise<string> => readFile(path.join(week(), '周通报.md'), 'utf8')

  /** Lines that a reader would paste, each run by a shell of its own behind those that set the scene. */
  const shellLines = (): readonly string[] =>
    said
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^(?:export |T=|yiwang \S+ .*--as-of \$T$)/u.test(line))
  const run = async (
    wanted: RegExp,
    more = '',
  ): Promise<{ readonly stdout: string; readonly stderr: string }> => {
    const lines = shellLines()
    const command = `${lines.find((line) => wanted.test(line)) ?? 'false'} ${more}`
    const scene = lines.filter((line) => !line.startsWith('yiwang '))
    const env = { ...process.env, NODE_ENV: undefined }
    const failed = (error: unknown) => error as { stdout: string; stderr: string }
    return promisify(execFile)('sh', ['-c', [...scene, command].join('\n')], { env }).catch(failed)
  }

  test('the week is a bulletin in three forms', async () => {
    const files = await readdir(week())
    expect(files.toSorted()).toEqual(['data', '周通报.docx', '周通报.html', '周通报.md'])
    expect(await bulletin()).toContain('统计期尚未结束，以下数据截至')
    expect(shellLines().filter((line) => line.startsWith('yiwang '))).toHaveLength(11)
  })

  test('the bulletin again, to the letter', async () => {
    expect((await run(/^yiwang report weekly/u)).stdout.trim()).toBe((await bulletin()).trim())
  })

  test('no word of it is English but names of agents, not even in the workbook', async () => {
    const { stdout } = await run(/^yiwang report weekly/u, '--json')
    const { blocks, sheets } = JSON.parse(stdout) as Record<'blocks' | 'sheets', unknown>
    const agents = new Set(['city', 'lankao'])
    const words = [...textsIn([blocks, sheets])].flatMap(latinWords).filter((word) => !agents.has(word))
    expect(words).toEqual([])
    // What the probe itself said is for engineers.
    expect((await run(/^yiwang contradiction show/u)).stdout).toContain('got 503')
  })

  test('its tasks, counted by state', async () => {
    const [, total, idle, overdue] =
      /共 (\d+) 项任务：.*未启动 (\d+) 项.*逾期 (\d+) 项/u.exec(await bulletin()) ?? []
    const { stdout } = await run(/^yiwang ledger tasks/u)
    const states = stdout
      .split('\n')
      .slice(1)
      .flatMap((line) => /^\S+\s+\S+\s+(\S+)/u.exec(line)?.[1] ?? [])
    const having = (word: string): string => String(states.filter((state) => state === word).length)
    expect(total).toBe(String(states.length))
    expect(overdue).toBe(having('逾期'))
    expect(Number(idle)).toBe(states.length)
  })

  test('its claims, counted by verdict, and the goal over its roster', async () => {
    const page = await bulletin()
    const [, claims, consistent, contradicted, stale, unverifiable] =
      /有效上报 (\d+) 条：核验相符 (\d+) 条；差距 \d+ 条，其中矛盾 (\d+) 条、证据过期 (\d+) 条、无法验证 (\d+) 条/u.exec(
        page,
      ) ?? []
    const { stdout, stderr } = await run(/^yiwang verify --as-of/u)
    expect(stdout.split('\n').filter((line) => line.startsWith('c-'))).toHaveLength(Number(claims))
    expect(stderr).toContain(
      `相符 ${consistent}，矛盾 ${contradicted}，证据过期 ${stale}，无法验证 ${unverifiable}`,
    )
    expect(Number(contradicted)).toBeGreaterThan(15)
    const [, claimedPercent, verifiedPercent] =
      /市政务云迁移 \| 2018-12-31 \| ([\d.]+%) \| ([\d.]+%)/u.exec(page) ?? []
    const [, claimed, verified, denominator] =
      /^goal-4\s.*\s(\d+)\s+(\d+)\s+\d+\s+\d+\s+\d+\s+(\d+)\s+[\d.]+%/mu.exec(stdout) ?? []
    const percent = (count: string | undefined): string =>
      `${((100 * Number(count)) / Number(denominator)).toFixed(1)}%`
    expect([percent(claimed), percent(verified)]).toEqual([claimedPercent, verifiedPercent])
  })

  test('the named systems: what the last round showed', async () => {
    const { stdout } = await run(/^yiwang verify --named/u)
    // The class of systems that move is claimed by the one of them that has.
    for (const { id } of namedSystems.filter(({ id, checks }) => checks.length > 0 && id !== 'cls-nonsecret'))
      expect(stdout).toMatch(new RegExp(`^${id}\\s.*\\s${roundsOf(id)[2] ?? ''}\\s`, 'mu'))
  })

  test('a 矛盾 by its look, and that among the looks', async () => {
    const shown = (await run(/^yiwang contradiction show/u)).stdout
    const [, because] = /^结论 矛盾：.*：(127\S+ 在 .*)$/mu.exec(shown) ?? []
    expect((await bulletin()).replaceAll('\\', '')).toContain(because)
    const [, job, agent, minute] = /\[(\S+)，探针 (\S+)，([^，\]]*)(?:，.*)?\]$/mu.exec(shown) ?? []
    const looks = (await run(/^yiwang observations sys-/u)).stdout.split('\n')
    expect(looks.at(-2)).toMatch(
      new RegExp(`^${minute ?? ''}:\\d\\d  down: assertion .*  ${agent ?? ''} +${job ?? ''}$`, 'u'),
    )
    expect(looks.filter((line) => / up .*http/u.test(line)).length).toBeGreaterThan(0)
  })

  test('the availability of a county by the looks at its nodes', async () => {
    const { stdout } = await run(/^yiwang observations 4/u)
    const [, nodes, percent] = /^\| \d+ \| 杞县 \|.*\| (\d+) \| ([\d.]+)% \|/mu.exec(await bulletin()) ?? []
    expect(stdout).toContain(`all: ${percent} %`)
    expect(Number(percent)).toBeLessThan(100)
    const rows = [...stdout.matchAll(/^n-\S+\s+(\d+)\s+(\d+)\s/gmu)]
    expect(rows).toHaveLength(Number(nodes))
    const shares = rows.map(([, up, down]) => (100 * Number(up)) / (Number(up) + Number(down)))
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    expect(mean.toFixed(1)).toBe(percent)
  })

  /** Rows of a table that begin with one of these words. */
  const rowsOf = (stdout: string, words: string): number =>
    stdout.split('\n').filter((line) => new RegExp(`^(?:${words}) `, 'u').test(line)).length

  test('网络安全, by the findings and incidents that stood at the cut-off', async () => {
    const [, findings, grave, incidents] =
      /截止时未消除的安全发现 (\d+) 项，其中严重和高 (\d+) 项；未归档的安全事件 (\d+) 起/u.exec(
        await bulletin(),
      ) ?? []
    const found = (await run(/^yiwang finding list/u)).stdout
    expect(rowsOf(found, '严重|高|中|低')).toBe(Number(findings))
    expect(rowsOf(found, '严重|高')).toBe(Number(grave))
    expect(rowsOf((await run(/^yiwang incident list/u)).stdout, String.raw`INC-\S+`)).toBe(Number(incidents))
    expect(Number(grave)).toBeGreaterThan(0)
    expect(Number(incidents)).toBeGreaterThan(0)
  })

  test('等级保护, by the assessment and what contradicts it', async () => {
    const [, percent, recorded, ...standings] =
      /符合率 ([\d.]+%)；已记录结果 (\d+) 项，与证据核对：相符 (\d+) 项、矛盾 (\d+) 项、证据过期 (\d+) 项、无法验证 (\d+) 项/u.exec(
        await bulletin(),
      ) ?? []
    expect((await run(/^yiwang mlps conclude/u)).stdout).toMatch(
      new RegExp(`^a-demo-net .* ${percent ?? ''} .* ${standings[1] ?? ''}$`, 'mu'),
    )
    const { stdout, stderr } = await run(/^yiwang mlps contradictions/u)
    const words = ['相符', '矛盾', '证据过期', '无法验证']
    expect(stderr).toContain(words.map((word, at) => `${word} ${standings[at] ?? ''}`).join('，'))
    expect(rowsOf(stdout, 'a-demo-net')).toBe(Number(standings[1]))
    expect(standings.reduce((sum, count) => sum + Number(count), 0)).toBe(Number(recorded))
    expect(Number(standings[1])).toBeGreaterThan(0)
  })
})

test('SIGTERM in the middle leaves no process and no file', async () => {
  await using folder = await temporaryFolder()
  await using demo = startDemo(folder.path)
  await demo.said(/^3\. What the agents report/u)
  const children = (await childrenByParent()).get(demo.pid) ?? []
  const commands = await Promise.all(children.map(commandLine))
  expect(commands.filter((line) => / (simulate|collector run|agent run) /u.test(line))).toHaveLength(4)
  demo.send('SIGTERM')
  expect(await demo.ended).toEqual([null, 'SIGTERM'])
  expect(demo.log).toEqual([])
  const left = await until(
    () => Promise.all(children.map(commandLine)),
    (lines) => lines.every((line, index) => line !== commands[index]),
  )
  expect(left).not.toEqual(commands)
  expect(await demoFolders(folder.path)).toEqual([])
})

test.each([
  ['collector run', /the collector ended \(SIGKILL\); its last words:\n.*collector listens/u],
  ['agent run', /the agent \w+ ended \(SIGKILL\)/u],
  ['simulate', /the simulator ended \(SIGKILL\)/u],
])('%s dies: the demo says so, with its last words, and ends with 4', async (args, words) => {
  await using folder = await temporaryFolder()
  await using demo = startDemo(folder.path)
  await demo.said(/^3\. What the agents report/u)
  const children = (await childrenByParent()).get(demo.pid) ?? []
  const commands = await Promise.all(children.map(commandLine))
  process.kill(children[commands.findIndex((line) => line.includes(` ${args} `))] ?? Number.NaN, 'SIGKILL')
  expect(await demo.ended).toEqual([4, null])
  expect(demo.log.join('\n')).toMatch(words)
  expect(await demoFolders(folder.path)).toEqual([])
})

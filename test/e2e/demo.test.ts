import { readdir, readFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { launcher, temporaryFolder } from '../support/cli.ts'
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

test('tells its story to the end: an outage, a recovery, nothing lost', async () => {
  await using folder = await temporaryFolder()
  await using demo = startDemo(folder.path, '--once')
  expect(await demo.ended).toEqual([0, null])
  const said = demo.output.join('\n')
  expect(said).toMatch(/one outage: 杞县.*; behind it \d+ targets unreachable \(upstream\), not down/u)
  expect(said).toMatch(/made \d+ observations: \d+ are in the collector, 0 missing, 0 twice/u)
  expect(said).toMatch(/^down: \d+, outages: \d+$/mu)
  expect(demo.log).toEqual([])
  expect(await demoFolders(folder.path)).toEqual([])
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

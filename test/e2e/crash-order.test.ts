import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { historyBooks } from './books.ts'
import { runYiwang, startChild, until } from './child.ts'
import { makeSite } from './site.ts'

/** A system call of a trace: when it began and when it had ended, by line. */
interface Call {
  readonly name: string
  /** Arguments as strace shows them: descriptors with their paths (`21</tmp/file>`). */
  readonly text: string
  readonly begun: number
  readonly ended: number
}

const begin = /^(?<pid>\d+) +(?<name>\w+)\((?<text>.*?)(?: <unfinished \.\.\.>|\) += .*)$/su
const resumed = /^(?<pid>\d+) +<\.\.\. (?<name>\w+) resumed>/u
const isFailure = (line: string): boolean => / = -1 E[A-Z]+ \([^()]*\)$/u.test(line)

/** The calls that succeeded; joins what strace splits where threads interleave. */
const callsOf = (trace: string): readonly Call[] => {
  const lines = trace.split('\n')
  const endOf = (begun: number, pid: string, name: string): number => {
    if (!lines[begun]?.endsWith('<unfinished ...>')) return begun
    return lines.findIndex((line, at) => {
      const end = resumed.exec(line)?.groups
      return at > begun && end?.['pid'] === pid && end['name'] === name
    })
  }
  return lines.flatMap((line, begun) => {
    const { pid, name, text } = begin.exec(line)?.groups ?? {}
    if (pid === undefined || name === undefined || text === undefined) return []
    const ended = endOf(begun, pid, name)
    return ended === -1 || isFailure(lines[ended] ?? '') ? [] : [{ name, text, begun, ended }]
  })
}

const strace = (trace: string): readonly [string, ...string[]] => [
  'strace',
  // The tracer is a process apart, so that signals reach yiwang itself.
  ...(['-D', '-f', '-y', '-s', '400', '-o', trace] as const),
  ...(['-e', 'trace=fsync,fdatasync,rename,write,writev,pwrite64,openat,mkdir'] as const),
]

const descriptorOf = ({ text }: Call): string => /^\d+<(?<file>[^>]*)>/u.exec(text)?.groups?.['file'] ?? ''
const isWrite = ({ name }: Call): boolean => ['write', 'writev', 'pwrite64'].includes(name)

/** Whether this file (or folder) was synced after one line and before another. */
const isSynced = (calls: readonly Call[], file: string, after: number, before: number): boolean =>
  calls.some(
    (call) =>
      /^f(data)?sync$/u.test(call.name) &&
      descriptorOf(call) === file &&
      call.begun > after &&
      call.ended < before,
  )

const within = (folder: string, file: string): boolean => file.startsWith(`${folder}/`)

/** What was written below `folder` before a line without having been synced by then: files, and folders of new names. */
const unsynced = (calls: readonly Call[], folder: string, before: number): readonly string[] => {
  const earlier = calls.filter(({ begun }) => begun < before)
  const files = earlier
    .filter(isWrite)
    .map((call) => ({ file: descriptorOf(call), at: call.ended }))
    // Who holds the lock, and SQLite's shared memory: nothing that must last.
    .filter(({ file }) => within(folder, file) && !/(?:\/lock|-shm)$/u.test(file))
  const names = earlier
    .filter(({ name }) => ['rename', 'mkdir'].includes(name))
    .map(({ text, ended }) => ({ to: /"(?<to>[^"]*)"[^"]*$/u.exec(text)?.groups?.['to'] ?? '', at: ended }))
    .filter(({ to }) => within(folder, to))
    .map(({ to, at }) => ({ file: path.dirname(to), at }))
  return [...files, ...names]
    .filter(({ file, at }) => !isSynced(calls, file, at, before))
    .map(({ file }) => file)
}

const traceOf = async (file: string, isWhole: (trace: string) => boolean): Promise<readonly Call[]> =>
  callsOf(await until(() => readFile(file, 'utf8'), isWhole))

/** Runs one command; what it had written and not synced when it said so. */
const traced = async (folder: string, args: readonly string[], said: string) => {
  const trace = path.join(folder, 'trace')
  await using child = startChild([...strace(trace), launcher, ...args])
  expect(await child.ended).toEqual([0, null])
  const calls = await traceOf(trace, (text) => text.includes(`+++ exited with 0 +++`))
  const answer = calls.find((call) => isWrite(call) && call.text.startsWith('1<') && call.text.includes(said))
  return { calls, answer }
}

describe.skipIf(requires('strace').skip)('strace', () => {
  test('a command says that it changed something when all of it is on disk, folder and all', async () => {
    await using folder = await temporaryFolder()
    const data = ['--data', path.join(folder.path, 'city')]
    for (const [args, said] of [
      [['init', '--region', '410221'], 'inventory of 410221'],
      [['node', 'set', 'n-410221', 'remark=seen'], 'changed 1, revision 2'],
    ] as const) {
      const { calls, answer } = await traced(folder.path, [...args, ...data], said)
      expect(answer).toBeDefined()
      expect(calls.some((call) => isWrite(call) && descriptorOf(call).endsWith('/audit.jsonl'))).toBe(true)
      expect(unsynced(calls, folder.path, answer!.begun)).toEqual([])
    }
  })

  test('an agent says that it is enrolled when its key and its folder are on disk', async () => {
    await using site = await makeSite({ endpoints: [] })
    await using folder = await temporaryFolder()
    await using collector = await site.startCollector()
    const invitation = path.join(folder.path, 'invitation')
    await writeFile(invitation, await runYiwang(['agent', 'invite', 'near', ...site.data]))
    const where = ['--collector', site.url, '--id', 'near', '--data', path.join(folder.path, 'near')]
    const args = ['agent', 'enroll', ...where, '--invitation-file', invitation]
    const { calls, answer } = await traced(folder.path, args, 'is enrolled')
    expect(unsynced(calls, folder.path, answer!.begun)).toEqual([])
    expect(calls.some(({ name, text }) => name === 'rename' && text.endsWith('/near/agent/key"'))).toBe(true)
    collector.send('SIGTERM')
  })

  test('a collector acknowledges a batch when its database is synced', async () => {
    await using site = await makeSite({
      configuration: { probing: { tcp: { intervalSeconds: 1, timeoutSeconds: 1 } } },
      endpoints: ['tcp://127.0.0.1:1'],
    })
    await using folder = await temporaryFolder()
    const trace = path.join(folder.path, 'trace')
    await using collector = await site.startCollector(strace(trace))
    await site.enrol('near')
    await using agent = site.startAgent('near')
    await until(
      () => historyBooks(site.historyFile, 'near').stored.length,
      (stored) => stored > 2,
    )
    for (const child of [agent, collector]) {
      child.send('SIGTERM')
      expect(await child.ended).toEqual([0, null])
    }
    const calls = await traceOf(trace, (text) => text.includes('+++ exited with 0 +++'))
    const answers = calls.filter((call) => isWrite(call) && call.text.includes('\\"acknowledged\\"'))
    expect(answers.length).toBeGreaterThan(2)
    const data = path.dirname(path.dirname(site.historyFile))
    expect(calls.some(({ name, text }) => name === 'mkdir' && text.includes(`${data}/collector"`))).toBe(true)
    let from = 0
    for (const { begun } of answers) {
      const own = calls.filter((call) => call.begun > from && call.begun < begun)
      expect(own.some((call) => isWrite(call) && descriptorOf(call) === `${site.historyFile}-wal`)).toBe(true)
      expect(unsynced(own, data, begun)).toEqual([])
      from = begun
    }
  })
})

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { launcher, temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { historyBooks } from './books.ts'
import { startChild, until } from './child.ts'
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

/** Joins what strace splits where threads interleave. */
const callsOf = (trace: string): readonly Call[] => {
  const lines = trace.split('\n')
  return lines.flatMap((line, begun) => {
    const { pid, name, text } = begin.exec(line)?.groups ?? {}
    if (pid === undefined || name === undefined || text === undefined) return []
    if (!line.endsWith('<unfinished ...>')) return [{ name, text, begun, ended: begun }]
    const rest = lines.slice(begun).findIndex((later) => {
      const end = resumed.exec(later)?.groups
      return end?.['pid'] === pid && end['name'] === name
    })
    return [{ name, text, begun, ended: rest === -1 ? Infinity : begun + rest }]
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
    let from = 0
    for (const { begun } of answers) {
      const own = calls.filter((call) => call.begun > from && call.begun < begun)
      expect(own.some((call) => isWrite(call) && descriptorOf(call) === `${site.historyFile}-wal`)).toBe(true)
      expect(unsynced(own, path.dirname(site.historyFile), begun)).toEqual([])
      from = begun
    }
  })
})

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSpool } from '../../src/agent/file-spool.ts'
import { memorySpool } from '../../src/agent/memory-spool.ts'
import type { Spool } from '../../src/agent/spool.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { requires } from '../support/services.ts'
import { anyObservation, memoryLog, numbered, observation } from './observations.ts'

let folder = ''
let made = 0
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yiwang-spool-'))
})
afterAll(() => rm(folder, { recursive: true }))

const newFile = (): string => path.join(folder, `spool-${(made += 1)}.sqlite`)

const openFile = (file: string, maxBytes = 1e9, onDropped: (count: number) => void = () => undefined) =>
  openSpool({ file, maxBytes, onDropped, log: memoryLog().log })

const everything = { observations: 5000, bytes: 1e9 }

const adapters: readonly (readonly [
  string,
  (maxBytes?: number, onDropped?: (count: number) => void) => Spool,
])[] = [
  ['in a file', (maxBytes, onDropped) => openFile(newFile(), maxBytes, onDropped)],
  ['in memory', (maxBytes = 1e9, onDropped = () => undefined) => memorySpool({ maxBytes, onDropped })],
]

const sequencesOf = async (spool: Spool): Promise<readonly number[]> => {
  const { firstSequence, observations } = await spool.peek(everything)
  return observations.map((_, index) => firstSequence + index)
}

describe.each(adapters)('a spool %s', (_, open) => {
  test('gives back what it was given, oldest first, from sequence 1', async () => {
    await using spool = open()
    await spool.append(numbered(1, 3))
    await spool.append(numbered(4, 2))
    const batch = await spool.peek(everything)
    expect(batch).toMatchObject({ firstSequence: 1, observations: numbered(1, 5) })
    expect(batch.stream).toMatch(/^[0-9a-f-]{36}$/u)
    expect(spool.depth()).toBe(5)
  })

  test('an empty one names the next sequence', async () => {
    await using spool = open()
    expect(await spool.peek(everything)).toMatchObject({ firstSequence: 1, observations: [] })
    await spool.append(numbered(1, 3))
    await spool.acknowledge(3)
    expect(await spool.peek(everything)).toMatchObject({ firstSequence: 4, observations: [] })
  })

  test('forgets what was acknowledged and nothing else', async () => {
    await using spool = open()
    await spool.append(numbered(1, 5))
    await spool.acknowledge(2)
    await spool.acknowledge(1)
    await spool.acknowledge(0)
    expect(await sequencesOf(spool)).toEqual([3, 4, 5])
    await spool.acknowledge(99)
    expect(spool.depth()).toBe(0)
    await spool.append(numbered(6, 1))
    expect(await sequencesOf(spool)).toEqual([6])
  })

  test('peeks no more than asked for, by number and by size, and always one', async () => {
    await using spool = open()
    await spool.append(numbered(1, 10))
    const size = JSON.stringify(observation()).length + 32
    const count = async (observations: number, bytes: number) =>
      (await spool.peek({ observations, bytes })).observations.length
    expect(await count(4, 1e9)).toBe(4)
    expect(await count(10, size * 3)).toBe(3)
    expect(await count(10, 1)).toBe(1)
  })

  test('a full one drops the oldest and says how many', async () => {
    const dropped: number[] = []
    const size = JSON.stringify(observation({ observedAt: 100 })).length + 32
    await using spool = open(size * 10, (count) => dropped.push(count))
    await spool.append(numbered(101, 8))
    expect(dropped).toEqual([])
    await spool.append(numbered(109, 5))
    expect(dropped).toEqual([3])
    expect(await spool.peek(everything)).toMatchObject({ firstSequence: 4, observations: numbered(104, 10) })
  })

  test('a new stream has a new name and keeps what waits', async () => {
    await using spool = open()
    await spool.append(numbered(1, 2))
    const { stream } = await spool.peek(everything)
    await spool.beginStream()
    const batch = await spool.peek(everything)
    expect(batch.stream).not.toBe(stream)
    expect(batch).toMatchObject({ firstSequence: 1, observations: numbered(1, 2) })
  })
})

type Command =
  | { readonly do: 'append'; readonly observations: readonly ReturnType<typeof observation>[] }
  | { readonly do: 'acknowledge'; readonly share: number }
  | { readonly do: 'reopen' }

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('append' as const), observations: fc.array(anyObservation, { maxLength: 5 }) }),
  fc.record({ do: fc.constant('acknowledge' as const), share: fc.double({ min: 0, max: 1.2, noNaN: true }) }),
  fc.constant({ do: 'reopen' as const }),
)

/** Plays commands against a spool and against a list, and compares after each. */
const play = async (
  commands: readonly Command[],
  open: () => Spool,
  reopen: (spool: Spool) => Promise<Spool>,
) => {
  let spool = open()
  let waiting: readonly ReturnType<typeof observation>[] = []
  let first = 1
  const { stream } = await spool.peek(everything)
  for (const command of commands) {
    if (command.do === 'append') {
      await spool.append(command.observations)
      waiting = [...waiting, ...command.observations]
    } else if (command.do === 'acknowledge') {
      const count = Math.floor(command.share * waiting.length)
      await spool.acknowledge(first + count - 1)
      first += Math.min(count, waiting.length)
      waiting = waiting.slice(count)
    } else spool = await reopen(spool)
    expect(await spool.peek(everything)).toEqual({ stream, firstSequence: first, observations: waiting })
    expect(spool.depth()).toBe(waiting.length)
  }
  await spool[Symbol.asyncDispose]()
}

test('any sequence of append, acknowledge and reopen: a file behaves as a list', () =>
  fc.assert(
    fc.asyncProperty(fc.array(anyCommand, { maxLength: 20 }), async (commands) => {
      const file = newFile()
      await play(
        commands,
        () => openFile(file),
        async (spool) => {
          await spool[Symbol.asyncDispose]()
          return openFile(file)
        },
      )
    }),
    { numRuns: 25 },
  ))

test('any sequence of append and acknowledge: memory behaves as a list', () =>
  fc.assert(
    fc.asyncProperty(fc.array(anyCommand, { maxLength: 20 }), (commands) =>
      play(
        commands,
        () => memorySpool({ maxBytes: 1e9, onDropped: () => undefined }),
        (spool) => Promise.resolve(spool),
      ),
    ),
  ))

describe('a spool’s file', () => {
  const faultOf = (work: () => unknown): EnvironmentFault => {
    try {
      work()
    } catch (error) {
      if (error instanceof EnvironmentFault) return error
      throw error
    }
    throw new Error('expected a fault')
  }

  test('belongs to one process', async () => {
    const file = newFile()
    await using spool = openFile(file)
    expect(faultOf(() => openFile(file)).code).toBe('STORE_LOCKED')
    await spool.append(numbered(1, 1))
  })

  test('of a newer version is refused and left alone', async () => {
    const file = newFile()
    await openFile(file)[Symbol.asyncDispose]()
    using db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(faultOf(() => openFile(file)).code).toBe('STORE_NEWER')
    expect(await readdir(folder)).not.toContain(`${path.basename(file)}.broken`)
  })

  test('in a folder that is not there is a fault of the surroundings', () => {
    expect(faultOf(() => openFile(path.join(folder, 'nowhere', 'spool.sqlite'))).code).toBe('FILE_UNREADABLE')
  })

  test('that is garbage is moved aside, and a new stream begins', async () => {
    const file = newFile()
    await writeFile(file, 'no database at all. '.repeat(1000))
    const { log, lines } = memoryLog()
    await using spool = openSpool({ file, maxBytes: 1e9, onDropped: () => undefined, log })
    await spool.append(numbered(1, 1))
    expect(await sequencesOf(spool)).toEqual([1])
    expect((await stat(`${file}.broken`)).size).toBe(20_000)
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringMatching(/^error .*moved aside/u),
    ])
  })

  test('that breaks while it is open is moved aside, and the observations at hand go into the new one', async () => {
    const file = newFile()
    const first = openFile(file)
    await first.append(numbered(1, 5000))
    const { stream } = await first.peek(everything)
    await first[Symbol.asyncDispose]()
    using db = new DatabaseSync(file)
    db.exec(`UPDATE observation SET payload = '{"job":' WHERE sequence = 2`)
    db.close()
    await using spool = openFile(file)
    expect(await spool.peek(everything)).toMatchObject({ firstSequence: 1, observations: [] })
    await spool.append(numbered(1, 3))
    expect(await sequencesOf(spool)).toEqual([1, 2, 3])
    expect((await spool.peek(everything)).stream).not.toBe(stream)
    expect(await readdir(folder)).toContain(`${path.basename(file)}.broken`)
  })

  test('does not grow with what passes through it', async () => {
    const file = newFile()
    await using spool = openFile(file)
    const pass = async (rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        await spool.append(numbered(1, 500))
        await spool.acknowledge((await spool.peek(everything)).firstSequence + 499)
      }
      const sizes = await Promise.all([file, `${file}-wal`].map(async (each) => (await stat(each)).size))
      return sizes.reduce((sum, size) => sum + size, 0)
    }
    const before = await pass(25)
    expect(await pass(100)).toBeLessThanOrEqual(before * 1.2)
  })
})

describe('kill -9', () => {
  /** Lets a child append until it has said `lines` lines, kills it, and tells the last count that it said. */
  const killAfter = async (file: string, lines: number): Promise<number> => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'spool-child.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > lines) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const counts = said.split('\n').slice(0, -1)
    return Number(counts.at(-1))
  }

  test('what was appended is still there, and the sequence goes on', async () => {
    const file = newFile()
    const { stream } = await (async () => {
      await using spool = openFile(file)
      return await spool.peek(everything)
    })()
    for (const lines of [2, 9, 40]) {
      const promised = await killAfter(file, lines)
      await using spool = openFile(file)
      expect(spool.depth()).toBeGreaterThanOrEqual(promised)
      const batch = await spool.peek({ observations: 1e6, bytes: 1e9 })
      expect(batch).toMatchObject({ stream, firstSequence: 1 })
      expect(batch.observations.map(({ observedAt }) => observedAt)).toEqual(
        Array.from({ length: spool.depth() }, (_, index) => index + 1),
      )
    }
  })
})

const runFile = promisify(execFile)

describe.skipIf(requires('unshare', 'mount').skip)('a full disk', () => {
  test('is a fault, nothing is half kept, and the spool goes on when there is room', async () => {
    const disk = await mkdtemp(path.join(folder, 'disk-'))
    // A mount namespace of its own: the small disk is gone with the process.
    const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"'
    const child = path.join(import.meta.dirname, 'spool-full-child.ts')
    const { stdout } = await runFile('unshare', [
      '-m',
      'sh',
      '-c',
      script,
      'sh',
      disk,
      process.execPath,
      child,
    ])
    const seen = JSON.parse(stdout) as { code: string; kept: number; after: number; isWhole: boolean }
    expect(seen).toMatchObject({ code: 'DISK_FULL', after: seen.kept + 100, isWhole: true })
  })
})

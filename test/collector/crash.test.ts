import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { describe, expect, test } from 'vitest'
import { readHistory } from '../../src/collector/history.ts'
import { agentKey, batchOf, job, observation, temporaryFolder } from './support.ts'
import { requires } from '../support/services.ts'

interface Child extends AsyncDisposable {
  readonly process: ChildProcess
  /** The first line that it printed: its URL, or `fault <code>`. */
  readonly line: string
  readonly ended: Promise<unknown>
}

const script = path.join(import.meta.dirname, 'child.ts')

const start = async (file: string, wrap: readonly string[] = []): Promise<Child> => {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, file]
  const [command, ...args] = [...wrap, ...node]
  const child = spawn(command ?? process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = readline.createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  return {
    process: child,
    line,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}

const deliver = async (url: string, batch: ReturnType<typeof batchOf>): Promise<Response> =>
  fetch(new URL('/v1/batches', url), {
    method: 'POST',
    headers: { authorization: `Bearer a.${agentKey}`, 'yiwang-protocol': '1' },
    body: JSON.stringify(batch),
  })

/** As an agent does: looks that wait until they are acknowledged, the oldest first. */
const spool = () => {
  const stream = randomUUID()
  const begun = Date.now() - 1_000_000
  let acknowledged = 0
  const nextBatch = () =>
    batchOf(
      Array.from({ length: 20 }, (_, at) => {
        const sequence = acknowledged + 1 + at
        return observation(job(`n${String(sequence % 10)}`), { observedAt: begun + sequence })
      }),
      { stream, firstSequence: acknowledged + 1 },
    )
  return {
    get acknowledged() {
      return acknowledged
    },
    begun,
    sendOnce: async (url: string): Promise<void> => {
      const answer = await deliver(url, nextBatch())
      const body = (await answer.json()) as { readonly acknowledged: number }
      acknowledged = Math.max(acknowledged, body.acknowledged)
    },
  }
}

const sendUntilDead = async (url: string, agent: ReturnType<typeof spool>): Promise<void> => {
  for (;;)
    try {
      await agent.sendOnce(url)
    } catch {
      return
    }
}

test('kill -9 at any moment: what was acknowledged is there, once', async () => {
  using folder = temporaryFolder()
  const file = path.join(folder.path, 'history.sqlite')
  const agent = spool()
  for (let round = 0; round < 12; round += 1) {
    await using child = await start(file)
    const sending = sendUntilDead(child.line, agent)
    const enough = agent.acknowledged + randomInt(1, 200)
    await expect.poll(() => agent.acknowledged, { interval: 1 }).toBeGreaterThanOrEqual(enough)
    child.process.kill('SIGKILL')
    await Promise.all([sending, child.ended])
  }
  await using last = await start(file)
  await agent.sendOnce(last.line)
  await using history = readHistory(file)
  const seen: number[] = []
  for (let at = 0; at < 10; at += 1) {
    const key = { target: `n${String(at)}`, kind: 'icmp', vantage: 'public' } as const
    for await (const { observedAt } of history.range(key, { from: 0, to: Date.now() }))
      seen.push(observedAt - agent.begun)
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: agent.acknowledged }, (_, at) => at + 1),
  )
  const rollups = await Array.fromAsync(history.rollups({ from: 0, to: Date.now() }))
  expect(rollups.reduce((sum, { up }) => sum + up, 0)).toBe(agent.acknowledged)
})

test('SIGTERM ends it, with nothing left to recover', async () => {
  using folder = temporaryFolder()
  const file = path.join(folder.path, 'history.sqlite')
  const child = await start(file)
  await spool().sendOnce(child.line)
  child.process.kill('SIGTERM')
  expect(await child.ended).toEqual([0, null])
})

const isRoot = process.getuid?.() === 0

describe.skipIf(requires('unshare', 'mount').skip || !isRoot)('a full disk', () => {
  /** Runs in a mount namespace of its own, where `folder` is a file system of one megabyte. */
  const onSmallDisk = (folder: string): readonly string[] => [
    'unshare',
    '--mount',
    'sh',
    '-c',
    `mount -t tmpfs -o size=1m none '${folder}' && exec "$@"`,
    'sh',
  ]
  test('is a 507: nothing is acknowledged that is not there, and what is there stays', async () => {
    using folder = temporaryFolder()
    await using child = await start(path.join(folder.path, 'history.sqlite'), onSmallDisk(folder.path))
    const agent = spool()
    const fill = async (): Promise<number> => {
      const facts = { padding: 'x'.repeat(20_000) }
      for (let at = 0; ; at += 1) {
        const observations = Array.from({ length: 10 }, (_, n) =>
          observation(job(`n${String(n)}`), { observedAt: at, facts }),
        )
        const answer = await deliver(child.line, batchOf(observations))
        await answer.text()
        if (!answer.ok) return answer.status
      }
    }
    await agent.sendOnce(child.line)
    expect(await fill()).toBe(507)
    expect(await fill()).toBe(507)
    const health = await fetch(new URL('/healthz', child.line))
    expect(health.status).toBe(200)
    const metrics = await (await fetch(new URL('/metrics', child.line))).text()
    expect(metrics).toContain('yiwang_collector_refused_requests_total{status="507"} 2')
  })
  test('at the start is DISK_FULL', async () => {
    using folder = temporaryFolder()
    const small = path.join(folder.path, 'small')
    mkdirSync(small)
    const wrap = [
      ...onSmallDisk(small).slice(0, 4),
      `mount -t tmpfs -o size=1m none '${small}' && head -c 1048576 /dev/zero > '${small}/zeros'; exec "$@"`,
      'sh',
    ]
    await using child = await start(path.join(small, 'history.sqlite'), wrap)
    expect(child.line).toBe('fault DISK_FULL')
  })
})

describe.skipIf(requires('strace').skip)('strace', () => {
  test('shows the disk synced between a batch and its answer', async () => {
    using folder = temporaryFolder()
    const trace = path.join(folder.path, 'trace')
    writeFileSync(trace, '')
    // -D: the tracer is a process apart, so that the signal reaches the collector.
    const calls = 'trace=read,fsync,fdatasync,write,writev'
    const wrap = ['strace', '-D', '-f', '-s', '400', '-e', calls, '-o', trace]
    const child = await start(path.join(folder.path, 'history.sqlite'), wrap)
    await spool().sendOnce(child.line)
    child.process.kill('SIGTERM')
    await child.ended
    const steps = (): readonly string[] =>
      readFileSync(trace, 'utf8')
        .split('\n')
        .flatMap((line) => /POST \/v1\/batches|f(?:data)?sync\(|acknowledged\\/u.exec(line) ?? [])
    await expect.poll(() => steps().join(' ')).toContain('acknowledged')
    const [asked = 0, answered = 0] = ['POST', 'acknowledged'].map((word) =>
      steps().findIndex((step) => step.startsWith(word)),
    )
    expect(steps().slice(asked + 1, answered)).toContainEqual(expect.stringMatching(/^f(data)?sync/u))
  })
})

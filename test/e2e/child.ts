import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import readline from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { type Finished, launcher } from '../support/cli.ts'

export type End = readonly [code: number | null, signal: NodeJS.Signals | null]

/** A process of ours that goes on until it is told to end; killed, if need be, when disposed of. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** Lines of standard output and of standard error so far. */
  readonly output: readonly string[]
  readonly log: readonly string[]
  /** The first line of either that matches. Rejects when it ends without, or after 30 s. */
  readonly said: (pattern: RegExp) => Promise<string>
  readonly send: (signal: NodeJS.Signals) => void
  /** Writes a line to its standard input, where that was left open. */
  readonly tell: (line: string) => void
  /** Resolves when it has ended and all that it said was heard. */
  readonly ended: Promise<End>
}

const patienceMs = 30_000

const linesOf = (stream: NodeJS.ReadableStream | null, into: string[]): Promise<unknown> => {
  if (stream === null) return Promise.resolve()
  const lines = readline.createInterface({ input: stream })
  lines.on('line', (line) => into.push(line))
  return once(lines, 'close')
}

const listenTo = (child: ChildProcess): Child => {
  const output: string[] = []
  const log: string[] = []
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  const ended = Promise.all([
    once(child, 'exit'),
    linesOf(child.stdout, output),
    linesOf(child.stderr, log),
  ]).then(([end]) => end as unknown as End)
  const send = (signal: NodeJS.Signals): void => {
    if (!isOver()) child.kill(signal)
  }
  const said = async (pattern: RegExp): Promise<string> => {
    const find = (): string | undefined => [...output, ...log].find((line) => pattern.test(line))
    const deadline = performance.now() + patienceMs
    while (find() === undefined && !isOver() && performance.now() < deadline) await sleep(5)
    if (isOver()) await ended
    const line = find()
    if (line === undefined)
      throw new Error(`expected ${String(pattern)}, got:\n${[...output, ...log].join('\n')}`)
    return line
  }
  return {
    pid: child.pid ?? 0,
    output,
    log,
    said,
    send,
    tell: (line) => void child.stdin?.write(`${line}\n`),
    ended,
    [Symbol.asyncDispose]: async () => {
      send('SIGKILL')
      await ended
    },
  }
}

/** Starts a process somewhere; default: beside the test. */
export type Spawn = (command: readonly [string, ...string[]], options: SpawnOptions) => ChildProcess

const here: Spawn = ([command, ...args], options) => spawn(command, args, options)

export interface ChildOptions {
  readonly spawn?: Spawn
  readonly input?: string
  /** Leaves its standard input open. */
  readonly isListening?: boolean
}

/** Starts a program; what it says is heard line by line. */
export const startChild = (
  command: readonly [string, ...string[]],
  { spawn: start = here, input = '', isListening = false }: ChildOptions = {},
): Child => {
  const child = start(command, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin?.on('error', () => undefined)
  if (!isListening) child.stdin?.end(input)
  return listenTo(child)
}

/** Starts the built CLI. */
export const startYiwang = (args: readonly string[], options?: ChildOptions): Child =>
  startChild([launcher, ...args], options)

/** Runs the built CLI to its end, whatever that is. */
export const finishYiwang = async (args: readonly string[], options?: ChildOptions): Promise<Finished> => {
  await using child = startYiwang(args, options)
  const [code] = await child.ended
  return { code, stdout: child.output.join('\n'), stderr: child.log.join('\n') }
}

/** Runs the built CLI; its standard output. Rejects with its words unless it ends with 0. */
export const runYiwang = async (args: readonly string[], options?: ChildOptions): Promise<string> => {
  const { code, stdout, stderr } = await finishYiwang(args, options)
  if (code === 0) return stdout
  throw new Error(`yiwang ${args.join(' ')} ended with ${String(code)}: ${stderr}${stdout}`)
}

/** Asks again until it is so. Rejects, with what was last seen, after the deadline. */
export const until = async <Value>(
  look: () => Promise<Value> | Value,
  isSo: (value: Value) => boolean,
  seconds = 30,
): Promise<Value> => {
  const deadline = performance.now() + seconds * 1000
  let value = await look()
  while (!isSo(value)) {
    if (performance.now() > deadline)
      throw new Error(`waited ${seconds} s, last seen: ${inspect(value, { depth: 6 })}`)
    await sleep(100)
    value = await look()
  }
  return value
}

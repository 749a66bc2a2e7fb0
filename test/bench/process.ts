import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import type { Readable } from 'node:stream'
import readline from 'node:readline'

/** `USER_HZ`: the unit of times in /proc, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** CPU seconds (user and system) that a process has used. Times of its ended children are not in it. */
export const cpuSeconds = (pid: number): number => {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
  // The command's name, in brackets, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number)
  return (user + system) / ticksPerSecond
}

/** Milliseconds that a process's main thread was on a CPU: what it took, whatever else the machine did. */
export const mainThreadMilliseconds = (pid: number): number =>
  Number(readFileSync(`/proc/${String(pid)}/task/${String(pid)}/schedstat`, 'utf8').split(' ')[0]) / 1e6

const kilobytesOf = (pid: number, name: string): number =>
  Number(
    new RegExp(`^${name}:\\s+(\\d+) kB`, 'mu').exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1],
  )

/** Resident memory now, in megabytes (10^6 bytes), and the most that there ever was. */
export const residentMegabytes = (pid: number): { readonly now: number; readonly peak: number } => ({
  now: (kilobytesOf(pid, 'VmRSS') * 1024) / 1e6,
  peak: (kilobytesOf(pid, 'VmHWM') * 1024) / 1e6,
})

/** Load averages over 1 and 5 minutes: what else the machine did. */
export const load = (): string =>
  os
    .loadavg()
    .slice(0, 2)
    .map((value) => value.toFixed(1))
    .join(' ')

/** A child process that is ended when disposed. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** Lines of its standard error so far. */
  readonly complaints: readonly string[]
}

export interface Speaker extends Child {
  /** First line of its standard output. */
  readonly firstLine: string
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

const childOf = (child: ChildProcess & { readonly stderr: Readable }): Child => {
  const complaints: string[] = []
  readline.createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line))
  return { pid: child.pid ?? 0, complaints, [Symbol.asyncDispose]: () => end(child) }
}

/** Starts a program whose standard output is of no interest. */
export const run = (command: string, args: readonly string[]): Child =>
  childOf(spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] }))

/** Starts a program and waits until it says its first line. */
export const start = async (
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Speaker> => {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const base = childOf(child)
  const spoken = once(readline.createInterface({ input: child.stdout }), 'line')
  const [said] = (await Promise.race([spoken, once(child, 'close')])) as [string | number | null]
  if (typeof said !== 'string') throw new Error(`${command} ended: ${base.complaints.join(' ')}`)
  return { ...base, firstLine: said }
}

/** Nearest-rank percentile. */
export const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? NaN

export const median = (values: readonly number[]): number => percentile(values, 50)

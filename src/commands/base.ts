import os from 'node:os'
import path from 'node:path'
import { Command, Flags, type Interfaces } from '@oclif/core'
import { listed, type Spelled } from '../../inventory/columns/index.ts'
import { levelWords } from '../../inventory/columns/label.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { InventoryStore } from '../../inventory/store.ts'
import { jsonLog, type Log } from '../core/log.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { EnvironmentFault, exitCodes, UsageFault } from '../core/fault.ts'
import { levels } from '../core/target.ts'
import { printable } from '../terminal/printable.ts'
import { nextStepOf } from './next-step.ts'
import { type CommandLine, parseFault } from './parse-fault.ts'
import { systemFault } from './system-fault.ts'
import { judgingWords, takingWords } from './word-flag.ts'

type Fault = UsageFault | EnvironmentFault

/** What the operator or the surroundings did, not a bug of ours. */
export const isFault = (error: unknown): error is Fault =>
  error instanceof UsageFault || error instanceof EnvironmentFault

const exitCodeOf = (error: Fault): number =>
  error instanceof UsageFault ? exitCodes.usage : exitCodes.couldNotLook

const messageOf = (error: Fault): string =>
  error instanceof UsageFault ? error.message : `${error.message}\n  → ${nextStepOf(error)}`

/** It may hold text of a file or of a peer, which must not speak to the terminal. */
const plain = (text: string): string => text.split('\n').map(printable).join('\n')

const detailsOf = (error: Error): Record<string, unknown> => ({
  name: error.name,
  message: error.message,
  ...(error instanceof UsageFault && { problems: error.problems }),
  ...(error instanceof EnvironmentFault && { code: error.code, suggestion: nextStepOf(error) }),
  ...(!isFault(error) && { stack: error.stack }),
})

/** The user or the system wants us gone. */
class Stopped extends Error {
  readonly by: NodeJS.Signals

  constructor(by: NodeJS.Signals) {
    super(`stopped by ${by}`)
    this.by = by
  }
}

type Output = Record<string, unknown>

interface GlobalFlags {
  readonly data?: string | undefined
  readonly config?: string | undefined
}

/** What every command shares: where data and configuration are, how faults end, how JSON is printed. */
export abstract class YiwangCommand extends Command {
  static override readonly enableJsonFlag = true
  static override readonly baseFlags = {
    data: Flags.string({
      summary: 'data folder (default: $YIWANG_DATA or ./yiwang-data)',
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
    }),
    config: Flags.string({
      summary: 'configuration file (default: $YIWANG_CONFIG or yiwang.yaml in the data folder)',
      helpGroup: 'GLOBAL',
      helpValue: 'FILE',
    }),
  }

  protected override catch(error: Error): Promise<void> {
    if (error instanceof Stopped) {
      // Cleaned up by now: ends as it would have ended had we not listened, so that a shell sees why.
      process.kill(process.pid, error.by)
      return Promise.resolve()
    }
    const fault = isFault(error) ? error : (parseFault(error, this.commandLine()) ?? systemFault(error))
    process.exitCode = fault === undefined ? exitCodes.bug : exitCodeOf(fault)
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(fault ?? error))
    else if (fault !== undefined) process.stderr.write(`yiwang: ${plain(messageOf(fault))}\n`)
    else process.stderr.write(`yiwang: a bug of ours, please report it:\n${error.stack ?? error.message}\n`)
    // What was left open must not keep a service alive that does nothing any more.
    if (fault === undefined) process.exit()
    return Promise.resolve()
  }

  protected override parse<F extends Output, B extends Output, A extends Output>(
    options: Interfaces.Input<F, B, A>,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    // Of a class: what it inherits is not its own, and would be lost in a copy.
    const { flags, baseFlags, args, enableJsonFlag, strict } = options
    const judging = flags && judgingWords(flags)
    return super.parse({ flags: judging, baseFlags, args, enableJsonFlag, strict } as typeof options)
  }

  private commandLine(): CommandLine {
    const { flags, baseFlags, id } = this.ctor
    return {
      command: id.replaceAll(':', ' '),
      flags: { ...flags, ...baseFlags, json: {}, help: {} },
    }
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`)
  }

  protected override toErrorJson(error: unknown): unknown {
    return { error: error instanceof Error ? detailsOf(error) : error }
  }

  protected configuration(flags: GlobalFlags): Config {
    return loadConfig({
      env: process.env,
      ...(flags.data !== undefined && { dataFolder: flags.data }),
      ...(flags.config !== undefined && { configFile: flags.config }),
    })
  }

  protected openInventory(
    config: Config,
    options: { readonly create?: boolean } = {},
  ): Promise<InventoryStore> {
    return openInventory(path.join(config.dataFolder, 'inventory'), { clock: Date.now, ...options })
  }

  protected line(text: string): void {
    this.log('%s', text)
  }

  protected note(text: string): void {
    this.logToStderr('%s', printable(text))
  }
}

const login = (): string => {
  try {
    return os.userInfo().username
  } catch {
    // A user without a name, as in a container.
    return `uid ${String(process.getuid?.())}`
  }
}

export const csvFlag = { csv: Flags.boolean({ summary: 'print CSV', exclusive: ['json'] }) }

/** Flags of every command that writes to the inventory: who and why, for the audit log. */
export const writeFlags = {
  actor: Flags.string({
    summary: 'who makes the change, for the audit log',
    helpValue: 'NAME',
    default: () => Promise.resolve(process.env['SUDO_USER'] ?? login()),
    noCacheDefault: true,
  }),
  reason: Flags.string({
    summary: 'why, for the audit log',
    helpValue: 'TEXT',
    default: 'by command line',
  }),
}

/** `kind` is one of these, or a word for it: which holds where depends on the collection, so `select` judges it. */
export const kindFlag = (words: Spelled) =>
  Flags.string({
    summary: Object.keys(words).length === 0 ? 'only this kind or role' : `only this kind: ${listed(words)}`,
    helpValue: 'KIND',
  })

/** Selectors of the commands that work on a part of the inventory. */
export const selectorFlags = {
  region: Flags.string({
    summary: 'only what lies in this province, city, county or township',
    helpValue: 'CODE',
  }),
  level: takingWords(levelWords, Flags.option({ summary: 'only this level', options: levels })()),
  unit: Flags.string({ summary: 'only what this unit answers for', helpValue: 'ID' }),
}

/** Aborts on SIGINT and SIGTERM; the second signal ends the process at once. */
export const untilStopped = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      controller.abort(new Stopped(signal))
    })
  return controller.signal
}

/** JSON lines on standard error, for services. */
export const serviceLog: Log = jsonLog((line) => process.stderr.write(line), Date.now)

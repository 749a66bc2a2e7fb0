import { bounded } from '../net/text.ts'
import { readClock } from './clock.ts'
import type { HostFacts, UnreadPart } from './facts.ts'
import { readIdentity } from './identity.ts'
import { readInterfaces } from './interfaces.ts'
import { readCpu, readFilesystems, readMemory, readUsers } from './library.ts'
import { readListening } from './listening.ts'
import { readFailedServices } from './services.ts'

type Part = Partial<Omit<HostFacts, 'unread'>>
type Read = (signal: AbortSignal) => Promise<Part>

const named =
  <Name extends keyof Part>(
    name: Name,
    read: (signal: AbortSignal) => Promise<Part[Name] | undefined>,
  ): Read =>
  async (signal) => {
    const value = await read(signal)
    return value === undefined ? {} : { [name]: value }
  }

const parts: Readonly<Record<string, Read>> = {
  identity: readIdentity,
  cpu: readCpu,
  memory: named('memory', readMemory),
  filesystems: named('filesystems', readFilesystems),
  interfaces: named('interfaces', readInterfaces),
  listening: readListening,
  users: named('users', readUsers),
  clock: named('clock', readClock),
  services: named('failedServices', readFailedServices),
}

const pending = new Map<string, Promise<Part>>()

/** One look at a time: what hangs (a share whose server is gone) is not asked for again until it has come back. */
const readOnce = (name: string, read: Read, signal: AbortSignal): Promise<Part> => {
  const known = pending.get(name)
  if (known !== undefined) return known
  const asked = read(signal).finally(() => pending.delete(name))
  pending.set(name, asked)
  return asked
}

const isSystemError = (error: unknown): error is Error => error instanceof Error && 'code' in error

const reasonOf = (error: unknown, signal: AbortSignal): string => {
  if (signal.aborted) return 'no answer in time'
  // Neither the system nor a program that it runs: our bug.
  if (!isSystemError(error)) throw error
  return bounded(error.message, 200)
}

interface ReadPart {
  readonly part: string
  readonly facts: Part
}

const readPart = async (
  name: string,
  signal: AbortSignal,
  aborted: Promise<never>,
): Promise<ReadPart | UnreadPart> => {
  const read = parts[name] ?? (() => Promise.resolve({}))
  try {
    return { part: name, facts: await Promise.race([readOnce(name, read, signal), aborted]) }
  } catch (error) {
    return { part: name, reason: reasonOf(error, signal) }
  }
}

/** Rejects when the signal aborts, and is nobody's business otherwise. */
const rejection = (signal: AbortSignal): Promise<never> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  promise.catch(() => undefined)
  return promise
}

/** Reads each part of the machine for itself: one that hangs or fails does not hide the others. */
export const gather = async (signal: AbortSignal): Promise<HostFacts> => {
  signal.throwIfAborted()
  const aborted = rejection(signal)
  const results = await Promise.all(Object.keys(parts).map((name) => readPart(name, signal, aborted)))
  const unread = results.filter((result) => 'reason' in result)
  const facts = results.map((result): Part => ('facts' in result ? result.facts : {}))
  return facts.reduce<HostFacts>((all, part) => ({ ...all, ...part }), { unread })
}

/** How many parts there are. */
export const partCount = Object.keys(parts).length

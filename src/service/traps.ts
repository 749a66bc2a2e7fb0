import path from 'node:path'
import { type TrapReceiver, openTrapReceiver } from '../../probes/snmp/trap/index.ts'
import { makeFolder } from '../agent/durable-file.ts'
import type { Counters } from '../agent/counters.ts'
import { agentFiles } from '../agent/identity.ts'
import { bootEngine } from '../agent/own-engine.ts'
import type { AgentOptions } from '../agent/run.ts'
import type { Source } from '../agent/source.ts'
import { trapSource } from '../agent/traps.ts'
import type { Config } from '../config/index.ts'
import type { Log } from '../core/log.ts'
import { listenFault } from './listen-fault.ts'

export interface TrapService extends AsyncDisposable {
  /** None where no traps are taken. */
  readonly sources: readonly Source[]
}

type Listen = NonNullable<Config['agent']['traps']['listen']>

/** One datagram that we fail at must not end the rest: counted, and told of once. */
const bugTeller = (counters: Counters, log: Log): ((error: unknown) => void) => {
  let isTold = false
  return (error) => {
    counters.internalErrors += 1
    if (!isTold)
      log('error', 'a trap was not taken by an error of ours', {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    isTold = true
  }
}

interface Surroundings extends Pick<AgentOptions, 'credential' | 'clock' | 'log'> {
  /** The agent’s own. */
  readonly folder: string
  readonly counters: Counters
}

const openReceiver = async (listen: Listen, surroundings: Surroundings): Promise<TrapReceiver> => {
  const { folder, credential, clock, log, counters } = surroundings
  await makeFolder(folder, 0o700)
  const engine = await bootEngine(path.join(folder, agentFiles.engine), log)
  const onBug = bugTeller(counters, log)
  try {
    const { host, port } = listen
    return await openTrapReceiver({ host, port, engine, credential, now: clock, onBug })
  } catch (error) {
    throw listenFault({ setting: 'agent.traps.listen', ...listen, transport: 'UDP' }, error)
  }
}

/** Listens where the configuration says so. Rejects with `EnvironmentFault`. */
export const trapService = async (
  listen: Listen | undefined,
  surroundings: Surroundings,
): Promise<TrapService> => {
  if (listen === undefined) return { sources: [], [Symbol.asyncDispose]: () => Promise.resolve() }
  const receiver = await openReceiver(listen, surroundings)
  surroundings.log('info', 'traps are taken', { host: listen.host, port: receiver.port })
  return {
    sources: [trapSource(receiver, surroundings.clock)],
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  }
}

import { spawnSync } from 'node:child_process'
import { type Outcome, unknown } from '../../src/core/outcome.ts'
import type { Address } from './address.ts'
import { readPingOutput } from './ping-output.ts'
import type { Refused } from './socket.ts'
import type { IcmpSpec } from './spec.ts'
import { type IcmpFacts, judge } from './verdict.ts'

/** iputils lets no one but root ask for less. */
const leastIntervalSeconds = 0.2

const remedy =
  'no ICMP socket and no usable ping: run `setcap cap_net_raw+ep` on the node binary, or allow datagram sockets by ' +
  '`sysctl -w net.ipv4.ping_group_range="0 2147483647"`, or install iputils-ping'

const runPing = async (spec: IcmpSpec, address: Address): Promise<string> => {
  const { default: ping } = await import('ping')
  const { output } = await ping.promise.probe(address.text, {
    v6: address.family === 6,
    min_reply: spec.count,
    timeout: Math.ceil(spec.packetTimeoutSeconds),
    packetSize: spec.sizeBytes,
    extra: ['-i', String(Math.max(leastIntervalSeconds, spec.intervalSeconds))],
  })
  return output
}

const judgeOutput = (spec: IcmpSpec, address: Address, output: string): Outcome<IcmpFacts> => {
  const { isDenied, ...read } = readPingOutput(output, spec.packetTimeoutSeconds)
  if (isDenied) return unknown('permission', remedy)
  return judge({
    ...read,
    method: 'ping',
    remoteAddress: address.text,
    packetTimeoutSeconds: spec.packetTimeoutSeconds,
    isOverflowed: false,
  })
}

/** The program is not there, or may not be run; of the first the package says no more than a sentence. */
const isNotRunnable = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message.startsWith('ping.probe:') || ('syscall' in error && error.syscall === 'spawn'))

/** A child that was started runs to its own end. */
const pingByCommand = async (spec: IcmpSpec, address: Address): Promise<Outcome<IcmpFacts>> => {
  try {
    return judgeOutput(spec, address, await runPing(spec, address))
  } catch (error) {
    if (isNotRunnable(error)) return unknown('permission', remedy)
    throw error
  }
}

const deniedCodes: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'ENOSYS', 'EPROTONOSUPPORT'])

/** Pings one address where we may not open a socket: by the system's `ping`, unless that cannot have one either. */
export const withoutSocket = (
  { code }: Refused,
  spec: IcmpSpec,
  address: Address,
): Promise<Outcome<IcmpFacts>> =>
  deniedCodes.has(code)
    ? pingByCommand(spec, address)
    : Promise.resolve(unknown('resource', `no ICMP socket for IPv${address.family}: ${code}`))

/** Whether the system's `ping` is there and may send. */
export const isPingUsable = (): boolean =>
  spawnSync('ping', ['-n', '-c', '1', '-W', '1', '127.0.0.1'], { stdio: 'ignore', timeout: 3000 }).status ===
  0

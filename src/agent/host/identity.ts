import { createHmac } from 'node:crypto'
import { type Distribution, readDistribution } from './distribution.ts'
import type { Machine } from './machine.ts'
import { textOf } from './texts.ts'

export interface HostIdentity {
  readonly hostname: string
  /** Stands for the machine id, which itself is not to be shown (machine-id(5)). */
  readonly machine?: string
  readonly distribution: Distribution
}

const machineOf = (machineId: string): string =>
  createHmac('sha256', machineId).update('yiwang host evidence').digest('hex').slice(0, 32)

/** Which machine was looked at. */
export const readIdentity = async (machine: Machine): Promise<HostIdentity> => {
  const machineId = textOf(await machine.read('/etc/machine-id')).trim()
  return {
    hostname:
      textOf(await machine.read('/etc/hostname'))
        .trim()
        .slice(0, 253) || 'unknown',
    ...(/^[0-9a-f]{32}$/u.test(machineId) && { machine: machineOf(machineId) }),
    distribution: await readDistribution(machine),
  }
}

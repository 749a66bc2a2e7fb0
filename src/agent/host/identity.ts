import { createHmac } from 'node:crypto'
import type { HostIdentity } from '../../core/host-evidence.ts'
import { readDistribution } from './distribution.ts'
import type { Machine } from './machine.ts'
import { textOf } from './texts.ts'

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

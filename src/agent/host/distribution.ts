import { parseOsRelease } from '../../../probes/host/os-release.ts'
import type { Distribution } from '../../core/host-evidence.ts'
import type { Machine } from './machine.ts'
import { firstThere, textOf } from './texts.ts'

const metIds = new Set(['debian'])

const packagesOf = async (machine: Machine): Promise<Distribution['packages']> => {
  if ((await machine.state('/var/lib/dpkg/status')) !== undefined) return 'dpkg'
  const databases = ['/var/lib/rpm', '/usr/lib/sysimage/rpm']
  const states = await Promise.all(databases.map(machine.state))
  return states.some((state) => state !== undefined) ? 'rpm' : 'unknown'
}

/** Which system lies under the root (os-release(5)). */
export const readDistribution = async (machine: Machine): Promise<Distribution> => {
  const release = parseOsRelease(
    textOf(await firstThere(machine, ['/etc/os-release', '/usr/lib/os-release'])),
  )
  const id = (release.get('ID') ?? 'unknown').slice(0, 60)
  return {
    id,
    version: (release.get('VERSION_ID') ?? '').slice(0, 60),
    name: (release.get('PRETTY_NAME') ?? id).slice(0, 200),
    packages: await packagesOf(machine),
    isMet: metIds.has(id),
  }
}

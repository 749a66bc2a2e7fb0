import { access } from 'node:fs/promises'
import { arch, hostname, release, uptime } from 'node:os'
import { bounded } from '../net/text.ts'
import type { IdentityFacts } from './facts.ts'
import { parseOsRelease } from './os-release.ts'
import { tryNames, tryText } from './read.ts'

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** Debian's mark for updates that need a restart; other systems have none, and their kernels tell. */
const readRebootRequired = async (): Promise<boolean | undefined> => {
  if (await exists('/run/reboot-required')) return true
  return (await exists('/var/lib/dpkg/status')) ? false : undefined
}

/** Which system this is and since when it runs. */
export const readIdentity = async (): Promise<IdentityFacts> => {
  const osRelease = parseOsRelease((await tryText('/etc/os-release')) ?? '')
  const rebootRequired = await readRebootRequired()
  const systemVersion = osRelease.get('VERSION_ID')
  return {
    hostname: bounded(hostname(), 253),
    system: osRelease.get('PRETTY_NAME') ?? 'Linux',
    systemId: osRelease.get('ID') ?? 'linux',
    ...(systemVersion !== undefined && { systemVersion }),
    kernel: bounded(release(), 200),
    installedKernels: (await tryNames('/lib/modules', 20)).map((name) => bounded(name, 200)),
    architecture: arch(),
    uptimeSeconds: uptime(),
    ...(rebootRequired !== undefined && { rebootRequired }),
  }
}

import { createHash } from 'node:crypto'
import process from 'node:process'
import type { CheckResult, HostEvidence } from '../../core/host-evidence.ts'
import type { Family } from './check.ts'
import { accounts } from './families/accounts.ts'
import { apache } from './families/apache.ts'
import { audit } from './families/audit.ts'
import { backups } from './families/backups.ts'
import { confinement } from './families/confinement.ts'
import { databases } from './families/databases.ts'
import { files } from './families/files.ts'
import { firewall } from './families/firewall.ts'
import { integrity } from './families/integrity.ts'
import { kernel } from './families/kernel.ts'
import { listening } from './families/listening.ts'
import { logging } from './families/logging.ts'
import { malware } from './families/malware.ts'
import { mariadb } from './families/mariadb.ts'
import { nginx } from './families/nginx.ts'
import { packages } from './families/packages.ts'
import { passwords } from './families/passwords.ts'
import { privileges } from './families/privileges.ts'
import { remoteLogin } from './families/remote-login.ts'
import { schedules } from './families/schedules.ts'
import { services } from './families/services.ts'
import { sessions } from './families/sessions.ts'
import { storage } from './families/storage.ts'
import { upkeep } from './families/upkeep.ts'
import { readIdentity } from './identity.ts'
import type { Machine } from './machine.ts'

export type { CheckText, Family } from './check.ts'
export { liveSystem } from './live-system.ts'
export type { LiveSystem, Machine } from './machine.ts'
export { rootFolder } from './root-folder.ts'

/** Every family of checks, in the order in which they are shown. */
export const families: readonly Family[] = [
  accounts,
  passwords,
  remoteLogin,
  sessions,
  privileges,
  services,
  listening,
  firewall,
  files,
  schedules,
  kernel,
  confinement,
  integrity,
  audit,
  logging,
  upkeep,
  malware,
  packages,
  storage,
  backups,
  databases,
  mariadb,
  nginx,
  apache,
]

/** Changes with any word of any check: evidence says by which catalogue it was judged. */
export const catalogueDigest = (): string =>
  createHash('sha256')
    .update(JSON.stringify(families.map(({ name, checks }) => [name, checks])))
    .digest('hex')

/** Runs the checks of some families, one family after the other: the machine has better things to do. */
export const collectHostEvidence = async (
  machine: Machine,
  version: string,
  wanted: readonly Family[] = families,
): Promise<HostEvidence> => {
  const results: CheckResult[] = []
  for (const family of wanted) results.push(...(await family.run(machine)))
  return {
    format: 'yiwang-host-evidence/1',
    version,
    catalogueDigest: catalogueDigest(),
    collectedAt: new Date(machine.now).toISOString(),
    from: machine.live === undefined ? 'folder' : 'live',
    asRoot: process.geteuid?.() === 0,
    host: await readIdentity(machine),
    results,
  }
}

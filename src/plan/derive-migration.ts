import { isIP } from 'node:net'
import type { Migration, MigrationState } from '../../inventory/migration/index.ts'
import type { System } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Problem } from '../core/fault.ts'
import { type EndpointProbe, readEndpoint } from './endpoint.ts'
import { migrationTarget, vantageOf } from './targets.ts'
import type { Derived, Wish } from './wish.ts'

/** Which places of a system are looked at: the old one is then to be silent. */
export interface Sides {
  readonly old: boolean
  readonly new: boolean
}

export const bothSides: Sides = { old: true, new: true }

const served: ReadonlySet<MigrationState> = new Set(['trial', 'cutover', 'accepted'])
const silenced: ReadonlySet<MigrationState> = new Set(['accepted', 'decommissioned', 'merged'])

/** The new place from its trial until the move is over; the old one from acceptance on, and for good. */
export const sidesToLookAt = (state: MigrationState): Sides => ({
  old: silenced.has(state),
  new: served.has(state),
})

/** Everything that must be silent at an old endpoint, by address: a name goes with the system to its new place. */
const silenceOf = (text: string): readonly EndpointProbe[] => {
  const reading = readEndpoint(text)
  if (typeof reading === 'string') return []
  return reading
    .filter(({ options }) => isIP(String(options['address'])) > 0)
    .flatMap((probe): readonly EndpointProbe[] => {
      const { address, port, scheme } = probe.options
      if (probe.kind === 'icmp' || probe.kind === 'tls') return probe.kind === 'icmp' ? [probe] : []
      const number = Number(port ?? (scheme === 'https' ? 443 : 80))
      const host = String(address)
      const place = `${host.includes(':') ? `[${host}]` : host}:${number}`
      const knock = { kind: 'tcp', options: { address, port: number }, discriminator: place }
      return probe.kind === 'dns' ? [knock, probe] : [knock]
    })
}

interface Place {
  readonly side: 'old' | 'new'
  readonly field: 'oldEndpoints' | 'newEndpoints'
  readonly read: (text: string) => readonly EndpointProbe[] | string
}

const oldPlace: Place = { side: 'old', field: 'oldEndpoints', read: silenceOf }
const newPlace: Place = {
  side: 'new',
  field: 'newEndpoints',
  // Of one host and path there may be a look with TLS and one without.
  read: (text) => {
    const reading = readEndpoint(text)
    const scheme = text.slice(0, text.indexOf(':') + 1)
    return typeof reading === 'string'
      ? reading
      : reading.map((probe) => ({ ...probe, discriminator: `${scheme}${probe.discriminator}` }))
  },
}

const deriveSide = (migration: Migration, system: System, inventory: Inventory, place: Place): Derived => {
  const { side, field, read } = place
  const target = migrationTarget(system, side, inventory)
  const problems: Problem[] = []
  const wishes = migration[field].flatMap((text, index) => {
    const where = `migration/${migration.id}.${field}[${index}]`
    const reading = read(text)
    if (typeof reading === 'string') {
      problems.push({ where, message: reading })
      return []
    }
    return reading.map((probe): Wish => ({
      where,
      target,
      vantage: vantageOf(system.areas),
      expect: side === 'old' ? 'unreachable' : 'reachable',
      ...(side === 'old' && { control: migration.control }),
      ...probe,
      isPinned: true,
    }))
  })
  return { targets: wishes.length > 0 ? [target] : [], wishes, problems }
}

/** What is looked at of a system that moves. Its record's id is that of the system. */
export const deriveMigration = (migration: Migration, inventory: Inventory, sides: Sides): Derived => {
  const system = inventory.system.get(migration.id)
  if (system === undefined) {
    const message = `expected the id of a system, got ${JSON.stringify(migration.id)}`
    return { targets: [], wishes: [], problems: [{ where: `migration/${migration.id}.id`, message }] }
  }
  const parts = [oldPlace, newPlace]
    .filter(({ side }) => sides[side])
    .map((place) => deriveSide(migration, system, inventory, place))
  return {
    targets: parts.flatMap(({ targets }) => targets),
    wishes: parts.flatMap(({ wishes }) => wishes),
    problems: parts.flatMap(({ problems }) => problems),
  }
}

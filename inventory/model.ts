import { z } from 'zod'
import { areas, levels } from '../src/core/target.ts'
import { bulletin } from './bulletin.ts'
import { cidr, id, name, publicKey, regionCode, remark, sha256 } from './fields.ts'
import { ledgerCollections } from './ledger/records.ts'
import { cloud, migration, readiness, wave } from './migration/model.ts'
import { assessment, asset, remediation, waiver } from './mlps/assessment.ts'
import { duty, exception, maintenance } from './security/model.ts'

export { cidr, id, maxIdLength, regionCode } from './fields.ts'

/**
 * The records of the inventory. Field names are English, `label` metadata is the Chinese header
 * of tables, spreadsheets and reports; `z.strictObject` refuses what is not here.
 */

const ipAddress = z.union([z.ipv4(), z.ipv6()])
const hostName = z
  .string()
  .max(253)
  .regex(
    /^(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/u,
    'expected a host name or an IP address',
  )
export const address = z.union([ipAddress, hostName])

const port = z.int().min(1).max(65535)
/** RFC 3411: five to thirty-two octets. */
const engineId = z.string().regex(/^([0-9a-fA-F]{2}){5,32}$/u, 'expected 10 to 64 hexadecimal digits')

/** A probe that is asked for by hand, beside those that the plan derives by itself. */
export const probeRequest = z.strictObject({
  kind: z.string().min(1),
  /** Options of the kind, without the address where the record's own is meant. */
  options: z.record(z.string(), z.unknown()).default({}),
  intervalSeconds: z.number().min(1).max(86_400).optional(),
  /** From where; default: `public`. */
  vantage: z.enum(areas).optional(),
  /** `unreachable` turns the judgement round: this must not answer from that vantage. */
  expect: z.enum(['reachable', 'unreachable']).default('reachable'),
  /** The same look from these areas must not be answered: the other side of a segmentation. */
  unreachableFrom: z.array(z.enum(areas)).max(areas.length).optional(),
  /**
   * Node, system or device that must answer the agent of such a look, or its silence proves nothing;
   * default: anything else that answers it.
   */
  control: id.optional(),
})

export const uplinkKinds = ['line', 'vpn'] as const
export const uplink = z.strictObject({
  id,
  kind: z.enum(uplinkKinds),
  /** Node above. */
  to: id,
  operator: z.string().max(60).optional(),
  circuit: z.string().max(60).optional(),
  bandwidthMbps: z.number().positive().optional(),
  /** Address at the line's far end that shows whether this line works; probed by ICMP. */
  address: address.optional(),
})

export const region = z.strictObject({
  id: regionCode,
  name,
  level: z.enum(levels),
  parent: regionCode.optional(),
  /** Farm, park, development zone …: a unit of statistics, no township; outside the coverage denominator. */
  statisticalOnly: z.boolean().default(false),
  /** Number of villages and neighbourhoods. */
  villages: z.int().min(0).optional(),
  remark: remark.optional(),
})

/** `group`: several units under one name, as plans address them (各县区人民政府). */
export const unitKinds = ['department', 'hall', 'room', 'government', 'group'] as const
export const unit = z.strictObject({
  id,
  name,
  kind: z.enum(unitKinds),
  region: regionCode,
  parent: id.optional(),
  contacts: z.array(id).default([]),
  remark: remark.optional(),
})

export const nodeKinds = ['department', 'hall', 'room', 'cloud', 'access'] as const
export const accessClasses = ['A', 'B', 'C', 'D', 'E', 'F'] as const
export const node = z.strictObject({
  id,
  name,
  region: regionCode,
  level: z.enum(levels),
  kind: z.enum(nodeKinds),
  unit: id.optional(),
  areas: z.array(z.enum(areas)).default(['public']),
  /** DB34/T 3607-2020: A public area only … F inside a campus network. */
  accessClass: z.enum(accessClasses).optional(),
  addresses: z.array(address).default([]),
  uplinks: z.array(uplink).default([]),
  contacts: z.array(id).default([]),
  probes: z.array(probeRequest).default([]),
  /** Planned nodes are listed but not probed. */
  state: z.enum(['planned', 'active', 'retired']).default('active'),
  remark: remark.optional(),
})

const isOpen = (secret: boolean): boolean => !secret

export const systemKinds = ['website', 'application', 'platform', 'database', 'other'] as const
export const system = z.strictObject({
  id,
  name,
  unit: id.optional(),
  region: regionCode,
  kind: z.enum(systemKinds),
  /** Node where it stands. */
  node: id.optional(),
  /** `https://…`, `http://…`, `tcp://host:port`, `dns://server/name`: what the plan probes. */
  endpoints: z.array(z.string().min(1).max(500)).default([]),
  /** There to be refused: a list that says of a system that it is secret does not get in. */
  secret: z
    .boolean()
    .refine(isOpen, 'secret systems (涉密) are not kept here: take the record out of the file')
    .optional(),
  areas: z.array(z.enum(areas)).default(['public']),
  contacts: z.array(id).default([]),
  probes: z.array(probeRequest).default([]),
  state: z.enum(['planned', 'active', 'retired']).default('active'),
  remark: remark.optional(),
})

export const deviceRoles = ['router', 'switch', 'firewall', 'vpn', 'server', 'other'] as const
export const device = z.strictObject({
  id,
  name,
  role: z.enum(deviceRoles),
  node: id,
  address,
  vendor: z.string().max(60).optional(),
  model: z.string().max(60).optional(),
  /** Absent: not polled by SNMP. `credential` is a name; the secret is the agent's. */
  snmp: z
    .strictObject({
      credential: id,
      port: port.default(161),
      /** SNMPv3 engine id of its traps in hexadecimal, where that is another than the one that answers at the port. */
      engineId: engineId.optional(),
    })
    .optional(),
  contacts: z.array(id).default([]),
  probes: z.array(probeRequest).default([]),
  state: z.enum(['planned', 'active', 'retired']).default('active'),
  remark: remark.optional(),
})

/** Addresses that belong together; `scan` is the one thing that authorises looking around in them. */
export const network = z.strictObject({
  id,
  name,
  cidr,
  area: z.enum(areas).default('public'),
  unit: id.optional(),
  region: regionCode.optional(),
  /** Whether yiwang may scan ports and discover devices in it. */
  scan: z.boolean().default(false),
  remark: remark.optional(),
})

export const contact = z.strictObject({
  id,
  name,
  organisation: z.string().max(100).optional(),
  /** Called for what. */
  duty: z.string().max(100).optional(),
  phone: z.string().max(40).optional(),
  /** An operator's hotline rather than a person. */
  hotline: z.boolean().default(false),
  remark: remark.optional(),
})

/** One agent that the collector knows. Keys are kept as SHA-256 only. */
export const agent = z.strictObject({
  id,
  vantage: z.enum(areas).default('public'),
  /** Region codes whose targets it probes; none: all. */
  regions: z.array(regionCode).default([]),
  state: z.enum(['invited', 'active', 'revoked']),
  /** SHA-256 (hex) of the invitation or of the key in force. */
  keyHash: z.string().regex(/^[0-9a-f]{64}$/u),
  /** The key before rotation, still taken until the agent uses the new one. */
  previousKeyHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .optional(),
  /** ISO 8601; an invitation is refused after it. */
  invitationExpiresAt: z.iso.datetime().optional(),
  /** What its evidence is signed with; sent by the agent itself, once. */
  signingKey: publicKey.optional(),
  /** Node, system or device that the machine is on which it runs. */
  target: id.optional(),
  remark: remark.optional(),
})

/** A key that signs evidence on hosts without an agent: its private half is carried there by a person. */
export const signer = z.strictObject({
  id,
  name: name.optional(),
  publicKey,
  /** What a revoked key signed is not believed any more, whenever that was. */
  state: z.enum(['active', 'revoked']).default('active'),
  remark: remark.optional(),
})

/** Host evidence that a person brought: a signed document among the attachments. Its id is the document's hash. */
export const evidence = z.strictObject({
  id: sha256,
  bytes: z.int().min(1),
  /** Name of the key that signed it. */
  key: z.string().regex(/^[0-9a-f]{32}$/u),
  hostname: z.string().max(253),
  /** Stands for the machine id of the host. */
  machine: z.string().max(64).optional(),
  /** Node, system or device that the host is. */
  target: id.optional(),
  collectedAt: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  remark: remark.optional(),
})

/** The one list of collections; store, commands, import and export are derived from it. */
export const collections = {
  region,
  unit,
  node,
  system,
  device,
  network,
  contact,
  agent,
  signer,
  evidence,
  assessment,
  asset,
  waiver,
  remediation,
  ...ledgerCollections,
  cloud,
  wave,
  migration,
  readiness,
  bulletin,
  maintenance,
  exception,
  duty,
} as const
export type Collection = keyof typeof collections
export const collectionNames = Object.keys(collections) as readonly Collection[]

export type Region = z.output<typeof region>
export type Unit = z.output<typeof unit>
export type Uplink = z.output<typeof uplink>
export type Node = z.output<typeof node>
export type System = z.output<typeof system>
export type Device = z.output<typeof device>
export type Network = z.output<typeof network>
export type Contact = z.output<typeof contact>
export type Agent = z.output<typeof agent>
export type Signer = z.output<typeof signer>
export type Evidence = z.output<typeof evidence>
export type ProbeRequest = z.output<typeof probeRequest>

export type RecordOf<C extends Collection> = z.output<(typeof collections)[C]>
export type InputOf<C extends Collection> = z.input<(typeof collections)[C]>

import type { InterfaceDesign } from '../service.ts'

/** BER tags of the types that a MIB is made of (RFC 2578 §7.1, RFC 3417 §8). */
export const tag = {
  integer: 2,
  octetString: 4,
  objectIdentifier: 6,
  counter32: 65,
  gauge32: 66,
  timeTicks: 67,
  counter64: 70,
} as const
type Tag = (typeof tag)[keyof typeof tag]

/** An object as the library takes it: integers as numbers, octets and 64-bit counters as buffers. */
export type Value = number | string | Buffer

export interface Scalar {
  readonly name: string
  readonly oid: string
  readonly type: Tag
  readonly read: (elapsedSeconds: number) => Value
}

/** A port as it is now. */
export interface Port extends InterfaceDesign {
  readonly index: number
  /** For how long it has carried traffic. */
  readonly upSeconds: number
}

export interface Column {
  readonly number: number
  readonly name: string
  readonly type: Tag
  readonly read: (port: Port) => Value
}

export interface Table {
  readonly name: string
  readonly oid: string
  /** Table whose rows this one widens (AUGMENTS). */
  readonly augments?: string
  readonly columns: readonly Column[]
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8')

const counter32 = (value: number): number => Math.floor(value) % 2 ** 32

const counter64 = (value: number): Buffer => {
  const octets = Buffer.alloc(8)
  octets.writeBigUInt64BE(BigInt(Math.floor(value)))
  return octets
}

/** RFC 2863: up(1), down(2). */
const upDown = (isUp: boolean): number => (isUp ? 1 : 2)

/** RFC 3418 system group, and ifNumber. */
export const systemGroup = (name: string, interfaces: number): readonly Scalar[] => {
  const system = '1.3.6.1.2.1.1'
  const constant = (value: Value) => (): Value => value
  return [
    {
      name: 'sysDescr',
      oid: `${system}.1`,
      type: tag.octetString,
      read: constant(text('yiwang simulator (模拟设备)')),
    },
    { name: 'sysObjectID', oid: `${system}.2`, type: tag.objectIdentifier, read: constant('1.3.6.1.4.1.0') },
    {
      name: 'sysUpTime',
      oid: `${system}.3`,
      type: tag.timeTicks,
      read: (seconds) => counter32(seconds * 100),
    },
    { name: 'sysContact', oid: `${system}.4`, type: tag.octetString, read: constant(text('模拟')) },
    { name: 'sysName', oid: `${system}.5`, type: tag.octetString, read: constant(text(name)) },
    {
      name: 'sysLocation',
      oid: `${system}.6`,
      type: tag.octetString,
      read: constant(text('127.0.0.0/8（模拟）')),
    },
    { name: 'ifNumber', oid: '1.3.6.1.2.1.2.1', type: tag.integer, read: constant(interfaces) },
  ]
}

const inOctets = ({ inOctetsPerSecond, upSeconds }: Port): number => inOctetsPerSecond * upSeconds
const outOctets = ({ outOctetsPerSecond, upSeconds }: Port): number => outOctetsPerSecond * upSeconds
const inErrors = ({ inErrorsPerHour, upSeconds }: Port): number => (inErrorsPerHour * upSeconds) / 3600

/** Octets a packet, on the average of what passes. */
const packetOctets = 600
const ethernetCsmacd = 6
const maxGauge32 = 2 ** 32 - 1

const ifTable: Table = {
  name: 'ifTable',
  oid: '1.3.6.1.2.1.2.2.1',
  columns: [
    { number: 1, name: 'ifIndex', type: tag.integer, read: ({ index }) => index },
    { number: 2, name: 'ifDescr', type: tag.octetString, read: ({ name }) => text(name) },
    { number: 3, name: 'ifType', type: tag.integer, read: () => ethernetCsmacd },
    { number: 4, name: 'ifMtu', type: tag.integer, read: () => 1500 },
    {
      number: 5,
      name: 'ifSpeed',
      type: tag.gauge32,
      read: ({ speedMbps }) => Math.min(speedMbps * 1e6, maxGauge32),
    },
    { number: 7, name: 'ifAdminStatus', type: tag.integer, read: ({ adminUp }) => upDown(adminUp) },
    { number: 8, name: 'ifOperStatus', type: tag.integer, read: ({ operUp }) => upDown(operUp) },
    {
      number: 10,
      name: 'ifInOctets',
      type: tag.counter32,
      read: (port) => counter32(inOctets(port)),
    },
    {
      number: 11,
      name: 'ifInUcastPkts',
      type: tag.counter32,
      read: (port) => counter32(inOctets(port) / packetOctets),
    },
    { number: 13, name: 'ifInDiscards', type: tag.counter32, read: () => 0 },
    {
      number: 14,
      name: 'ifInErrors',
      type: tag.counter32,
      read: (port) => counter32(inErrors(port)),
    },
    {
      number: 16,
      name: 'ifOutOctets',
      type: tag.counter32,
      read: (port) => counter32(outOctets(port)),
    },
    {
      number: 17,
      name: 'ifOutUcastPkts',
      type: tag.counter32,
      read: (port) => counter32(outOctets(port) / packetOctets),
    },
    { number: 19, name: 'ifOutDiscards', type: tag.counter32, read: () => 0 },
    { number: 20, name: 'ifOutErrors', type: tag.counter32, read: () => 0 },
  ],
}

const ifXTable: Table = {
  name: 'ifXTable',
  oid: '1.3.6.1.2.1.31.1.1.1',
  augments: 'ifTable',
  columns: [
    { number: 1, name: 'ifName', type: tag.octetString, read: ({ name }) => text(name) },
    {
      number: 6,
      name: 'ifHCInOctets',
      type: tag.counter64,
      read: (port) => counter64(inOctets(port)),
    },
    {
      number: 10,
      name: 'ifHCOutOctets',
      type: tag.counter64,
      read: (port) => counter64(outOctets(port)),
    },
    { number: 15, name: 'ifHighSpeed', type: tag.gauge32, read: ({ speedMbps }) => speedMbps },
    { number: 18, name: 'ifAlias', type: tag.octetString, read: ({ alias }) => text(alias) },
  ],
}

/** RFC 2863 interfaces, counted from 1; `ifTable` before what augments it. */
export const interfaceTables: readonly Table[] = [ifTable, ifXTable]

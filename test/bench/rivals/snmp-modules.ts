/**
 * Modules of snmp_exporter 0.21 against the suites' snmpd: `if_mib` as it comes (the whole ifTable and ifXTable),
 * and `interfaces`, the columns that the probe `snmp` reads and no others; `_v3` is the same by authPriv.
 */

const entry = { if: '1.3.6.1.2.1.2.2.1', ifX: '1.3.6.1.2.1.31.1.1.1' } as const

type Column = readonly [name: string, table: keyof typeof entry, number: number, type: string]

const read: readonly Column[] = [
  ['ifAdminStatus', 'if', 7, 'gauge'],
  ['ifOperStatus', 'if', 8, 'gauge'],
  ['ifInDiscards', 'if', 13, 'counter'],
  ['ifInErrors', 'if', 14, 'counter'],
  ['ifOutDiscards', 'if', 19, 'counter'],
  ['ifOutErrors', 'if', 20, 'counter'],
  ['ifHCInOctets', 'ifX', 6, 'counter'],
  ['ifHCOutOctets', 'ifX', 10, 'counter'],
  ['ifHighSpeed', 'ifX', 15, 'gauge'],
]

const others: readonly Column[] = [
  ['ifIndex', 'if', 1, 'gauge'],
  ['ifType', 'if', 3, 'gauge'],
  ['ifMtu', 'if', 4, 'gauge'],
  ['ifSpeed', 'if', 5, 'gauge'],
  ['ifPhysAddress', 'if', 6, 'PhysAddress48'],
  ['ifLastChange', 'if', 9, 'gauge'],
  ['ifInOctets', 'if', 10, 'counter'],
  ['ifInUcastPkts', 'if', 11, 'counter'],
  ['ifInNUcastPkts', 'if', 12, 'counter'],
  ['ifInUnknownProtos', 'if', 15, 'counter'],
  ['ifOutOctets', 'if', 16, 'counter'],
  ['ifOutUcastPkts', 'if', 17, 'counter'],
  ['ifOutNUcastPkts', 'if', 18, 'counter'],
  ['ifOutQLen', 'if', 21, 'gauge'],
  ['ifInMulticastPkts', 'ifX', 2, 'counter'],
  ['ifInBroadcastPkts', 'ifX', 3, 'counter'],
  ['ifOutMulticastPkts', 'ifX', 4, 'counter'],
  ['ifOutBroadcastPkts', 'ifX', 5, 'counter'],
  ['ifHCInUcastPkts', 'ifX', 7, 'counter'],
  ['ifHCInMulticastPkts', 'ifX', 8, 'counter'],
  ['ifHCInBroadcastPkts', 'ifX', 9, 'counter'],
  ['ifHCOutUcastPkts', 'ifX', 11, 'counter'],
  ['ifHCOutMulticastPkts', 'ifX', 12, 'counter'],
  ['ifHCOutBroadcastPkts', 'ifX', 13, 'counter'],
  ['ifLinkUpDownTrapEnable', 'ifX', 14, 'gauge'],
  ['ifPromiscuousMode', 'ifX', 16, 'gauge'],
  ['ifConnectorPresent', 'ifX', 17, 'gauge'],
  ['ifCounterDiscontinuityTime', 'ifX', 19, 'gauge'],
]

const labels = [
  ['ifName', 1],
  ['ifAlias', 18],
] as const

const metric = ([name, table, number, type]: Column): object => ({
  name,
  type,
  oid: `${entry[table]}.${number}`,
  help: name,
  indexes: [{ labelname: 'ifIndex', type: 'gauge' }],
  lookups: labels.map(([labelname, column]) => ({
    labels: ['ifIndex'],
    labelname,
    oid: `${entry.ifX}.${column}`,
    type: 'DisplayString',
  })),
})

const uptime = { name: 'sysUpTime', type: 'gauge', oid: '1.3.6.1.2.1.1.3', help: 'sysUpTime' }

const community = { version: 2, auth: { community: 'read-only-word' } }
const user = {
  version: 3,
  auth: {
    security_level: 'authPriv',
    username: 'sha1user',
    password: 'authentication-1',
    auth_protocol: 'SHA',
    priv_protocol: 'AES',
    priv_password: 'encryption-1',
  },
}

const moduleOf = (walk: readonly string[], columns: readonly Column[], access: object): object => ({
  walk,
  get: ['1.3.6.1.2.1.1.3.0'],
  metrics: [uptime, ...columns.map(metric)],
  max_repetitions: 25,
  ...access,
})

const tables = ['1.3.6.1.2.1.2', '1.3.6.1.2.1.31.1.1']
const columnsRead = [
  ...read.map(([, table, number]) => `${entry[table]}.${number}`),
  ...labels.map(([, column]) => `${entry.ifX}.${column}`),
]

/** JSON, which is YAML. */
export const snmpModules = JSON.stringify({
  if_mib: moduleOf(tables, [...read, ...others], community),
  if_mib_v3: moduleOf(tables, [...read, ...others], user),
  interfaces: moduleOf(columnsRead, read, community),
  interfaces_v3: moduleOf(columnsRead, read, user),
})

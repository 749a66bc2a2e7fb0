import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import snmp, { type Agent } from 'net-snmp'
import type { Credential } from '../../src/core/credential.ts'
import type { ProbeContext } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { freeUdpPort } from '../support/peers.ts'

export const credentials: Readonly<Record<string, Credential>> = {
  community: { kind: 'snmp-community', community: 'read-only-word' },
  wrongCommunity: { kind: 'snmp-community', community: 'another-word' },
  sha1: user('sha1user', 'sha1', 'authentication-1', 'encryption-1'),
  sha256: user('sha256user', 'sha256', 'authentication-2', 'encryption-2'),
  unknownUser: user('nobody', 'sha256', 'authentication-2', 'encryption-2'),
  wrongAuthPassword: user('sha256user', 'sha256', 'authentication-X', 'encryption-2'),
  wrongAuthProtocol: user('sha256user', 'sha1', 'authentication-2', 'encryption-2'),
  wrongPrivPassword: user('sha256user', 'sha256', 'authentication-2', 'encryption-X'),
  bearer: { kind: 'bearer', token: 'bearer-word' },
}

function user(
  name: string,
  authProtocol: 'sha1' | 'sha256',
  authPassword: string,
  privPassword: string,
): Credential {
  return { kind: 'snmp-user', user: name, authProtocol, authPassword, privProtocol: 'aes128', privPassword }
}

/** Every secret of the credentials above: none of them may be seen anywhere. */
export const secrets: readonly string[] = Object.values(credentials).flatMap((credential) =>
  'community' in credential
    ? [credential.community]
    : 'token' in credential
      ? [credential.token]
      : 'authPassword' in credential
        ? [credential.authPassword, credential.privPassword]
        : [],
)

export const snmpContext = (overrides: Partial<ProbeContext> = {}): ProbeContext =>
  probeContext({ credential: (name) => credentials[name], ...overrides })

export interface LibraryAgent extends Disposable {
  readonly port: number
  readonly mib: ReturnType<Agent['getMib']>
}

const accepted = { auth: { sha1: snmp.AuthProtocols.sha, sha256: snmp.AuthProtocols.sha256 } }

const allow = (agent: Agent): void => {
  const authorizer = agent.getAuthorizer()
  authorizer.addCommunity('read-only-word')
  authorizer.addCommunity('public')
  for (const credential of [credentials['sha1'], credentials['sha256']])
    if (credential?.kind === 'snmp-user')
      authorizer.addUser({
        name: credential.user,
        level: snmp.SecurityLevel.authPriv,
        authProtocol: accepted.auth[credential.authProtocol],
        authKey: credential.authPassword,
        privProtocol: snmp.PrivProtocols.aes,
        privKey: credential.privPassword,
      })
}

/** An agent in this process (net-snmp's own), without any object yet. */
export const libraryAgent = async (): Promise<LibraryAgent> => {
  const port = await freeUdpPort()
  const agent = snmp.createAgent({ port, address: '127.0.0.1' }, () => undefined)
  const [socket] = Object.values(agent.listener.sockets)
  await once(socket!, 'listening')
  allow(agent)
  return { port, mib: agent.getMib(), [Symbol.dispose]: () => agent.close() }
}

const { Integer, OctetString, Counter, Gauge, TimeTicks, Counter64 } = snmp.ObjectType as Record<
  string,
  number
>
const readOnly = snmp.MaxAccess['read-only']!

type Columns = Readonly<Record<string, readonly [number: number, type: number]>>

const ifColumns: Columns = {
  index: [1, Integer!],
  descr: [2, OctetString!],
  speed: [5, Gauge!],
  adminStatus: [7, Integer!],
  operStatus: [8, Integer!],
  inOctets: [10, Counter!],
  inDiscards: [13, Counter!],
  inErrors: [14, Counter!],
  outOctets: [16, Counter!],
  outDiscards: [19, Counter!],
  outErrors: [20, Counter!],
}

const ifXColumns: Columns = {
  name: [1, OctetString!],
  hcInOctets: [6, Counter64!],
  hcOutOctets: [10, Counter64!],
  highSpeed: [15, Gauge!],
  alias: [18, OctetString!],
}

const tableColumns = (columns: Columns) =>
  Object.entries(columns).map(([name, [number, type]]) => ({ number, name, type, maxAccess: readOnly }))

const table = snmp.MibProviderType['Table']!
const scalar = snmp.MibProviderType['Scalar']!

type Value = number | string | Buffer

/** A row: values by column name; `index` is a must. A table without one of its values is not possible here. */
export type Row = Readonly<Record<string, Value>>

interface Table {
  readonly name: string
  readonly oid: string
  readonly columns: Columns
  /** Stands where a row has no value. */
  readonly missing: Value
  /** The table whose rows this one widens; absent: it has an index of its own. */
  readonly augments?: string
}

type Mib = LibraryAgent['mib']

/** Registers a table and fills it. */
const addTable = (mib: Mib, spec: Table, rows: readonly Row[]): void => {
  const { name, oid, columns, missing, augments } = spec
  mib.registerProvider({
    name,
    type: table,
    oid,
    maxAccess: snmp.MaxAccess['not-accessible']!,
    tableColumns: tableColumns(columns),
    ...(augments === undefined ? { tableIndex: [{ columnName: 'index' }] } : { tableAugments: augments }),
  })
  for (const row of rows) {
    const values = Object.keys(columns).map((column) => row[column] ?? missing)
    mib.addTableRow(name, augments === undefined ? values : [row['index'], ...values])
  }
}

export const addIfTable = (mib: Mib, rows: readonly Row[]): void =>
  addTable(mib, { name: 'ifEntry', oid: '1.3.6.1.2.1.2.2.1', columns: ifColumns, missing: 0 }, rows)

export const addIfXTable = (mib: Mib, rows: readonly Row[]): void => {
  const oid = '1.3.6.1.2.1.31.1.1.1'
  addTable(mib, { name: 'ifXEntry', oid, columns: ifXColumns, missing: '', augments: 'ifEntry' }, rows)
}

/** Of EtherLike-MIB: how the two ends have agreed. */
export const addDot3Table = (mib: Mib, rows: readonly Row[]): void => {
  const columns: Columns = { index: [1, Integer!], duplexStatus: [19, Integer!] }
  addTable(mib, { name: 'dot3StatsEntry', oid: '1.3.6.1.2.1.10.7.2.1', columns, missing: 0 }, rows)
}

export const addSystem = (
  mib: Mib,
  values: { sysDescr: string | Buffer; sysUpTime: number; sysName: string },
): void => {
  const scalars = [
    ['sysDescr', '1.3.6.1.2.1.1.1', OctetString!],
    ['sysUpTime', '1.3.6.1.2.1.1.3', TimeTicks!],
    ['sysName', '1.3.6.1.2.1.1.5', OctetString!],
  ] as const
  for (const [name, oid, scalarType] of scalars) {
    mib.registerProvider({ name, type: scalar, oid, scalarType, maxAccess: readOnly })
    mib.setScalarValue(name, values[name])
  }
}

export interface Snmpd extends AsyncDisposable {
  readonly port: number
}

const snmpdConfiguration = (port: number, community: string): string =>
  `agentaddress udp:127.0.0.1:${port},udp6:[::1]:${port}
rocommunity ${community}
rocommunity6 ${community}
createUser sha1user SHA "authentication-1" AES "encryption-1"
createUser sha256user SHA-256 "authentication-2" AES "encryption-2"
rouser sha1user priv
rouser sha256user priv
sysName kaifeng-county-1
sysDescr Lankao county router, release 8
`

/** Debian's snmpd with its own configuration, persistent folder and port, on 127.0.0.1 and ::1. */
export const startSnmpd = async (community = 'read-only-word'): Promise<Snmpd> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-snmpd-'))
  const port = await freeUdpPort()
  const file = path.join(folder, 'snmpd.conf')
  await writeFile(file, snmpdConfiguration(port, community))
  const child = spawn('/usr/sbin/snmpd', ['-f', '-C', '-c', file, '-Lo'], {
    env: { MIBS: '', MIBDIRS: folder, SNMP_PERSISTENT_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += String(chunk)
    if (output.includes('NET-SNMP version')) break
  }
  if (!output.includes('NET-SNMP version')) throw new Error(`snmpd did not start: ${output}`)
  child.stdout.resume()
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await exited
      await rm(folder, { recursive: true })
    },
  }
}
